import type { ChatMachineState } from "../../../../src/contract/inspection.ts"
import { call } from "../../api/client.ts"
import { isBusy, isResting } from "../../chats/status.ts"

/** The events that a person sends from the machine's picture. All others need words, a choice, or are the chat's own work. */

type State = Pick<ChatMachineState, "status" | "context">

export interface Sendable {
  /** On the button. */
  readonly verb: string
  readonly title: string
  /** What will happen, in sentences. */
  readonly about: (state: State) => string
  readonly danger?: boolean
  readonly send: (chat: string) => Promise<unknown>
}

const waiting = ({ context }: State): string =>
  context.queue === 0
    ? ""
    : context.queue === 1
      ? " The message that waits in the queue begins the next turn."
      : ` ${context.queue} messages wait in the queue: the first of them begins the next turn.`

const sendables: ReadonlyMap<string, Sendable> = new Map<string, Sendable>([
  [
    "Interrupt",
    {
      verb: "Stop the turn",
      title: "Stop the turn?",
      danger: true,
      about: (state) =>
        isBusy(state.status)
          ? `What was written so far is kept, and the tool calls that run are stopped.${waiting(state)}`
          : "The calls that wait for an answer are cancelled, and the model goes on without their results.",
      send: (chat) => call("interruptChat", { path: { chat }, body: {} }),
    },
  ],
  [
    "Retry",
    {
      verb: "Try again",
      title: "Try the turn again?",
      about: ({ status }) =>
        isResting(status)
          ? "The turn is done again from the last message on, by the same model. No word is added to the conversation."
          : "The next attempt is made now, and not when the wait is over.",
      send: (chat) => call("retryTurn", { path: { chat }, body: {} }),
    },
  ],
  [
    "RequestCompaction",
    {
      verb: "Compact",
      title: "Compact the conversation?",
      about: () => "The model writes a summary, which costs one call, and goes on from it. Nothing is lost to people.",
      send: (chat) => call("compactChat", { path: { chat } }),
    },
  ],
  [
    "ClearContext",
    {
      verb: "Clear the context",
      title: "Clear the model's context?",
      about: () =>
        "The model starts anew with the next message and knows nothing of what was said so far. People still see it.",
      send: (chat) => call("clearChat", { path: { chat } }),
    },
  ],
  [
    "ReconcileInvalidState",
    {
      verb: "Repair the chat",
      title: "Repair this chat?",
      danger: true,
      about: () =>
        "Its open attempt ends, its open calls are cancelled, and it becomes a chat that has failed. The conversation stays, and can be gone on with.",
      send: (chat) => call("reconcileInvalid", { path: { chat } }),
    },
  ],
])

export const sendableOf = (event: string): Sendable | undefined => sendables.get(event)

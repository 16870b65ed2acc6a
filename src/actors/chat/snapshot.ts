import { type ActorRefFrom, createActor, fromTransition } from "xstate"
import type { ToolCallId } from "../../contract/ids.ts"
import { apply } from "../../db/chats/store/commit.ts"
import type { ChatCommit } from "../../db/chats/store/commit.ts"
import type { Committed, LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import type { MessageRow, ToolCallRow } from "../../db/chats/rows.ts"
import { type ChatSnapshot, type EffectStep, effectsOf } from "../../machines/chat-state.ts"
import { machineState } from "./machine-state.ts"

/**
 * What an actor knows of its chat: the rows as they are committed, and the state of the machine that these rows are. It is the
 * snapshot of one XState actor, which moves when a commit holds and never else; everyone who has to act on a change or to tell
 * of it subscribes to that. See `docs/adr/0017-one-committed-snapshot.md`.
 */

/** A commit that has held. */
export interface CommittedChange {
  readonly commit: Omit<ChatCommit, "receipt">
  /** The message rows it wrote. */
  readonly inserted: ReadonlyArray<MessageRow>
  readonly at: Date
}

export interface CommittedChat {
  readonly rows: LoadedChat
  /** Made from the rows each time, so that an actor that goes on decides like one that has just been loaded. */
  readonly machine: ChatSnapshot
  /** The commit that led here; undefined where the rows were loaded. */
  readonly change: CommittedChange | undefined
  /** What ends and what begins with it; where the rows were loaded, what runs in their state. */
  readonly effects: ReadonlyArray<EffectStep>
}

type ChatNews =
  | {
      readonly type: "committed"
      readonly commit: ChatCommit
      readonly committed: Committed
      readonly effects: ReadonlyArray<EffectStep>
    }
  /** The row of a call was written beside the machine, for which that is no transition. */
  | { readonly type: "noted"; readonly callId: string; readonly patch: Partial<ToolCallRow> }

interface Loaded {
  readonly rows: LoadedChat
  /** Of the transition that created the chat. A chat that was loaded begins what its state says. */
  readonly effects: ReadonlyArray<EffectStep> | undefined
}

const loadedChat = ({ effects, rows }: Loaded): CommittedChat => {
  const machine = machineState(rows)
  return { rows, machine, change: undefined, effects: effects ?? effectsOf(machine) }
}

const withNote = ({ openCalls, ...rows }: LoadedChat, id: ToolCallId, patch: Partial<ToolCallRow>): LoadedChat => ({
  ...rows,
  openCalls: openCalls.map((call): ToolCallRow => (call.id === id ? { ...call, ...patch } : call)),
})

/** What XState itself sends, such as its stop, changes nothing. */
const chatLogic = fromTransition(
  (chat: CommittedChat, event: ChatNews): CommittedChat => {
    switch (event.type) {
      case "committed": {
        const { commit, committed, effects } = event
        const { state: rows, inserted } = apply(chat.rows, commit, committed)
        return { rows, machine: machineState(rows), change: { commit, inserted, at: committed.at }, effects }
      }
      case "noted":
        return { ...chat, rows: withNote(chat.rows, event.callId, event.patch) }
      default:
        return chat
    }
  },
  ({ input }: { readonly input: Loaded }) => loadedChat(input),
)

export type ChatStore = ActorRefFrom<typeof chatLogic>

/** Shows nobody anything before its `start`, and then first of all what was loaded. */
export const makeChatStore = (rows: LoadedChat, effects?: ReadonlyArray<EffectStep>) =>
  createActor(chatLogic, { input: { rows, effects } })

/**
 * Sees each commit, right after it and in the order in which they held. `before` is undefined for the rows that were loaded. What
 * it begins is waited for by nobody.
 */
export type ChatSubscriber = (now: CommittedChat, before: CommittedChat | undefined) => void

/**
 * Subscribes one who is cut off when it throws, and of whom the others hear nothing: XState would throw that again in a timer.
 *
 * @returns a function that ends the subscription
 */
export const subscribe = (store: ChatStore, see: ChatSubscriber, onThrow: (cause: unknown) => void): (() => void) => {
  let before: CommittedChat | undefined
  const { unsubscribe } = store.subscribe({
    next: ({ context: now }) => {
      const last = before
      before = now
      if (last !== undefined && last.change === now.change) return
      try {
        see(now, last)
      } catch (cause) {
        unsubscribe()
        onThrow(cause)
      }
    },
    // Whoever made the commit sees it for all of them.
    error: () => undefined,
  })
  return unsubscribe
}

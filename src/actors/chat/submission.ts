import { Effect } from "effect"
import type { ChatError } from "../../contract/chat-error.ts"
import type { QueuedMessageId, UserId } from "../../contract/ids.ts"
import type { AuditEntry } from "../../db/audit/audit-row.ts"
import type { CommandReceipt } from "../../db/chats/store/receipt.ts"
import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import type { ChatMachineEvent } from "../../machines/chat-events.ts"
import { hasTag } from "../../machines/chat-state.ts"
import { auditOf, type ChatCommand, type CommandDecider, type CommandFailure } from "./commands/chat-command.ts"
import type { CommandResult } from "./commands/command.ts"
import { type CommandError, type CommandRefused, refusalOf } from "./commands/refusals.ts"

/** What the mailbox of a chat takes, and what has become of it. Neither leaves the process: commands and their results do. */

export interface Submission<E = never> {
  /** Decided inside the mailbox, on the rows that the transition will start from. */
  readonly event: (state: LoadedChat) => Effect.Effect<ChatMachineEvent, E>
  readonly actorUserId: UserId | null
  readonly receipt: CommandReceipt | null
  /** What is written down of it, by the commit: made of the rows that the transition starts from. */
  readonly audit?: (state: LoadedChat) => AuditEntry | undefined
}

export interface Settled {
  readonly state: LoadedChat
  /** Message rows that the transition wrote. */
  readonly inserted: ReadonlyArray<MessageRow>
  /** Ids of the queued messages that it added. */
  readonly queuedIds: ReadonlyArray<QueuedMessageId>
}

export type Outcome<E = never> = Effect.Effect<Settled, E | CommandError>

/** An event of the chat's own: the result of an effect, or what its owner has for it. */
export const ownEvent = (event: ChatMachineEvent | ((state: LoadedChat) => ChatMachineEvent)): Submission => ({
  event: (state) => Effect.sync(() => (typeof event === "function" ? event(state) : event)),
  actorUserId: null,
  receipt: null,
})

/** The end of whatever the chat does or waits its turn for; refused where that is nothing. */
export const halting = (error: ChatError): Submission<CommandRefused> => ({
  event: (state) => {
    const event = { type: "FinishError", error } as const
    const { activity } = state.row
    return hasTag(activity, "working") || hasTag(activity, "waits-for-slot")
      ? Effect.succeed(event)
      : refusalOf(state, event)
  },
  actorUserId: null,
  receipt: null,
})

export const ofCommand = (decider: CommandDecider["Type"], command: ChatCommand): Submission<CommandFailure> => ({
  event: (state) => decider.decide(state, command),
  actorUserId: command.caller.userId,
  receipt: command.receipt,
  audit: (state) => auditOf(state, command),
})

export const resultOf = ({ state: { row, queue }, inserted, queuedIds }: Settled): CommandResult => ({
  version: row.snapshot_version,
  inserted,
  queued: queue.filter((queued) => queuedIds.includes(queued.id)),
})

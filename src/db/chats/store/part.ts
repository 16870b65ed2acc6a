import type { SqlClient } from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import type { ChatId, UserId } from "../../../contract/ids.ts"
import type { ChatMachineEvent } from "../../../machines/chat-events.ts"
import type { ChatChange, ChatContext } from "../../../machines/chat-setup.ts"
import type { ChatStateValue } from "../../../machines/chat-state.ts"
import type { Committed, LoadedChat } from "./loaded-chat.ts"

/** What the machine has decided. */
export interface Transition {
  readonly event: ChatMachineEvent
  readonly value: ChatStateValue
  readonly context: ChatContext
  readonly changes: ReadonlyArray<ChatChange>
  readonly actorUserId: UserId | null
  /** RFC 3339, for the parts that are made here. */
  readonly now: string
  readonly startedAtUs: number
}

/** What a commit stands on: the row as it was before. */
export interface Fenced {
  readonly chatId: ChatId
  readonly epoch: number
  /** Version before the transition. */
  readonly version: number
  /** Version of the history before the transition: the key of the parts and attempts that it ends. */
  readonly historyVersion: number
  readonly attemptBefore: number
}

/**
 * One table's share of a transition: what is to be written there, the SQL that writes it, and how the loaded rows look then. The
 * SQL selects from `fence`, which is the chat's row after its update, and sees nothing else that the statement writes: what
 * hangs on a new message takes its id from `inserted_messages`.
 */
export interface Part<Plan, Before = unknown> {
  /** Pure: it reads neither a clock nor the database. */
  readonly plan: (rows: LoadedChat, transition: Transition, before: Before) => Plan
  /** The `with` parts of the statement, `name as (...)`. */
  readonly write: (sql: SqlClient, commit: Fenced & Before & Plan) => ReadonlyArray<Fragment>
  readonly after: (rows: LoadedChat, commit: Fenced & Before & Plan, committed: Committed) => LoadedChat
}

/** The parts so far and one more, which may build on what those have planned. */
export const and =
  <Plan, Before>(part: Part<Plan, Before>) =>
  <Planned extends Before>(parts: Part<Planned>): Part<Planned & Plan> => ({
    plan: (rows, transition, before) => {
      const planned = parts.plan(rows, transition, before)
      return { ...planned, ...part.plan(rows, transition, planned) }
    },
    write: (sql, commit) => [...parts.write(sql, commit), ...part.write(sql, commit)],
    after: (rows, commit, committed) => part.after(parts.after(rows, commit, committed), commit, committed),
  })

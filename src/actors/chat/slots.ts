import type { SqlError } from "@effect/sql/SqlError"
import { Context, type Effect } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import type { Capacity } from "../../db/chats/admission.ts"
import type { ChatRow } from "../../db/chats/rows.ts"

/** A slot for the work that a commit is about to begin. */
export interface SlotGrant {
  /** The limits by which it was given; the statement of the commit holds the rows against them once more. */
  readonly limits: Capacity
}

export type SlotTaker = Pick<ChatRow, "id" | "owner_id" | "organization_id">

/** Where a chat gets its slot before the commit that begins its work. Whoever keeps the chat knows who else has one. */
export class Slots extends Context.Tag("troupe/Slots")<
  Slots,
  {
    /** A slot, if one is free and nobody waits for it. It is kept until the commit is told of, or given back. */
    readonly take: (chat: SlotTaker) => Effect.Effect<SlotGrant | undefined>
    /** The commit was not made. */
    readonly giveBack: (chatId: ChatId) => void
    /** A statement has found no room for a slot that was given here: the rows are right. */
    readonly rebuild: Effect.Effect<void, SqlError>
  }
>() {}

import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { ChatId, ServerInstanceId, OrganizationId, UserId } from "../../contract/ids.ts"
import { advisoryLocks, lockSpace } from "../engine/advisory-locks.ts"
import { jsonb } from "../engine/jsonb.ts"
import type { ChatRow } from "./rows.ts"

/** Null means unlimited. */
export interface Capacity {
  readonly deployment: number | null
  readonly perUser: number | null
  readonly perOrganization: number | null
}

/** Of a chat, what decides which limits count it. */
export interface SlotOwner {
  readonly chatId: ChatId
  readonly ownerId: UserId
  readonly organizationId: OrganizationId
}

export type StandingRow = Pick<
  ChatRow,
  "id" | "owner_id" | "organization_id" | "archived" | "holds_slot" | "waits_for_slot" | "admitted_at"
>

export class Admissions extends Context.Tag("troupe/Admissions")<
  Admissions,
  {
    /**
     * Gives slots to waiting chats of `instance`, as many as there is room for, and returns their ids.
     *
     * Slots are counted from the rows under one advisory lock, so two replicas never give the same one away. A yielded chat
     * comes before new ones; then the owner with the fewest running chats; then the longest wait. A chat that waits for
     * a person or sits in a back-off holds no slot; nor does an archived one, which has to be repaired first.
     *
     * @param reserved chats whose commits are about to take a slot, which the rows do not show yet
     */
    readonly grant: (
      instance: ServerInstanceId,
      capacity: Capacity,
      reserved: ReadonlyArray<SlotOwner>,
    ) => Effect.Effect<ReadonlyArray<ChatId>, SqlError>
    /** All chats that hold a slot or wait for one. */
    readonly standing: Effect.Effect<ReadonlyArray<StandingRow>, SqlError>
    /** Chats of `instance` that have had a slot for so long and still wait. */
    readonly forgotten: (instance: ServerInstanceId, forMs: number) => Effect.Effect<ReadonlyArray<ChatId>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    Admissions,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const grant = Effect.fn("Admissions.grant")(function* (
        instance: ServerInstanceId,
        capacity: Capacity,
        reserved: ReadonlyArray<SlotOwner>,
      ) {
        const taken = reserved.map(({ chatId, ownerId, organizationId }) => ({
          id: chatId,
          owner_id: ownerId,
          organization_id: organizationId,
        }))
        const rows = yield* sql<{ readonly id: ChatId }>`
          select grant_slots(${lockSpace}, ${advisoryLocks.admission}, ${instance}::uuid, ${capacity.deployment}::bigint,
            ${capacity.perUser}::bigint, ${capacity.perOrganization}::bigint, ${jsonb(taken)}::jsonb) as id`
        return rows.map((row) => row.id)
      })
      const forgotten = Effect.fn("Admissions.forgotten")(function* (instance: ServerInstanceId, forMs: number) {
        const rows = yield* sql<{ readonly id: ChatId }>`
          select id from chats where waits_for_slot and not archived and owner_instance = ${instance}
            and admitted_at < now() - ${forMs} * interval '1 millisecond'`
        return rows.map((row) => row.id)
      })
      const standing = sql<StandingRow>`
        select id, owner_id, organization_id, archived, holds_slot, waits_for_slot, admitted_at from chats
        where holds_slot or waits_for_slot`
      return { grant, standing, forgotten }
    }),
  )
}

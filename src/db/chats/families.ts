import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { ChatId, UserId } from "../../contract/ids.ts"
import { inTransaction } from "../engine/transaction.ts"

/** A family cannot be archived, or brought back, because of this member. */
export interface FamilyRefusal {
  readonly reason: "active" | "same"
}

/** Root and children together: what happens to one happens to all, or to none. */
export class ChatFamilies extends Context.Tag("troupe/ChatFamilies")<
  ChatFamilies,
  {
    /**
     * Archives a family or brings it back. The rows are locked in the order of their ids and their epochs are raised, so
     * that an actor that has one of them is fenced out and loads it again.
     *
     * @returns the ids of the family, or why nothing was done
     */
    readonly setArchived: (
      rootId: ChatId,
      archived: boolean,
      actorUserId: UserId,
      machineVersion: number,
    ) => Effect.Effect<ReadonlyArray<ChatId> | FamilyRefusal>
    /** Descendants of a chat that can be interrupted, parents before their children. */
    readonly workingBelow: (chatId: ChatId) => Effect.Effect<ReadonlyArray<ChatId>>
  }
>() {
  static readonly layer = Layer.effect(
    ChatFamilies,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const setArchived = (rootId: ChatId, archived: boolean, actorUserId: UserId, machineVersion: number) =>
        inTransaction(
          sql,
          Effect.gen(function* () {
            const rows = yield* sql<{ readonly id: ChatId; readonly owned: boolean; readonly archived: boolean }>`
              select id, owned, archived from chats where id = ${rootId} or root_chat_id = ${rootId}
              order by id for update`
            if (rows.some((row) => row.id === rootId && row.archived === archived)) {
              return { reason: "same" } as const
            }
            if (rows.some((row) => row.owned)) {
              return { reason: "active" } as const
            }
            const changed = rows.filter((row) => row.archived !== archived).map((row) => row.id)
            yield* sql`
              with changed as (
                update chats set archived = ${archived}, pin_order = 0, updated_at = now(), owner_epoch = owner_epoch + 1,
                  owner_instance = null, snapshot_version = snapshot_version + 1
                where ${sql.in("id", changed)}
                returning id, snapshot_version, activity, owner_epoch
              )
              insert into chat_transitions (chat_id, version, event, detail, from_activity, to_activity, actor_user_id,
                epoch, machine_version)
              select id, snapshot_version, 'SetArchived', jsonb_build_object('archived', ${archived}::boolean), activity,
                activity, ${actorUserId}::uuid, owner_epoch, ${machineVersion}
              from changed`
            return changed
          }).pipe(Effect.orDie),
        )
      const workingBelow = (chatId: ChatId) =>
        sql<{ readonly id: ChatId }>`
          with recursive below as (
            select id, owned, 1 as depth from chats where parent_chat_id = ${chatId}
            union all
            select c.id, c.owned, b.depth + 1 from chats c join below b on c.parent_chat_id = b.id
          )
          select id from below where owned order by depth, id`.pipe(
          Effect.orDie,
          Effect.map((rows) => rows.map((row) => row.id)),
        )
      return { setArchived, workingBelow }
    }),
  )
}

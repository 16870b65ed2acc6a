import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { ChatId, UserId, WorkspaceId } from "../../contract/ids.ts"
import { jsonb } from "../engine/jsonb.ts"
import { inTransaction } from "../engine/transaction.ts"

/** Attributes of a chat: plain updates by any replica, of no concern to the machine and its versions. */
export class ChatAttributes extends Context.Tag("troupe/ChatAttributes")<
  ChatAttributes,
  {
    /** False when the title was that already. Does not move `updated_at`. */
    readonly setTitle: (chatId: ChatId, title: string) => Effect.Effect<boolean>
    readonly setLabels: (chatId: ChatId, labels: Readonly<Record<string, string>>) => Effect.Effect<void>
    readonly setWorkspace: (chatId: ChatId, workspaceId: WorkspaceId | null) => Effect.Effect<void>
    /** 0 unpins. The pins of the owner are numbered anew, so that gaps and doubles heal. */
    readonly setPin: (chatId: ChatId, ownerId: UserId, order: number) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    ChatAttributes,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      /**
       * Begins a statement that changes the chat; `from owner` makes it wait for the row of its owner first. Whoever pins has
       * that before he has chats, and a deadlock would be found after a second only.
       */
      const afterOwner = (chatId: ChatId) => sql`
        with owner as materialized (
          select u.id from users u join chats c on c.owner_id = u.id where c.id = ${chatId} for no key update of u
        )`

      const setPin = (chatId: ChatId, ownerId: UserId, order: number) =>
        inTransaction(
          sql,
          Effect.gen(function* () {
            // One writer of an owner's pins at a time: each must see the numbers that the one before has given.
            yield* sql`select id from users where id = ${ownerId} for no key update`
            const rows = yield* sql<{ readonly id: ChatId; readonly pin_order: number }>`
              select id, pin_order from chats
              where owner_id = ${ownerId} and not archived and (pin_order > 0 or id = ${chatId})
              order by pin_order, id for update`
            // Archived in the meantime: there is nothing to pin.
            if (!rows.some((row) => row.id === chatId)) return
            const pinned = rows.filter((row) => row.pin_order > 0 && row.id !== chatId).map((row) => row.id)
            const wasPinned = rows.some((row) => row.id === chatId && row.pin_order > 0)
            const place = wasPinned ? Math.min(order, pinned.length + 1) - 1 : pinned.length
            const ordered = order === 0 ? pinned : pinned.toSpliced(place, 0, chatId)
            yield* sql`update chats set pin_order = 0 where id = ${chatId}`
            yield* sql`
              update chats set pin_order = o.position
              from jsonb_to_recordset(${jsonb(ordered.map((id, index) => ({ id, position: index + 1 })))}::jsonb)
                as o (id uuid, position int)
              where chats.id = o.id and chats.pin_order <> o.position`
          }).pipe(Effect.orDie),
        )

      return {
        setTitle: (chatId, title) =>
          sql`${afterOwner(chatId)}
            update chats set title = ${title} from owner
            where chats.id = ${chatId} and chats.owner_id = owner.id and title <> ${title} returning chats.id`.pipe(
            Effect.map((rows) => rows.length > 0),
            Effect.orDie,
          ),
        setLabels: (chatId, labels) =>
          sql`${afterOwner(chatId)}
            update chats set labels = ${jsonb(labels)}::jsonb, updated_at = now() from owner
            where chats.id = ${chatId} and chats.owner_id = owner.id`.pipe(Effect.asVoid, Effect.orDie),
        setWorkspace: (chatId, workspaceId) =>
          sql`update chats set workspace_id = ${workspaceId}::uuid, build_id = null, agent_id = null
            where id = ${chatId}`.pipe(Effect.asVoid, Effect.orDie),
        setPin,
      }
    }),
  )
}

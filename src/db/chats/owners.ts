import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../contract/ids.ts"

/** What becomes of chats when their owners' accounts change. */
export class ChatOwners extends Context.Tag("troupe/db/ChatOwners")<
  ChatOwners,
  {
    /** Owners of chats that have to be looked after whose accounts are suspended or deleted. */
    readonly barred: Effect.Effect<ReadonlySet<UserId>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    ChatOwners,
    Effect.map(SqlClient.SqlClient, (sql) => ({
      // From the chats on: they are few, and accounts that were ever deleted may be many.
      barred: sql<{ readonly id: UserId }>`
        select distinct u.id from chats c join users u on u.id = c.owner_id
        where c.owned and (u.deleted or u.status = 'suspended')
      `.pipe(Effect.map((rows) => new Set(rows.map(({ id }) => id)))),
    })),
  )
}

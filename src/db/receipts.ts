import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import type { CommandReceipt } from "./chat-commit.ts"

/** What a command with an Idempotency-Key left behind: enough to give the same answer again. */
export interface ReceiptRow {
  readonly request_hash: string
  readonly chat_id: string | null
  readonly version: number | null
  readonly result: { readonly message_ids?: ReadonlyArray<number>; readonly queued_ids?: ReadonlyArray<number> }
}

export class Receipts extends Context.Tag("troupe/Receipts")<
  Receipts,
  {
    readonly find: (userId: string, scope: string, key: string) => Effect.Effect<Option.Option<ReceiptRow>, SqlError>
    /** For what is no transition of a chat, and so has no commit to be part of. The first of one key stays. */
    readonly insert: (receipt: CommandReceipt, chatId: string) => Effect.Effect<void, SqlError>
    /** Removes receipts older than 24 hours. */
    readonly purge: Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    Receipts,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return {
        find: Effect.fn("Receipts.find")(function* (userId: string, scope: string, key: string) {
          const rows = yield* sql<ReceiptRow>`
            select request_hash, chat_id, version, result from command_receipts
            where user_id = ${userId} and scope = ${scope} and key = ${key}`
          return Option.fromNullable(rows[0])
        }),
        insert: Effect.fn("Receipts.insert")(function* (receipt: CommandReceipt, chatId: string) {
          yield* sql`
            insert into command_receipts (user_id, scope, key, request_hash, chat_id)
            values (${receipt.userId}, ${receipt.scope}, ${receipt.key}, ${receipt.requestHash}, ${chatId})
            on conflict do nothing`
        }),
        purge: sql`delete from command_receipts where created_at < now() - interval '24 hours'`.pipe(Effect.asVoid),
      }
    }),
  )
}

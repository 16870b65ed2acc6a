import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, MessageId, UserId } from "../../contract/ids.ts"
import { columnList, type Columns } from "./rows.ts"
import type { CommandReceipt } from "./store/receipt.ts"
import { inTransaction } from "../engine/transaction.ts"

/** An answer as it was sent. Without a body there is none, which is not the same as null. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body?: unknown
}

/** What a command with an Idempotency-Key left behind: enough to give the same answer again. */
export interface ReceiptRow {
  readonly request_hash: string
  readonly chat_id: ChatId | null
  readonly version: number | null
  readonly result: { readonly message_ids?: ReadonlyArray<MessageId>; readonly queued_ids?: ReadonlyArray<number> }
  /** Null for a command of a chat, and where the answer held a secret. */
  readonly answer: StoredAnswer | null
}

export const RECEIPT_COLUMNS = {
  request_hash: "text",
  chat_id: "uuid?",
  version: "int8?",
  result: "jsonb",
  answer: "json?",
} as const satisfies Columns<ReceiptRow>

export class Receipts extends Context.Tag("troupe/Receipts")<
  Receipts,
  {
    readonly find: (userId: UserId, scope: string, key: string) => Effect.Effect<Option.Option<ReceiptRow>, SqlError>
    /** For what is no transition of a chat, and so has no commit to be part of. The first of one key stays. */
    readonly insert: (receipt: CommandReceipt, chatId: ChatId) => Effect.Effect<void, SqlError>
    /** Others of the same name wait, without holding a connection. */
    readonly alone: <A, E, R>(name: ReadonlyArray<string>, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    /** The same in a transaction. */
    readonly exclusively: <A, E, R>(
      name: ReadonlyArray<string>,
      effect: Effect.Effect<A, E, R>,
    ) => Effect.Effect<A, E, R>
    /** Writes the receipt, in the transaction of what it is for; or gives the one that an earlier call left. */
    readonly claim: (receipt: CommandReceipt) => Effect.Effect<Option.Option<ReceiptRow>>
    readonly setAnswer: (receipt: CommandReceipt, answer: StoredAnswer) => Effect.Effect<void>
    /** Receipts of whichever user, for what is no command of a chat. Few have the same key. */
    readonly findByKey: (scope: string, key: string) => Effect.Effect<ReadonlyArray<ReceiptRow>>
    /** Removes receipts older than 24 hours. */
    readonly purge: Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    Receipts,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const columns = sql.literal(columnList(RECEIPT_COLUMNS))
      // Claims alone would do; but who waits for a row holds a connection, and repeats could take all there are. An RcMap would not
      // do: of several that ask for a new name in the same instant each gets an entry of its own.
      const underWay = new Map<string, { readonly one: Effect.Semaphore; users: number }>()

      const find = Effect.fnUntraced(function* (userId: UserId, scope: string, key: string) {
        const rows = yield* sql<ReceiptRow>`
          select ${columns} from command_receipts
          where user_id = ${userId} and scope = ${scope} and key = ${key}`
        return Option.fromNullable(rows[0])
      })

      const claim = (receipt: CommandReceipt): Effect.Effect<Option.Option<ReceiptRow>> =>
        Effect.gen(function* () {
          // Waits for a transaction that has written it and not ended.
          const written = yield* sql`
            insert into command_receipts (user_id, scope, key, request_hash)
            values (${receipt.userId}, ${receipt.scope}, ${receipt.key}, ${receipt.requestHash})
            on conflict do nothing returning key`
          if (written.length > 0) return Option.none()
          const found = yield* find(receipt.userId, receipt.scope, receipt.key)
          // Its time was over between the two statements.
          return Option.isNone(found) ? yield* claim(receipt) : found
        }).pipe(Effect.orDie)

      const alone = <A, E, R>(name: ReadonlyArray<string>, effect: Effect.Effect<A, E, R>) => {
        const key = JSON.stringify(name)
        const join = Effect.sync(() => {
          const entry = underWay.get(key) ?? { one: Effect.unsafeMakeSemaphore(1), users: 0 }
          entry.users += 1
          underWay.set(key, entry)
          return entry
        })
        return Effect.acquireUseRelease(
          join,
          ({ one }) => one.withPermits(1)(effect),
          (entry) =>
            Effect.sync(() => {
              entry.users -= 1
              if (entry.users === 0) underWay.delete(key)
            }),
        )
      }

      return {
        find,
        alone,
        insert: Effect.fn("Receipts.insert")(function* (receipt: CommandReceipt, chatId: ChatId) {
          yield* sql`
            insert into command_receipts (user_id, scope, key, request_hash, chat_id)
            values (${receipt.userId}, ${receipt.scope}, ${receipt.key}, ${receipt.requestHash}, ${chatId})
            on conflict do nothing`
        }),
        exclusively: (name, effect) => alone(name, inTransaction(sql, effect)),
        claim,
        setAnswer: Effect.fn("Receipts.setAnswer")((receipt: CommandReceipt, answer: StoredAnswer) =>
          sql`
            update command_receipts set answer = ${JSON.stringify(answer)}::json
            where user_id = ${receipt.userId} and scope = ${receipt.scope} and key = ${receipt.key}`.pipe(
            Effect.orDie,
            Effect.asVoid,
          ),
        ),
        findByKey: Effect.fn("Receipts.findByKey")((scope: string, key: string) =>
          sql<ReceiptRow>`
            select ${columns} from command_receipts where key = ${key} and scope = ${scope} and chat_id is null`.pipe(
            Effect.orDie,
          ),
        ),
        purge: sql`delete from command_receipts where created_at < now() - interval '24 hours'`.pipe(Effect.asVoid),
      }
    }),
  )
}

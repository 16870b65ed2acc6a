import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import { inTransaction } from "./transaction.ts"

/** One transaction around what several repositories do. */
export class Transactions extends Context.Tag("troupe/db/Transactions")<
  Transactions,
  {
    /** See `inTransaction`: a failure of the effect rolls back and is kept. */
    readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  static readonly layer = Layer.effect(
    Transactions,
    Effect.map(SqlClient.SqlClient, (sql) => ({ run: (effect) => inTransaction(sql, effect) })),
  )
}

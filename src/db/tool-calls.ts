import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import { jsonb } from "./jsonb.ts"

/** The life of one tool call between the commit that plans it and the commit that answers it. */
export class ToolCalls extends Context.Tag("troupe/ToolCalls")<
  ToolCalls,
  {
    /** Must be true before the tool acts. False: the chat has another owner, or the call is no longer wanted. */
    readonly markStarted: (id: string, epoch: number) => Effect.Effect<boolean, SqlError>
    /** Kept even when it comes too late for the transcript. A result once stored is not replaced. */
    readonly storeResult: (
      id: string,
      outcome: { readonly result: unknown; readonly isError: boolean },
    ) => Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    ToolCalls,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const markStarted = Effect.fn("ToolCalls.markStarted")(function* (id: string, epoch: number) {
        const rows = yield* sql`
          update tool_calls t set state = 'started', started_at = coalesce(t.started_at, now())
          from chats c
          where t.id = ${id} and c.id = t.chat_id and c.owner_epoch = ${epoch} and t.state in ('planned', 'started')
          returning t.id`
        return rows.length === 1
      })
      const storeResult = Effect.fn("ToolCalls.storeResult")(function* (
        id: string,
        outcome: { readonly result: unknown; readonly isError: boolean },
      ) {
        yield* sql`
          update tool_calls set result = ${jsonb(outcome.result)}::jsonb, is_error = ${outcome.isError},
            state = case when state = 'canceled' then 'canceled' else 'done' end, finished_at = now()
          where id = ${id} and finished_at is null`
      })
      return { markStarted, storeResult }
    }),
  )
}

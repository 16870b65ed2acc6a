import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { ToolCallId } from "../../contract/ids.ts"
import { jsonb } from "../engine/jsonb.ts"

/** What an attempt to start a call finds. `over`: the chat has another owner, or the call is no longer wanted. */
export type CallStart =
  | { readonly found: "started" }
  | { readonly found: "done"; readonly result: unknown; readonly isError: boolean }
  | { readonly found: "over" }

/** The life of one tool call between the commit that plans it and the commit that answers it. */
export class ToolCalls extends Context.Tag("troupe/ToolCalls")<
  ToolCalls,
  {
    /** The tool acts only after `started`. `done`: the result is stored already, and whoever stored it did not hear so. */
    readonly markStarted: (id: ToolCallId, epoch: number) => Effect.Effect<CallStart, SqlError>
    /** Kept even when it comes too late for the transcript. A result once stored is not replaced, so it may be repeated. */
    readonly storeResult: (
      id: ToolCallId,
      outcome: { readonly result: unknown; readonly isError: boolean },
    ) => Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    ToolCalls,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const markStarted = Effect.fnUntraced(function* (id: ToolCallId, epoch: number) {
        const rows = yield* sql`
          update tool_calls t set state = 'started', started_at = coalesce(t.started_at, now())
          from chats c
          where t.id = ${id} and c.id = t.chat_id and c.owner_epoch = ${epoch} and t.state in ('planned', 'started')
          returning t.id`
        if (rows.length === 1) return { found: "started" } as const
        const [stored] = yield* sql<{ result: unknown; is_error: boolean }>`
          select t.result, t.is_error from tool_calls t join chats c on c.id = t.chat_id
          where t.id = ${id} and c.owner_epoch = ${epoch} and t.state = 'done' and t.answered_version is null`
        if (stored === undefined) return { found: "over" } as const
        return { found: "done", result: stored.result, isError: stored.is_error } as const
      })
      const storeResult = Effect.fnUntraced(function* (
        id: ToolCallId,
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

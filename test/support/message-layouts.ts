import type { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/**
 * Many long chats, whose messages lie in the table in one of two ways: each chat's by themselves, as after a restore, or those of
 * all chats among each other, as they are written.
 */
export type Layout = "contiguous" | "interleaved"

const CHATS = 51
const MESSAGES = 5_000
/** Of the chat that comes first where they lie by themselves. */
const FIRST_MESSAGES = 10_848
/** One message in so many is a prompt where tools are used; without, every second one. */
const PROMPT_EVERY = { contiguous: 2, interleaved: 20 }

/** Fills an empty `chat_messages`; `ids` are of 51 chats, of which the first is the one to look at. */
export const fillMessages = (sql: SqlClient.SqlClient, layout: Layout, ids: ReadonlyArray<string>) => {
  const order = layout === "contiguous" ? sql`c.place, n` : sql`n, c.place`
  return Effect.gen(function* () {
    yield* sql`
      insert into chat_messages (chat_id, created_version, role, content)
      select c.id, n, case when n % ${PROMPT_EVERY[layout]}::int = 0 then 'user' when n % 2 = 0 then 'tool' else 'assistant' end,
        jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'message ' || n))
      from unnest(${[...ids]}::uuid[]) with ordinality c (id, place),
        generate_series(1, case when c.place = 1 and ${layout === "contiguous"} then ${FIRST_MESSAGES}::int else ${MESSAGES}::int end) n
      order by ${order}`
    yield* sql`vacuum analyze chat_messages`
  })
}

export const LAYOUT_CHATS = CHATS

import { SqlClient } from "@effect/sql"
import { Effect, Layer, ManagedRuntime } from "effect"
import { afterAll, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { insertChats } from "../../../test/support/raw-rows.ts"
import { jsonb } from "../engine/jsonb.ts"
import { ChatReads } from "./reads.ts"

const database = useTestDatabase()
const runtime = ManagedRuntime.make(
  Layer.unwrapEffect(Effect.sync(() => Layer.provide(ChatReads.layer, database.layer))),
)
afterAll(() => runtime.dispose())

const text = (words: string) => ({ type: "text", text: words })
const file = { type: "file", file_id: "f" }

/** Content of a message of a person, and what of it is a prompt. */
const CASES: ReadonlyArray<[content: unknown, prompt: string | undefined]> = [
  [[text("plain")], "plain"],
  [[text("hello"), text(" "), text("world")], "hello world"],
  [[text(" \n"), file, text("after a file ")], " \nafter a file "],
  [[file, text("one text beside a file")], "one text beside a file"],
  [[text(" "), text("\t\n")], undefined],
  [[text("")], undefined],
  [[text("\\S")], "\\S"],
  [[file], undefined],
  [[{ type: "reasoning", text: "not typed" }], undefined],
  [[{ type: "text" }, text("beside a text without words")], "beside a text without words"],
  [[[text("within another list")]], undefined],
  [[], undefined],
  [{ type: "text", text: "no list" }, undefined],
  ["words", undefined],
  [null, undefined],
]

it("prompts are the rows of their index, and each is the texts of its message as they were typed", async () => {
  const { listed, indexed, chatId } = await database.run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [chat, other] = yield* insertChats(sql, 2)
      const chatId = chat?.id ?? ""
      const add = (
        id: string | undefined,
        content: unknown,
        more: { role?: string; removed?: number; visibility?: string },
      ) =>
        sql`insert into chat_messages (chat_id, created_version, role, content, removed_version, visibility)
          values (${id ?? ""}, 1, ${more.role ?? "user"}, ${jsonb(content)}::jsonb, ${more.removed ?? null}::bigint,
            ${more.visibility ?? "both"})`
      for (const [content] of CASES) yield* add(chatId, content, {})
      yield* add(chatId, [text("removed")], { removed: 2 })
      yield* add(chatId, [text("for the model")], { visibility: "model" })
      yield* add(chatId, [text("an answer")], { role: "assistant" })
      yield* add(other?.id, [text("of another chat")], {})
      const [index] = yield* sql<{ predicate: string }>`
        select pg_get_expr(indpred, indrelid) as predicate from pg_index where indexrelid = 'chat_messages_prompts'::regclass`
      const indexed = yield* sql<{ id: number }>`
        select id from chat_messages where chat_id = ${chatId} and ${sql.literal(index?.predicate ?? "false")} order by id desc`
      const listed = yield* Effect.promise(() =>
        runtime.runPromise(Effect.flatMap(ChatReads, (reads) => reads.prompts(chatId, 2000)).pipe(Effect.orDie)),
      )
      return { listed, indexed, chatId }
    }).pipe(Effect.orDie),
  )
  expect(listed.map((prompt) => prompt.text)).toEqual(CASES.flatMap(([, prompt]) => prompt ?? []).toReversed())
  expect(listed.map(({ id }) => id)).toEqual(indexed.map(({ id }) => id))
  const newest = await runtime.runPromise(
    Effect.flatMap(ChatReads, (reads) => reads.prompts(chatId, 2)).pipe(Effect.orDie),
  )
  expect(newest).toEqual(listed.slice(0, 2))
})

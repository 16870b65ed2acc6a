import { Effect } from "effect"
import { beforeAll, expect, it } from "vitest"
import { dedicatedConnection } from "../../src/db/engine/client.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"

/** Somebody keeps the row of a chat locked: a person with psql, or a backup tool. */

const engines = useEngines({ TROUPE_STATEMENT_MS: "2000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

it("a command does not wait for ever, and the turn goes on when the row is free", async () => {
  engines.provider.script({ items: [{ text: "hi" }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.activity("waiting")
  await engines.database.run(
    Effect.scoped(
      Effect.gen(function* () {
        const { client } = yield* dedicatedConnection("test.lock")
        yield* Effect.promise(() => client.query("begin"))
        yield* Effect.promise(() => client.query("select 1 from chats where id = $1 for update", [chatId]))
        const refused = yield* Effect.promise(() => refusal(engine.send(chatId, "hello?")))
        expect(refused).toMatchObject({ _tag: "ChatUnavailable", message: expect.stringMatching(/Try again/) })
        yield* Effect.promise(() => client.query("rollback"))
      }),
    ).pipe(Effect.orDie),
  )
  engines.provider.script({ items: [{ text: "here" }] })
  await engine.send(chatId, "and now?")
  const view = await reader.until(({ lines }) => lines.at(-1) === "assistant: here")
  expect(view.lines).toEqual(["user: go", "assistant: hi", "user: and now?", "assistant: here"])
})

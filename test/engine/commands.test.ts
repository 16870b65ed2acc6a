import { Effect, Option } from "effect"
import pg from "pg"
import { beforeAll, expect, it, vi } from "vitest"
import { answerText, sendText } from "../../src/actors/chat/commands/command-wire.ts"
import { interrupt } from "../../src/actors/chat/commands/interrupt.ts"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { ModelCatalog } from "../../src/models/catalog.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { sentStatements } from "../support/sent-statements.ts"

/** How commands come to a chat, whatever they say. Every other test of the engine sends them as text, too. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const created = async () => {
  engines.provider.script({ items: [{ text: "hi" }] })
  const chatId = await engine.create("go")
  await follow(engine, chatId).activity("waiting")
  return chatId
}

const known = (chatId: string) => engine.run(Effect.map(ChatHost, (host) => host.facts(chatId)))

const stored = (chatId: string) =>
  engine.run(Effect.flatMap(ChatReads, (reads) => Effect.map(reads.facts(chatId), Option.getOrThrow)))

/** Texts of the statements that are sent while `work` runs. */
const statements = async (work: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
  const query = vi.spyOn(pg.Client.prototype, "query")
  await work()
  const calls: ReadonlyArray<ReadonlyArray<unknown>> = query.mock.calls
  query.mockRestore()
  return calls.flatMap((given) => sentStatements(given).map(({ text }) => text))
}

const asksForFacts = (text: string) => text.trim().startsWith("select c.id, c.owner_id, c.organization_id, c.archived")

it("a chat that is not understood says so, changes nothing and goes on", async () => {
  const chatId = await created()
  const before = await engine.row(chatId)
  const command = interrupt.of({ chatId, caller: engine.caller, receipt: null }, {})
  const ask = (spoil: (text: string) => string) =>
    engine.run(Effect.flatMap(ChatHost, ({ send }) => sendText((text) => answerText(send)(spoil(text)))(command)))

  for (const spoil of [
    (text: string) => text.replace("Interrupt", "Dance"),
    (text: string) => text.replace('"fields"', '"things"'),
    (text: string) => text.slice(1),
    () => "",
  ]) {
    expect(await refusal(ask(spoil))).toMatchObject({ _tag: "CommandUnreadable" })
  }
  expect(await refusal(ask((text) => text))).toMatchObject({ _tag: "CommandRefused", event: "Interrupt" })
  expect((await engine.row(chatId)).snapshot_version).toBe(before.snapshot_version)

  engines.provider.script({ items: [{ text: "still here" }] })
  await engine.send(chatId, "are you there?")
  await follow(engine, chatId).until(({ messages }) => messages.size === 4)
})

it("what is known of a live chat is what the database holds, after each change", async () => {
  const chatId = await created()
  const other = await engines.addModel({
    provider: "openai-compat",
    display_name: "Other",
    base_url: `${engines.provider.url}/v1`,
    api_key: engines.provider.apiKey,
  })
  await engine.run(Effect.flatMap(ModelCatalog, (models) => models.invalidate))
  const changes = [
    () => engine.patch(chatId, { plan_mode: "plan" }),
    async () => {
      engines.provider.script({ items: [{ text: "with the other one" }] })
      await engine.send(chatId, "and now?", { more: { model_config_id: other, plan_mode: "" } })
      await follow(engine, chatId).activity("waiting")
    },
    () => engine.patch(chatId, { title: "another title", labels: { a: "b" } }),
  ]
  expect(await known(chatId)).toMatchObject(await stored(chatId))
  for (const change of changes) {
    await change()
    expect(await known(chatId)).toMatchObject(await stored(chatId))
  }
  expect(await stored(chatId)).toMatchObject({ last_model_config_id: other, plan_mode: false, archived: false })

  // Written behind its back, so its actor goes: nothing is known here until it is asked again.
  await engine.patch(chatId, { archived: true })
  expect(await known(chatId)).toBeUndefined()
  expect(await refusal(engine.send(chatId, "too late"))).toMatchObject({ reason: "archived" })
  expect(await known(chatId)).toMatchObject({ archived: true })
})

it("who may send to a live chat is known without the database", async () => {
  const chatId = await created()
  const stranger = { ...engine.caller, userId: engines.modelConfigId, siteRoles: [] }
  const refused = () =>
    refusal(
      engine.run(
        Effect.flatMap(ChatHost, ({ send }) => send(interrupt.of({ chatId, caller: stranger, receipt: null }, {}))),
      ),
    )
  expect(await refused()).toMatchObject({ _tag: "ChatHidden" })

  const live = await statements(() => refusal(engine.interrupt(chatId)))
  expect(live.filter(asksForFacts)).toEqual([])
  await engine.run(Effect.flatMap(ChatHost, (host) => host.forget(chatId)))
  const cold = await statements(() => refusal(engine.interrupt(chatId)))
  expect(cold.filter(asksForFacts)).toHaveLength(1)
})

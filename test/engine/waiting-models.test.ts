import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { ModelCatalog } from "../../src/models/catalog.ts"
import { type TestReader, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"

/** Messages that wait for a model that is gone by the time they are promoted. */

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

let added = 0
const addModel = async () => {
  added += 1
  const { url, apiKey } = engines.provider
  const model = await engines.addModel({
    provider: "openai-compat",
    display_name: `Scripted ${added}`,
    base_url: `${url}/v1`,
    api_key: apiKey,
  })
  await lookAnew()
  return model
}

/** What was written behind the engine's back is seen at once. */
const lookAnew = () => engine.run(Effect.flatMap(ModelCatalog, ({ invalidate }) => invalidate))

type Fate = "disabled" | "deleted" | "without a provider"

const goneNow = async (model: string, fate: Fate) => {
  await engines.query((sql) =>
    fate === "disabled"
      ? sql`update model_configs set enabled = false where id = ${model} returning id`
      : fate === "deleted"
        ? sql`update model_configs set deleted = true where id = ${model} returning id`
        : sql`update providers set enabled = false
            where id = (select ai_provider_id from model_configs where id = ${model}) returning id`,
  )
  await lookAnew()
}

/** A chat of `model` in the middle of a turn. */
const busy = async (model: string) => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: "thinking" }, { gate: gate.wait }] })
  const chatId = await engine.create("go", { more: { model_config_id: model } })
  const reader = follow(engine, chatId)
  await reader.shown("thinking")
  return { chatId, reader, letGo: gate.open }
}

const models = async (chatId: string) => {
  const messages = await engines.query<{ role: string; model: string | null }>(
    (sql) => sql`select role, model_config_id as model from chat_messages
      where chat_id = ${chatId} and role in ('user', 'assistant') and removed_version is null order by id`,
  )
  return { last: (await engine.row(chatId)).last_model_config_id, of: messages.slice(2).map(({ model }) => model) }
}

const answered = (reader: TestReader, words: string) =>
  reader.until(({ lines, activity }) => lines.at(-1) === `assistant: ${words}` && activity === "waiting")

describe("a message that waits", () => {
  it.each<Fate>(["disabled", "deleted", "without a provider"])(
    "for a model that is %s is answered by the chat's, when its turn comes",
    async (fate) => {
      const [own, chats] = [await addModel(), await addModel()]
      const { chatId, reader, letGo } = await busy(chats)
      await engine.send(chatId, "later", { more: { model_config_id: own } })
      await goneNow(own, fate)
      engines.provider.script({ items: [{ text: "answered" }] })
      letGo()
      await answered(reader, "answered")
      expect(await models(chatId)).toEqual({ last: chats, of: [chats, chats] })
    },
  )

  it.each<["by hand" | "as steering" | "by an interrupt", "queue" | "steer"]>([
    ["by hand", "queue"],
    ["as steering", "steer"],
    ["by an interrupt", "queue"],
  ])("is answered so when it is promoted %s", async (how, kind) => {
    const [own, chats] = [await addModel(), await addModel()]
    const { chatId, reader, letGo } = await busy(chats)
    const { queued } = await engine.send(chatId, "later", { busy: kind, more: { model_config_id: own } })
    await goneNow(own, "disabled")
    engines.provider.script({ items: [{ text: "answered" }] })
    if (how === "by hand") await engine.promote(chatId, queued?.id ?? 0)
    if (how === "by an interrupt") await engine.interrupt(chatId)
    letGo()
    await answered(reader, "answered")
    expect(await models(chatId)).toEqual({ last: chats, of: [chats, chats] })
  })

  it("is answered by the default where the chat's model is gone as well", async () => {
    const [own, chats] = [await addModel(), await addModel()]
    const { chatId, reader, letGo } = await busy(chats)
    await engine.send(chatId, "later", { more: { model_config_id: own } })
    await goneNow(own, "deleted")
    await goneNow(chats, "disabled")
    engines.provider.script({ items: [{ text: "answered" }] })
    letGo()
    await answered(reader, "answered")
    const standard = engines.modelConfigId
    expect(await models(chatId)).toEqual({ last: standard, of: [standard, standard] })
  })

  it("is answered by its own model while that is there", async () => {
    const [own, chats] = [await addModel(), await addModel()]
    const { chatId, reader, letGo } = await busy(chats)
    await engine.send(chatId, "later", { more: { model_config_id: own } })
    engines.provider.script({ items: [{ text: "answered" }] })
    letGo()
    await answered(reader, "answered")
    expect(await models(chatId)).toEqual({ last: own, of: [own, own] })
  })
})

it("an edited message does not bring a model back that is gone", async () => {
  const [own, chats] = [await addModel(), await addModel()]
  engines.provider.script({ items: [{ text: "one" }] }, { items: [{ text: "two" }] })
  const chatId = await engine.create("go", { more: { model_config_id: own } })
  const reader = follow(engine, chatId)
  await answered(reader, "one")
  await engine.send(chatId, "more", { more: { model_config_id: chats } })
  await answered(reader, "two")
  await goneNow(own, "disabled")
  engines.provider.script({ items: [{ text: "three" }] })
  await engine.edit(chatId, reader.view.transcript.find(({ role }) => role === "user")?.id ?? 0, "go on")
  await answered(reader, "three")
  expect((await models(chatId)).last).toBe(chats)
})

import { Effect } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { ModelCatalog } from "../../src/models/catalog.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

afterEach(() => {
  engines.workspace.release()
  expect(engines.provider.refusals).toEqual([])
  expect(engines.provider.left).toBe(0)
})

const write = (id: string) => ({ tool: "write_file", args: { path: `/${id}`, content: id }, id })

/** Names of the tools that the model was shown in its latest request. */
const offered = () => {
  const tools = engines.provider.requests.at(-1)?.body["tools"] as ReadonlyArray<{ function: { name: string } }>
  return tools.map((tool) => tool.function.name)
}

const written = () => engines.workspace.written.map(({ path }) => path)

it("a toggle acts from the next turn on", async () => {
  const gate = openGate()
  engines.provider.script(
    { items: [{ text: "now" }, { gate: gate.wait }, { calls: [write("first")] }] },
    { items: [{ text: "written" }] },
  )
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("now")
  await engine.patch(chatId, { plan_mode: "plan" })
  gate.open()
  await reader.activity("waiting")
  expect(written()).toEqual(["/first"])
  expect(offered()).toContain("write_file")

  engines.provider.script({ items: [{ calls: [write("second")] }] }, { items: [{ text: "only planned" }] })
  await engine.send(chatId, "again")
  const view = await reader.until(({ lines }) => lines.includes("assistant: only planned"))
  expect(offered()).not.toContain("write_file")
  expect(view.lines).toContain("tool: <write_file failed>")
  expect(written()).toEqual(["/first"])
})

it("stays as it was when the message that asks for another is refused", async () => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: "busy" }, { gate: gate.wait }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("busy")
  for (let index = 0; index < 20; index += 1) await engine.send(chatId, `message ${index}`)
  expect(await refusal(engine.send(chatId, "one too many", { more: { plan_mode: "plan" } }))).toMatchObject({
    reason: "queue_full",
  })
  expect((await engine.row(chatId)).plan_mode).toBe(false)
  engines.provider.script({ items: [{ text: "edited" }] })
  await engine.edit(chatId, reader.view.transcript[0]?.id ?? 0, "never mind")
  gate.open()
  await reader.until(({ lines }) => lines.at(-1) === "assistant: edited")
})

describe("a tool that the provider executes itself", () => {
  /** Names of all tools in the latest request, the provider's own among them. */
  const named = () => {
    const tools = (engines.provider.requests.at(-1)?.body["tools"] ?? []) as ReadonlyArray<{
      name?: string
      type?: string
    }>
    return tools.map(({ name, type }) => (type?.startsWith("web_search") ? "web_search" : name))
  }
  const searching = (provider: "anthropic" | "openai", displayName: string = provider) => {
    const { url, apiKey } = engines.provider
    return engines.addModel(
      { provider, display_name: displayName, base_url: provider === "openai" ? `${url}/v1` : url, api_key: apiKey },
      {
        model: provider === "openai" ? "gpt-5" : "claude-sonnet-4-5",
        model_config: {
          ...(provider === "openai" && { openai_config: { use_responses_api: true } }),
          provider_options: { [provider]: { web_search_enabled: true } },
        },
      },
    )
  }
  const turn = async (chatId: string, words: string) =>
    follow(engine, chatId).until(
      ({ lines, activity }) => activity === "waiting" && lines.at(-1) === `assistant: ${words}`,
    )
  const lookAnew = () => engine.run(Effect.flatMap(ModelCatalog, ({ invalidate }) => invalidate))

  it.each(["anthropic", "openai"] as const)(
    "is not offered in a turn that plans, and is in one that does not: %s",
    async (provider) => {
      const model = await searching(provider)
      await lookAnew()
      engines.provider.script({ items: [{ text: "planned" }] })
      const chatId = await engine.create("go", { plan: true, more: { model_config_id: model } })
      await turn(chatId, "planned")
      expect(named()).not.toContain("web_search")
      expect(named()).toContain("read_file")
      engines.provider.script({ items: [{ text: "done" }] })
      await engine.send(chatId, "do it", { more: { plan_mode: "" } })
      await turn(chatId, "done")
      expect(named()).toContain("web_search")
    },
  )

  it("is offered to a chat that explores for another one, and not to one that explores for itself", async () => {
    const model = await searching("anthropic", "Anthropic of explorers")
    await lookAnew()
    const exploring = async (parent: string | null) => {
      engines.provider.script({ items: [{ text: "hi" }] })
      const chatId = await engine.create("go", { more: { model_config_id: model } })
      await turn(chatId, "hi")
      await engines.query(
        (
          sql,
        ) => sql`update chats set mode = 'explore', parent_chat_id = ${parent}::uuid, root_chat_id = ${parent}::uuid,
          owner_instance = null, owner_epoch = owner_epoch + 1 where id = ${chatId} returning id`,
      )
      await engine.stop()
      engine = await engines.start()
      engines.provider.script({ items: [{ text: "explored" }] })
      await engine.send(chatId, "look around")
      await turn(chatId, "explored")
      return chatId
    }
    const root = await exploring(null)
    expect(named()).not.toContain("web_search")
    await exploring(root)
    expect(named()).toContain("web_search")
    expect(named()).not.toContain("write_file")
  })
})

import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import type { ModelCallConfig, ProviderType } from "../../src/contract/models.ts"
import { ModelAdmin } from "../../src/models/admin.ts"
import { type TestReader, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { withoutMark } from "../support/scripted-provider/messages.ts"
import type { Step } from "../support/scripted-provider/script.ts"

/** What a provider gave out goes back to it as it was, through turns, interruptions and another process. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine
let storing: string
let stateless: string
let thinker: string

const addModel = (provider: ProviderType, displayName: string, model: string, config: ModelCallConfig) =>
  engine.run(
    Effect.gen(function* () {
      const admin = yield* ModelAdmin
      const base_url = provider === "anthropic" ? engines.provider.url : `${engines.provider.url}/v1`
      const api_key = engines.provider.apiKey
      const made = yield* admin.createProvider(engine.caller, {
        provider,
        display_name: displayName,
        base_url,
        api_key,
      })
      const row = yield* admin.createModelConfig(engine.caller, {
        ai_provider_id: made.id,
        model,
        context_limit: 100_000,
        model_config: config,
      })
      return row.id
    }),
  )

beforeAll(async () => {
  engine = await engines.start()
  storing = await addModel("openai", "Storing", "gpt-5.2", { provider_options: { openai: { store: true } } })
  stateless = await addModel("openai", "Stateless", "gpt-5.2", {})
  thinker = await addModel("anthropic", "Thinker", "claude-test-4-5", {
    provider_options: { anthropic: { web_search_enabled: true, thinking: { budget_tokens: 2_000 } } },
  })
})

const says = (text: string): Step => ({ items: [{ reasoning: "hm" }, { text }] })

const callsA = (tool = "write_file"): Step => ({
  items: [{ reasoning: "hm" }, { calls: [{ tool, args: { path: "/a", content: "a" } }] }],
})

const chatWith = (model: string, words = "hi", plan = false) =>
  engine.create(words, { plan, more: { model_config_id: model } })

const answered = (reader: TestReader, text: string) =>
  reader.until(({ activity, lines }) => activity === "waiting" && (lines.at(-1) ?? "").includes(text))

/** The requests since then: the response each goes on from, and how many items it carries. */
const sent = (from: number) =>
  engines.provider.requests
    .slice(from)
    .map(({ body }) => [body["previous_response_id"], (body["input"] as ReadonlyArray<unknown>).length])

const responseOf = (at: number) => `resp_${engines.provider.requests[at]?.number ?? 0}`

describe("a model whose provider keeps responses", () => {
  it("goes on from the last one in the next turn, and leaves the chain after the first step", async () => {
    const from = engines.provider.requests.length
    engines.provider.script(says("hello"), callsA(), says("written"), says("bye"))
    const chatId = await chatWith(storing)
    const reader = follow(engine, chatId)
    await answered(reader, "hello")
    await engine.send(chatId, "write it")
    await answered(reader, "written")
    await engine.send(chatId, "bye")
    await answered(reader, "bye")
    expect(sent(from)).toEqual([
      [undefined, 1],
      [responseOf(from), 1],
      [undefined, 7],
      [responseOf(from + 2), 1],
    ])
  })

  it("gets the whole conversation at once when it has lost the response: nobody sees a failed attempt", async () => {
    const from = engines.provider.requests.length
    engines.provider.script(says("hello"))
    const chatId = await chatWith(storing)
    const reader = follow(engine, chatId)
    await answered(reader, "hello")
    const error = {
      message: `Previous response with id '${responseOf(from)}' not found.`,
      type: "invalid_request_error",
      param: "previous_response_id",
      code: "previous_response_not_found",
    }
    engines.provider.script(
      { status: 400, body: JSON.stringify({ error }), when: "previous_response_id" },
      says("fine"),
    )
    await engine.send(chatId, "how are you?")
    const view = await answered(reader, "fine")
    expect(sent(from)).toEqual([
      [undefined, 1],
      [responseOf(from), 1],
      [undefined, 4],
    ])
    expect(view.retries).toEqual([])
    const attempts = await engines.query(
      (sql) =>
        sql`select attempt, reason from chat_attempts where chat_id = ${chatId} order by history_version, attempt`,
    )
    expect(attempts).toEqual([])
  })

  it("gets the whole conversation at the next attempt after another failure", async () => {
    const from = engines.provider.requests.length
    engines.provider.script(says("hello"))
    const chatId = await chatWith(storing)
    const reader = follow(engine, chatId)
    await answered(reader, "hello")
    engines.provider.script({ status: 500, message: "server error" }, says("fine"))
    await engine.send(chatId, "on")
    const view = await answered(reader, "fine")
    expect(view.retries).toHaveLength(1)
    expect(sent(from).slice(1)).toEqual([
      [responseOf(from), 1],
      [undefined, 4],
    ])
  })

  it("gets the whole conversation in plan mode, after an interruption and after another model", async () => {
    const from = engines.provider.requests.length
    engines.provider.script(says("planned"))
    const planned = await chatWith(storing, "hi", true)
    const planReader = follow(engine, planned)
    await answered(planReader, "planned")
    engines.provider.script(says("still planned"))
    await engine.send(planned, "on")
    await answered(planReader, "still planned")

    engines.provider.script({ items: [{ text: "half" }, { silence: true }] })
    const stopped = await chatWith(storing)
    const stoppedReader = follow(engine, stopped)
    await stoppedReader.shown("half")
    await engine.interrupt(stopped)
    await answered(stoppedReader, "half")
    engines.provider.script(says("whole"))
    await engine.send(stopped, "on")
    await answered(stoppedReader, "whole")

    engines.provider.script(says("hello"))
    const changed = await chatWith(stateless)
    const changedReader = follow(engine, changed)
    await answered(changedReader, "hello")
    engines.provider.script(says("fine"))
    await engine.send(changed, "on", { more: { model_config_id: storing } })
    await answered(changedReader, "fine")
    expect(sent(from)).toEqual([
      [undefined, 1],
      [undefined, 4],
      [undefined, 1],
      [undefined, 3],
      [undefined, 1],
      // Without the reasoning that the other model config was given.
      [undefined, 3],
    ])
  })

  it("goes on from the response before an edited message, not from the one that is gone", async () => {
    const from = engines.provider.requests.length
    engines.provider.script(says("one"), says("two"), says("three"))
    const chatId = await chatWith(storing)
    const reader = follow(engine, chatId)
    await answered(reader, "one")
    await engine.send(chatId, "second")
    const view = await answered(reader, "two")
    const second = view.transcript.findLast(({ role }) => role === "user")?.id ?? 0
    await engine.edit(chatId, second, "other")
    await answered(reader, "three")
    expect(sent(from)).toEqual([
      [undefined, 1],
      [responseOf(from), 1],
      [responseOf(from), 1],
    ])
  })
})

it("by default nothing is kept at the provider, and each call carries the whole conversation", async () => {
  const from = engines.provider.requests.length
  engines.provider.script(says("hello"), says("fine"))
  const chatId = await chatWith(stateless)
  const reader = follow(engine, chatId)
  await answered(reader, "hello")
  await engine.send(chatId, "on")
  await answered(reader, "fine")
  expect(sent(from)).toEqual([
    [undefined, 1],
    [undefined, 4],
  ])
  expect(engines.provider.requests.slice(from).map(({ body }) => body["store"])).toEqual([false, false])
})

describe("Anthropic's signed thinking and searches", () => {
  const results = [{ url: "https://cats.example", title: "Cats" }]

  /** The blocks of the assistant messages of a request, without the marks of the cache. */
  const replayed = (at: number) => {
    const messages = engines.provider.requests[at]?.body["messages"] as ReadonlyArray<{
      readonly role: string
      readonly content: ReadonlyArray<Readonly<Record<string, unknown>>>
    }>
    return messages.filter(({ role }) => role === "assistant").map(({ content }) => content.map(withoutMark))
  }

  it("of a paused reply become one message, which another process replays as it was", async () => {
    const from = engines.provider.requests.length
    engines.provider.script(
      {
        items: [{ reasoning: "let me see", signature: "sig-a" }, { redacted: "red-a" }, { search: "cats" }],
        finish: "pause",
        usage: { input: 10, output: 1 },
      },
      { items: [{ found: results }, { text: "meow" }], usage: { input: 20, output: 2 } },
    )
    const chatId = await chatWith(thinker)
    const view = await answered(follow(engine, chatId), "meow")
    expect(engines.provider.requests.slice(from)).toHaveLength(2)
    expect(view.transcript.map(({ role }) => role)).toEqual(["user", "assistant"])
    expect(view.transcript[1]?.usage).toMatchObject({ input_tokens: 30, output_tokens: 3 })
    // Raw blocks are ours: no client sees them.
    expect(JSON.stringify(view.events)).not.toContain("sig-a")

    await engine.crash()
    engine = await engines.start()
    engines.provider.script({ items: [{ text: "bye" }] })
    await engine.send(chatId, "thanks")
    await answered(follow(engine, chatId), "bye")
    const id = `srvtoolu_${engines.provider.requests[from]?.number ?? 0}_2`
    const direct = { caller: { type: "direct" } }
    const found = [
      {
        type: "web_search_result",
        url: "https://cats.example",
        title: "Cats",
        encrypted_content: "enc https://cats.example",
        page_age: null,
      },
    ]
    expect(replayed(from + 2)).toEqual([
      [
        { type: "thinking", thinking: "let me see", signature: "sig-a" },
        { type: "redacted_thinking", data: "red-a" },
        { type: "server_tool_use", id, name: "web_search", input: { query: "cats" }, ...direct },
        { type: "web_search_tool_result", tool_use_id: id, content: found, ...direct },
        { type: "text", text: "meow" },
      ],
    ])
  })

  it("are given up where a call was interrupted while it was written: the chat goes on without a budget for thinking", async () => {
    const from = engines.provider.requests.length
    engines.provider.script({
      items: [
        { reasoning: "write it", signature: "sig-b" },
        { calls: [{ tool: "write_file", args: { path: "/b" } }] },
        { silence: true },
      ],
    })
    const chatId = await chatWith(thinker)
    const reader = follow(engine, chatId)
    await reader.shown("<write_file>")
    await engine.interrupt(chatId)
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.includes("tool: <write_file failed>"))
    engines.provider.script({ items: [{ text: "fine" }] })
    await engine.send(chatId, "on")
    await answered(reader, "fine")
    engines.provider.script({ items: [{ text: "as before" }] })
    await engine.send(chatId, "and on")
    await answered(reader, "as before")
    expect(replayed(from + 1)).toMatchObject([[{ type: "tool_use", name: "write_file" }]])
    const thinking = engines.provider.requests.slice(from).map(({ body }) => body["thinking"] !== undefined)
    expect(thinking).toEqual([true, false, true])
  })
})

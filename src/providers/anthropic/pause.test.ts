import { Deferred, Effect, Fiber } from "effect"
import { afterEach, beforeEach, expect, test } from "vitest"
import { callProvider, failureOf, generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { ScriptedProvider } from "../../../test/support/scripted-provider.ts"
import type { GenerateRequest, PromptMessage, StreamEvent } from "../provider.ts"

let provider: ScriptedProvider

beforeEach(async () => {
  provider = await ScriptedProvider.start()
})

afterEach(async () => {
  await provider.close()
})

const config = {
  provider_options: { anthropic: { web_search_enabled: true, thinking: { budget_tokens: 2_000 } } },
}

const request = (messages: ReadonlyArray<PromptMessage>, changes: Partial<GenerateRequest> = {}): GenerateRequest =>
  requestTo(provider.connection("anthropic"), messages, { model: "claude-test-4-5", config, ...changes })

const messagesOf = (index: number) => provider.requests[index]?.body["messages"]

const cats = [{ url: "https://cats.example", title: "Cats" }]
const dogs = [{ url: "https://dogs.example", title: "Dogs" }]

test("a paused reply goes back as it is, goes on, and is one reply: parts in order, usage added up", async () => {
  provider.script(
    {
      items: [
        { reasoning: "two things", signature: "s1" },
        { redacted: "r1" },
        { text: ["loo", "king"] },
        { search: "cats" },
      ],
      finish: "pause",
      usage: { input: 100, output: 10, cached: 1, cacheWritten: 2 },
    },
    {
      items: [
        { found: cats },
        { search: "dogs", results: dogs },
        { reasoning: "hm", signature: "s2" },
        { search: "both" },
      ],
      finish: "pause",
      usage: { input: 200, output: 20, cached: 3, cacheWritten: 4 },
    },
    { items: [{ found: [] }, { text: ["cats", " win"] }], usage: { input: 300, output: 30, cached: 5 } },
  )
  const events: Array<StreamEvent> = []
  const result = await generate(request([user("cats or dogs?")]), events)
  expect(provider.refusals).toEqual([])
  expect(events).toEqual([
    { type: "reasoning", text: "two things" },
    { type: "text", text: "loo" },
    { type: "text", text: "king" },
    { type: "reasoning", text: "hm" },
    { type: "text", text: "cats" },
    { type: "text", text: " win" },
  ])
  expect(result).toMatchObject({
    finishReason: "stop",
    responseId: "msg_3",
    usage: {
      input_tokens: 600,
      output_tokens: 60,
      cache_read_tokens: 9,
      cache_creation_tokens: 6,
      total_tokens: 675,
    },
  })
  expect(result.parts.map((part) => ("tool_name" in part ? `${part.type} ${part.tool_call_id}` : part.type))).toEqual([
    "reasoning",
    "reasoning",
    "text",
    "tool-call srvtoolu_1_3",
    "tool-result srvtoolu_1_3",
    "tool-call srvtoolu_2_1",
    "tool-result srvtoolu_2_1",
    "reasoning",
    "tool-call srvtoolu_2_4",
    "tool-result srvtoolu_2_4",
    "text",
  ])
  const paused = [
    { type: "thinking", thinking: "two things", signature: "s1" },
    { type: "redacted_thinking", data: "r1" },
    { type: "text", text: "looking" },
    { type: "server_tool_use", id: "srvtoolu_1_3", input: { query: "cats" } },
  ]
  expect(messagesOf(1)).toMatchObject([{ role: "user" }, { role: "assistant", content: paused }])
  expect(messagesOf(2)).toMatchObject([
    { role: "user" },
    { role: "assistant", content: [...paused, { type: "web_search_tool_result" }, {}, {}, { signature: "s2" }, {}] },
  ])
  // Apart from the conversation, the requests are the same.
  for (const field of ["system", "tools", "thinking", "max_tokens"])
    expect(provider.requests[2]?.body[field]).toEqual(provider.requests[0]?.body[field])
})

test("the joined reply is replayed exactly in the next turn", async () => {
  provider.script(
    { items: [{ reasoning: "think", signature: "s1" }, { search: "cats" }], finish: "pause" },
    { items: [{ found: cats }, { text: "meow" }] },
    { items: [{ text: "bye" }] },
  )
  const first = await generate(request([user("cats?")]))
  await generate(request([user("cats?"), { role: "assistant", parts: first.parts }, user("thanks")]))
  expect(provider.refusals).toEqual([])
  expect(messagesOf(2)).toMatchObject([
    {},
    {
      content: [
        { type: "thinking", signature: "s1" },
        { type: "server_tool_use", id: "srvtoolu_1_1" },
        { type: "web_search_tool_result", tool_use_id: "srvtoolu_1_1" },
        { type: "text", text: "meow" },
      ],
    },
    {},
  ])
})

test("calls of our tools may come after a pause", async () => {
  provider.script(
    { items: [{ search: "cats" }], finish: "pause" },
    { items: [{ found: cats }, { calls: [{ tool: "execute", args: { command: "ls" } }] }] },
  )
  const result = await generate(request([user("go")]))
  expect(result.finishReason).toBe("tool-calls")
  expect(result.parts.at(-1)).toMatchObject({ type: "tool-call", tool_name: "execute", args: { command: "ls" } })
})

test("a reply that is paused with a call of ours waits for its result, and one of nothing is not sent back", async () => {
  provider.script({ items: [{ calls: [{ tool: "execute" }] }], finish: "pause" }, { items: [], finish: "pause" })
  expect(await generate(request([user("go")]))).toMatchObject({ finishReason: "pause", parts: [{ type: "tool-call" }] })
  expect(await generate(request([user("go")]))).toMatchObject({ finishReason: "pause", parts: [] })
  expect(provider.requests).toHaveLength(2)
})

test("what is paused again and again is finished as it is, and the chat can go on", async () => {
  const pausing = {
    items: [{ found: cats }, { text: "still" }, { search: "more" }],
    finish: "pause",
    repeat: true,
  } as const
  provider.script({ items: [{ search: "cats" }], finish: "pause" }, pausing)
  const result = await generate(request([user("go")]))
  expect(provider.requests).toHaveLength(9)
  expect(result.finishReason).toBe("pause")
  expect(result.usage.output_tokens).toBe(45)
  // The last search is still open.
  expect(result.parts.at(-1)).toMatchObject({ type: "tool-call", tool_call_id: "srvtoolu_9_2" })
  provider.reset()
  provider.script({ items: [{ text: "ok" }] })
  await generate(request([user("go"), { role: "assistant", parts: result.parts }, user("and?")]))
  expect(provider.refusals).toEqual([])
  expect(JSON.stringify(messagesOf(9))).toContain("srvtoolu_8_2")
  expect(JSON.stringify(messagesOf(9))).not.toContain("srvtoolu_9_2")
})

test("a failure after a pause is a failure of the whole reply", async () => {
  provider.script({ items: [{ text: "so" }, { search: "cats" }], finish: "pause" }, { status: 529, message: "busy" })
  expect(await failureOf(request([user("go")]))).toMatchObject({ kind: "overloaded", retryable: true })
  expect(provider.requests).toHaveLength(2)
})

test("an interruption after a pause ends the request that is running", async () => {
  provider.script({ items: [{ search: "cats" }], finish: "pause" }, { items: [{ text: "half" }, { silence: true }] })
  const program = Effect.gen(function* () {
    const shown = yield* Deferred.make<void>()
    const call = yield* Effect.fork(
      callProvider(request([user("go")]), (event) => {
        if (event.type === "text") Deferred.unsafeDone(shown, Effect.void)
      }),
    )
    yield* Deferred.await(shown)
    yield* Fiber.interrupt(call)
  })
  await Effect.runPromise(program)
  expect(await (await provider.requestArrived(2)).closed).toBe(false)
  expect(provider.requests).toHaveLength(2)
})

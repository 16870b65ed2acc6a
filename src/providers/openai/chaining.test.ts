import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { answered, failureOf, generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { ScriptedProvider } from "../../../test/support/scripted-provider.ts"
import type { GenerateRequest, GenerateResult, PromptMessage, StreamEvent } from "../provider.ts"

let provider: ScriptedProvider

beforeEach(async () => {
  provider = await ScriptedProvider.start()
})

afterEach(async () => {
  await provider.close()
})

const storing = { provider_options: { openai: { store: true } } }

const request = (messages: ReadonlyArray<PromptMessage>, changes: Partial<GenerateRequest> = {}): GenerateRequest =>
  requestTo(provider.connection("openai"), messages, { model: "gpt-5.2", config: storing, ...changes })

const bodyOf = (index: number) => provider.requests[index]?.body

/** The request of the next turn: the whole conversation, and the chain that leaves most of it out. */
const following = (reply: GenerateResult, words: string, changes: Partial<GenerateRequest> = {}) =>
  request([user("hi"), { role: "assistant", parts: reply.parts }, user(words)], {
    chain: { previousResponseId: reply.responseId ?? "", messages: [user(words)] },
    ...changes,
  })

const reply = (text: string) => ({ items: [{ reasoning: "hm" }, { text }] })

const said = (text: string) => ({ role: "user", content: [{ type: "input_text", text }] })

/** The refusal of a response that the provider no longer has. */
const lost = (id: string) => `Previous response with id '${id}' not found.`

describe("with store, a call", () => {
  it("goes on from the response that the provider kept: only what was said since goes along, and the system prompt", async () => {
    provider.script(reply("hello"), reply("fine"), reply("bye"))
    const first = await generate(request([user("hi")]))
    const second = await generate(following(first, "how are you?"))
    await generate(following(second, "bye"))
    expect(provider.refusals).toEqual([])
    expect(bodyOf(0)).not.toHaveProperty("previous_response_id")
    expect(bodyOf(1)).toMatchObject({
      store: true,
      instructions: "You are a test.",
      previous_response_id: "resp_1",
      input: [said("how are you?")],
    })
    expect(bodyOf(1)?.["input"]).toHaveLength(1)
    expect(bodyOf(2)).toMatchObject({ previous_response_id: "resp_2", input: [said("bye")] })
  })

  it("carries the whole conversation after a response that is lost, at once and once", async () => {
    provider.script(reply("hello"), reply("fine"))
    const first = await generate(request([user("hi")]))
    provider.forgetResponses()
    const events: Array<StreamEvent> = []
    const second = await generate(following(first, "on"), events)
    expect(provider.refusals).toEqual([lost("resp_1")])
    expect(provider.requests).toHaveLength(3)
    expect(bodyOf(2)).not.toHaveProperty("previous_response_id")
    expect(bodyOf(2)).toMatchObject({
      store: true,
      input: [said("hi"), { type: "reasoning" }, { role: "assistant", content: "hello" }, said("on")],
    })
    expect(events).toEqual([
      { type: "reasoning", text: "hm" },
      { type: "text", text: "fine" },
    ])
    // The next turn goes on from the response of the second try.
    expect(second.responseId).toBe("resp_3")
  })

  it.each([
    [
      "may not be used",
      {
        status: 400,
        body: '{"error":{"message":"Previous response cannot be used for this organization due to Zero Data Retention.","type":"invalid_request_error","param":"previous_response_id","code":"unsupported_parameter"}}',
      },
    ],
    [
      "is said to be lost in the stream",
      {
        items: [
          {
            event: {
              type: "error",
              code: "previous_response_not_found",
              message: "Previous response with id 'resp_1' not found.",
              param: "previous_response_id",
            },
          },
        ],
      },
    ],
  ])("carries the whole conversation after a response that %s", async (_, step) => {
    provider.script(reply("hello"), step, reply("fine"))
    const first = await generate(request([user("hi")]))
    const second = await generate(following(first, "on"))
    expect(second.parts.at(-1)).toEqual({ type: "text", text: "fine" })
    expect(provider.requests.map(({ body }) => body["previous_response_id"])).toEqual([undefined, "resp_1", undefined])
    expect(bodyOf(2)?.["input"]).toHaveLength(4)
  })

  it("fails as any other for other reasons, and is not repeated", async () => {
    provider.script(reply("hello"), { status: 429, message: "slow down" })
    const first = await generate(request([user("hi")]))
    expect(await failureOf(following(first, "on"))).toMatchObject({ kind: "rate_limit", retryable: true })
    expect(provider.requests).toHaveLength(2)
  })

  it("is not repeated when it had no chain", async () => {
    provider.script({ status: 400, message: lost("resp_1") })
    expect(await failureOf(request([user("hi")]))).toMatchObject({ kind: "generic", brokenChain: true })
    expect(provider.requests).toHaveLength(1)
  })

  it("fails when the whole conversation is refused as well", async () => {
    provider.script(reply("hello"), { status: 500, message: "server error" })
    const first = await generate(request([user("hi")]))
    provider.forgetResponses()
    expect(await failureOf(following(first, "on"))).toMatchObject({ kind: "generic", retryable: true, statusCode: 500 })
    expect(provider.requests).toHaveLength(3)
  })

  it("does not start anew when something was shown", async () => {
    const event = { type: "error", code: "previous_response_not_found", message: lost("resp_1") }
    provider.script(reply("hello"), { items: [{ text: "half" }, { event }] })
    const first = await generate(request([user("hi")]))
    const failure = await failureOf(following(first, "on"))
    expect(failure).toMatchObject({ kind: "generic", retryable: true, brokenChain: true })
    // Ids of the provider mean nothing to a person.
    expect(failure.detail).not.toContain("resp_1")
    expect(provider.requests).toHaveLength(2)
  })

  it("can leave the chain after a step with calls, and the whole conversation is accepted", async () => {
    const calling = { items: [{ reasoning: "look" }, { calls: [{ tool: "execute", args: { command: "ls" } }] }] }
    provider.script(reply("hello"), calling, reply("done"))
    const first = await generate(request([user("hi")]))
    const history = [user("hi"), { role: "assistant" as const, parts: first.parts }, user("ls")]
    const second = await generate(following(first, "ls"))
    await generate(request([...history, ...answered(second, "a.txt")]))
    expect(provider.refusals).toEqual([])
    expect(bodyOf(1)).toMatchObject({ previous_response_id: "resp_1" })
    expect(bodyOf(2)).not.toHaveProperty("previous_response_id")
    expect(bodyOf(2)?.["input"]).toMatchObject([
      said("hi"),
      { type: "reasoning" },
      { content: "hello" },
      said("ls"),
      { type: "reasoning" },
      { type: "function_call" },
      { type: "function_call_output", output: "a.txt" },
    ])
  })
})

describe("without store", () => {
  it.each([
    ["by default", {}],
    ["when it is off", { provider_options: { openai: { store: false } } }],
  ])("a call carries the whole conversation and the provider keeps nothing: %s", async (_, config) => {
    provider.script(reply("hello"), reply("fine"))
    const first = await generate(request([user("hi")], { config }))
    await generate(following(first, "on", { config }))
    expect(provider.refusals).toEqual([])
    expect(bodyOf(1)).toMatchObject({ store: false })
    expect(bodyOf(1)).not.toHaveProperty("previous_response_id")
    expect(bodyOf(1)?.["input"]).toHaveLength(4)
  })

  it("a response of that time cannot be gone on from once store is on, which costs one request", async () => {
    provider.script(reply("hello"), reply("fine"))
    const first = await generate(request([user("hi")], { config: {} }))
    await generate(following(first, "on"))
    expect(provider.refusals).toEqual([lost("resp_1")])
    expect(bodyOf(2)?.["input"]).toHaveLength(4)
  })
})

it("Chat Completions know no chain", async () => {
  provider.script({ items: [{ text: "hello" }] })
  const config = { openai_config: { use_responses_api: false }, ...storing }
  const chain = { previousResponseId: "resp_1", messages: [user("on")] }
  await generate(request([user("hi"), user("on")], { config, chain }))
  expect(provider.requests[0]).toMatchObject({ protocol: "chat", refusal: undefined })
  expect(bodyOf(0)?.["messages"]).toMatchObject([{ role: "system" }, { role: "user", content: "hi\n\non" }])
})

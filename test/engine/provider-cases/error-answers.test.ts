import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { useReaders } from "../../support/chat-view.ts"
import { type Engine, useEngines } from "../../support/engine.ts"
import { caseFile, chatText, RawProvider } from "../../support/raw-provider.ts"

/** Failed answers of servers that copy the protocol, as a reader of the chat sees them. */

const engines = useEngines({ TROUPE_RETRY_BASE_MS: "20", TROUPE_RETRY_CAP_MS: "20" })
const follow = useReaders()
let engine: Engine
let provider: RawProvider
let model: string

beforeAll(async () => {
  engine = await engines.start()
  provider = await RawProvider.start()
  model = await engines.addModel({
    provider: "openai-compat",
    display_name: "Raw",
    base_url: `${provider.url}/v1`,
    api_key: "k",
  })
})
afterAll(() => provider.close())
beforeEach(() => provider.reset())

const turn = async (status: "waiting" | "error") => {
  const chatId = await engine.create("go", { more: { model_config_id: model } })
  return follow(engine, chatId).activity(status)
}

it("what the body says is what the user reads", async () => {
  provider.answer(caseFile("07-error-body-shapes/err-mistral.json"))
  const { error } = await turn("error")
  expect(error).toMatchObject({
    kind: "config",
    detail: "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.",
  })
  expect(provider.requests).toHaveLength(1)
})

it("a rate limit that comes as a bad request is waited for", async () => {
  provider.answer(caseFile("07-error-body-shapes/err-ratelimit-msg.json"), chatText("after all"))
  const view = await turn("waiting")
  expect(view.lines.at(-1)).toContain("after all")
  expect(provider.requests).toHaveLength(2)
})

it("a tool call that the server could not read is asked for once more", async () => {
  const error = { message: "Failed to call a function.", type: "invalid_request_error", code: "tool_use_failed" }
  const body = JSON.stringify({ error: { ...error, failed_generation: "<function=" } })
  provider.answer({ status: 400, body }, chatText("better"))
  const view = await turn("waiting")
  expect(view.lines.at(-1)).toContain("better")
  expect(provider.requests).toHaveLength(2)
})

it("a message that is too long by itself says so, and what helps", async () => {
  provider.answer({ status: 400, body: '{"detail":"prompt is too long: 9 tokens > 8 maximum"}' })
  const { error } = await turn("error")
  expect(error).toMatchObject({
    kind: "context_overflow",
    retryable: false,
    message: expect.stringContaining("Edit it to be shorter"),
    detail: "prompt is too long: 9 tokens > 8 maximum",
  })
})

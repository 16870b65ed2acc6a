import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useReaders } from "../../support/chat-view.ts"
import { type Engine, useEngines } from "../../support/engine.ts"
import { chatText, type RawAnswer, RawProvider, type RawRequest, type RawStep } from "../../support/raw-provider.ts"
import { json, messagesText } from "./more-kinds/kind.ts"

/** Fields of a request that not every server takes. */

const engines = useEngines({ TROUPE_RETRY_CAP_MS: "20" })
const follow = useReaders()
let engine: Engine
let provider: RawProvider

type Type = "openai-compat" | "openai" | "anthropic"

/** Each with a model of its own: what is refused is known by it. */
const CONFIGS = {
  stream_options: ["openai-compat", {}],
  max_tokens: ["openai-compat", { max_output_tokens: 100 }],
  max_completion_tokens: ["openai", { max_output_tokens: 100, openai_config: { use_responses_api: false } }],
  tool_choice: ["openai-compat", {}],
  temperature: ["openai-compat", { temperature: 0.5 }],
  thinking: ["anthropic", { provider_options: { anthropic: { thinking: { budget_tokens: 2_000 } } } }],
} as const satisfies Readonly<Record<string, readonly [type: Type, config: object]>>

type Field = keyof typeof CONFIGS
const models = new Map<Field, string>()

beforeAll(async () => {
  engine = await engines.start()
  provider = await RawProvider.start()
  for (const field of Object.keys(CONFIGS) as ReadonlyArray<Field>) {
    const [type, model_config] = CONFIGS[field]
    const base_url = type === "anthropic" ? provider.url : `${provider.url}/v1`
    const added = { provider: type, display_name: `Strict in ${field}`, base_url, api_key: "k" }
    models.set(field, await engines.addModel(added, { model: `without-${field}`, model_config }))
  }
})
afterAll(() => provider.close())
beforeEach(() => provider.reset())

const says = (message: string): RawAnswer =>
  json(400, { error: { message, type: "invalid_request_error", code: "unsupported_parameter" } })

/** Refuses while the body has the field. */
const refusing =
  (field: string, refusal: RawAnswer, good: RawAnswer): RawStep =>
  ({ body }) =>
    field in body ? refusal : good

/** Two turns of one chat, which end well; the requests of the first and of the second. */
const twoTurns = async (field: Field): Promise<[first: Array<RawRequest>, second: Array<RawRequest>]> => {
  const chatId = await engine.create("go", { more: { model_config_id: models.get(field) } })
  const reader = follow(engine, chatId)
  expect((await reader.idle()).error).toBeUndefined()
  const first = provider.requests.splice(0)
  await engine.send(chatId, "and now?")
  await reader.until(({ transcript }) => transcript.length === 4)
  await reader.idle()
  return [first, provider.requests.splice(0)]
}

describe("a field that is our own choice is left out, or named otherwise, where a server refuses it", () => {
  it.each<[Field, RawAnswer, (body: RawRequest["body"]) => void]>([
    [
      "stream_options",
      json(422, { detail: [{ loc: ["body", "stream_options"], msg: "Extra inputs are not permitted" }] }),
      (body) => expect(body).not.toHaveProperty("stream_options"),
    ],
    [
      "max_tokens",
      says(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
      (body) => expect(body).toMatchObject({ max_completion_tokens: 100 }),
    ],
    [
      "max_completion_tokens",
      says("Unrecognized request argument supplied: max_completion_tokens"),
      (body) => expect(body).toMatchObject({ max_tokens: 100 }),
    ],
    [
      "tool_choice",
      json(422, { type: "extra_forbidden", loc: ["body", "tool_choice"], msg: "Extra inputs are not permitted" }),
      (body) => expect(body).toMatchObject({ tools: expect.arrayContaining([]) }),
    ],
  ])("%s", async (field, refusal, expectRight) => {
    provider.always(refusing(field, refusal, chatText("Here.")))
    const [first, second] = await twoTurns(field)
    expect(first).toHaveLength(2)
    expect(first[0]?.body).toHaveProperty(field)
    // It is known from then on.
    expect(second).toHaveLength(1)
    for (const request of [first[1], second[0]]) {
      expect(request?.body).not.toHaveProperty(field)
      expectRight(request?.body ?? {})
    }
  })

  it("and one that the administrator set is not: the refusal is told", async () => {
    provider.always(
      refusing("temperature", says("Unsupported parameter: 'temperature' is not supported."), chatText("Here.")),
    )
    const chatId = await engine.create("go", { more: { model_config_id: models.get("temperature") } })
    const { error } = await follow(engine, chatId).activity("error")
    expect(error).toMatchObject({ kind: "config", detail: expect.stringContaining("'temperature'") })
    expect(provider.requests).toHaveLength(1)
  })
})

it("a provider that expects a turn to begin with thinking gets a request that does not think", async () => {
  const refusal = json(400, {
    type: "error",
    error: {
      type: "invalid_request_error",
      message:
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.",
    },
  })
  const hasSpoken = ({ body }: RawRequest) =>
    Array.isArray(body["messages"]) && body["messages"].some(({ role }) => role === "assistant")
  provider.always((request) => (hasSpoken(request) && "thinking" in request.body ? refusal : messagesText("Here.")))
  const [first, second] = await twoTurns("thinking")
  expect(first.map(({ body }) => "thinking" in body)).toEqual([true])
  expect(second.map(({ body }) => "thinking" in body)).toEqual([true, false])
})

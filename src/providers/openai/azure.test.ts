import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { Effect } from "effect"
import { generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { chatText, RawProvider, sse } from "../../../test/support/raw-provider.ts"
import { textOf } from "../../../test/support/raw-reply.ts"
import type { ModelCallConfig } from "../../contract/models.ts"
import type { ProviderConnection } from "../provider.ts"
import { Providers } from "../registry.ts"
import { openaiBaseUrl } from "./client.ts"

/** Azure's two ways to the same models, told apart by the base URL. */

let azure: RawProvider

beforeAll(async () => {
  azure = await RawProvider.start()
})
afterEach(() => {
  vi.unstubAllEnvs()
  azure.reset()
})
afterAll(() => azure.close())

const connectionTo = (baseUrl: string): ProviderConnection => ({
  type: "azure",
  displayName: "Azure",
  baseUrl,
  apiKey: "azure-key",
  headers: {},
})

const callTo = (path: string, config: ModelCallConfig = {}) =>
  requestTo(connectionTo(`${azure.url}${path}`), [user("hi")], { model: "deployed", config })

const responsesText = sse(
  { type: "response.output_text.delta", item_id: "m", output_index: 0, delta: "Done." },
  { type: "response.completed", response: { id: "r", status: "completed", output: [] } },
)
const chat: ModelCallConfig = { openai_config: { use_responses_api: false } }

describe("a base URL", () => {
  it.each([
    ["https://mine.openai.azure.com", "https://mine.openai.azure.com/openai/v1"],
    ["https://mine.openai.azure.com/", "https://mine.openai.azure.com/openai/v1"],
    ["https://mine.services.ai.azure.com", "https://mine.services.ai.azure.com/openai/v1"],
    ["https://mine.cognitiveservices.azure.com", "https://mine.cognitiveservices.azure.com/openai/v1"],
    ["https://mine.openai.azure.us", "https://mine.openai.azure.us/openai/v1"],
    ["https://mine.openai.azure.com/openai/v1/", "https://mine.openai.azure.com/openai/v1"],
    ["https://mine.openai.azure.com/openai", "https://mine.openai.azure.com/openai"],
    [
      "https://mine.openai.azure.com/openai/deployments/gpt-4o/chat/completions",
      "https://mine.openai.azure.com/openai",
    ],
    ["https://gateway.example/azure", "https://gateway.example/azure"],
  ])("%s means %s", (given, meant) => {
    expect(openaiBaseUrl(connectionTo(given))).toBe(meant)
  })
})

describe("a call", () => {
  it.each([
    ["/openai/v1", {}, "/openai/v1/responses"],
    ["/openai/v1", chat, "/openai/v1/chat/completions"],
    ["/gateway", {}, "/gateway/responses"],
    ["/openai", {}, "/openai/responses?api-version=2025-04-01-preview"],
    ["/openai", chat, "/openai/deployments/deployed/chat/completions?api-version=2025-04-01-preview"],
    ["/openai/deployments/other", chat, "/openai/deployments/deployed/chat/completions?api-version=2025-04-01-preview"],
  ])("to %s with %j goes to %s", async (base, config, path) => {
    // Variables that are meant for others.
    vi.stubEnv("OPENAI_API_VERSION", "2020-01-01")
    vi.stubEnv("AZURE_OPENAI_API_KEY", "theirs")
    vi.stubEnv("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:1")
    azure.answer(config === chat ? chatText("Done.") : responsesText)
    expect(textOf(await generate(callTo(base, config)))).toBe("Done.")
    expect(azure.requests[0]).toMatchObject({ path, headers: { "api-key": "azure-key" }, body: { model: "deployed" } })
  })
})

it.each([
  ["/openai/v1", "/openai/v1/models"],
  ["/openai", "/openai/models?api-version=2025-04-01-preview"],
])("the list of %s is at %s", async (base, path) => {
  azure.answer({ body: JSON.stringify({ data: [{ id: "gpt-4o" }] }) })
  const listed = Providers.pipe(
    Effect.flatMap((providers) => providers.listModels(connectionTo(`${azure.url}${base}`))),
    Effect.provide(Providers.layer({ streamSilenceMs: 1_000 })),
  )
  expect(await Effect.runPromise(listed)).toEqual([{ id: "gpt-4o" }])
  expect(azure.requests[0]).toMatchObject({ path, headers: { "api-key": "azure-key" } })
})

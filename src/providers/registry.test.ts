import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Either } from "effect"
import { afterEach, beforeEach, expect, test } from "vitest"
import { failureOf, requestTo, user } from "../../test/support/provider-call.ts"
import { RawProvider } from "../../test/support/raw-provider.ts"
import { ScriptedProvider } from "../../test/support/scripted-provider.ts"
import {
  claudeVersion,
  contextLimitOf,
  defaultMaxOutput,
  geminiVersion,
  isReasoningModel,
  isResponsesModel,
} from "./catalog.ts"
import { reasoningEffort } from "./options.ts"
import type { ProviderConnection } from "./provider.ts"
import { Providers } from "./registry.ts"

let provider: ScriptedProvider

beforeEach(async () => {
  provider = await ScriptedProvider.start({ models: ["small", "large"] })
})

afterEach(async () => {
  await provider.close()
})

const listed = (connection: ProviderConnection) =>
  Effect.runPromise(
    Providers.pipe(
      Effect.flatMap((providers) => Effect.either(providers.listModels(connection))),
      Effect.provide(Providers.layer({ streamSilenceMs: 1_000 })),
    ),
  )

const connection = (changes: Partial<ProviderConnection>): ProviderConnection => ({
  ...provider.connection("openai-compat"),
  ...changes,
})

test.each([
  [{ type: "google", apiKey: "" }, "missing_key", /GOOGLE_API_KEY is not set/],
  [{ type: "openai", apiKey: "" }, "missing_key", /OPENAI_API_KEY is not set/],
  [{ type: "anthropic", apiKey: "" }, "missing_key", /ANTHROPIC_API_KEY is not set/],
  [{ type: "azure", baseUrl: "" }, "config", /needs a base URL/],
  [{ type: "openai-compat", baseUrl: " " }, "config", /needs a base URL/],
  [{ type: "openai-compat", baseUrl: "localhost:8080" }, "config", /starts with http/],
] as const)("refused before anything is sent: %j", async (changes, kind, message) => {
  const error = await failureOf(requestTo(connection({ displayName: "Mine", ...changes }), [user("hi")]))
  expect(error).toMatchObject({ kind, retryable: false, message: expect.stringMatching(message) })
  expect(error.message).toContain("Mine")
  expect(await listed(connection(changes))).toMatchObject({ left: { kind } })
  expect(provider.requests).toEqual([])
})

test.each(["openai-compat", "openai", "openrouter", "vercel", "azure", "anthropic", "google"] as const)(
  "lists the models of %s",
  async (type) => {
    expect(await listed(provider.connection(type))).toMatchObject({ right: [{ id: "small" }, { id: "large" }] })
  },
)

test("a list is refused with a wrong key, at a page, and at a server that is not there", async () => {
  expect(await listed(connection({ apiKey: "wrong" }))).toMatchObject({ left: { kind: "auth" } })
  expect(await listed(connection({ baseUrl: `${provider.url}/elsewhere` }))).toMatchObject({ left: { kind: "config" } })
  const page = createServer((_request, response) => response.end("<html><body>hello</body></html>"))
  await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve))
  const { port } = page.address() as AddressInfo
  const there = connection({ baseUrl: `http://127.0.0.1:${port}` })
  expect(await listed(there)).toMatchObject({ left: { kind: "config", detail: "hello" } })
  page.closeAllConnections()
  await new Promise((resolve) => page.close(resolve))
  expect(await listed(there)).toMatchObject({ left: { kind: "timeout" } })
})

test("Bedrock has no list: what is there to enter is said", async () => {
  const mine = connection({ type: "bedrock", displayName: "Mine", apiKey: "" })
  expect(await listed(mine)).toMatchObject({
    left: { kind: "config", message: expect.stringMatching(/^Mine .*id of a model or of an inference profile/) },
  })
})

test("Google's list is read page by page, without what writes no text", async () => {
  const pages = [
    {
      models: [
        {
          name: "models/gemini-a",
          displayName: "A",
          inputTokenLimit: 1000,
          supportedGenerationMethods: ["generateContent"],
        },
        { name: "models/vectors", supportedGenerationMethods: ["embedContent"] },
      ],
      nextPageToken: "p2",
    },
    { models: [{ name: "models/gemini-b" }] },
  ]
  const google = await RawProvider.start()
  google.answer(...pages.map((page) => ({ body: JSON.stringify(page) })))
  expect(await listed(connection({ type: "google", baseUrl: `${google.url}/v1/`, apiKey: "k" }))).toEqual(
    Either.right([{ id: "gemini-a", displayName: "A", contextLimit: 1000 }, { id: "gemini-b" }]),
  )
  expect(google.requests.map(({ headers, path }) => [path, headers["x-goog-api-key"]])).toEqual([
    ["/v1/models?pageSize=1000", "k"],
    ["/v1/models?pageSize=1000&pageToken=p2", "k"],
  ])
  // A list that leads to itself ends.
  google.always({ body: JSON.stringify({ models: [], nextPageToken: "again" }) })
  expect(await listed(connection({ type: "google", baseUrl: google.url, apiKey: "k" }))).toEqual(Either.right([]))
  await google.close()
})

test("what is known of models by name", () => {
  expect(["gpt-5.2", "openai/o3", "chatgpt-4o-latest", "codex-mini"].map(isResponsesModel)).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(["llama-3", "my-gpt-5", "ollama"].map(isResponsesModel)).toEqual([false, false, false])
  expect(["o4-mini", "gpt-5", "gpt-5-chat-latest", "gpt-4o"].map(isReasoningModel)).toEqual([true, true, false, false])
  expect(
    ["claude-opus-4-6", "claude-test-5", "anthropic/claude-opus-4.7", "claude-sonnet-4-20250514", "claude-3-opus"].map(
      claudeVersion,
    ),
  ).toEqual([46, 50, 47, 40, undefined])
  expect(
    [
      "us.anthropic.claude-opus-4-6-v1:0",
      "anthropic.claude-sonnet-4-20250514-v1:0",
      "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
    ].map(claudeVersion),
  ).toEqual([46, 40, 45])
  expect(["gemini-2.5-pro", "models/gemini-3-flash", "gemini-flash-latest", "gemma-3"].map(geminiVersion)).toEqual([
    25,
    30,
    Number.POSITIVE_INFINITY,
    undefined,
  ])
  expect(["gpt-4o-mini", "claude-3-5-haiku", "claude-opus-4-6", "unheard-of"].map(defaultMaxOutput)).toEqual([
    16_384, 8_192, 32_000, 32_000,
  ])
  expect(["gpt-4o", "gpt-4-0613", "unheard-of"].map(contextLimitOf)).toEqual([128_000, 8_192, undefined])
})

test.each([
  ["openai", { default: "none", max: "max" }, undefined, "minimal"],
  ["openai", { default: "max", max: "max" }, undefined, "xhigh"],
  ["openai", { default: "high", max: "low" }, undefined, "low"],
  ["openrouter", { default: "minimal", max: "max" }, undefined, "low"],
  ["openrouter", { default: "max", max: "max" }, undefined, "high"],
  ["vercel", { default: "none", max: "max" }, undefined, "none"],
  ["anthropic", { default: "max", max: "max" }, undefined, "max"],
  ["openai", { default: "low", max: "high" }, "high", "low"],
  ["openai", undefined, "HIGH", "high"],
  ["openai", undefined, "max", undefined],
  ["openrouter", undefined, "xhigh", undefined],
  ["openai", undefined, 7, undefined],
  ["openai", undefined, undefined, undefined],
] as const)("effort of %s with %j and option %s is %s", (group, effort, option, expected) => {
  expect(reasoningEffort(effort ? { reasoning_effort: effort } : {}, group, option)).toBe(expected)
})

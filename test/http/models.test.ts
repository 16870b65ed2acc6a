import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { KEY, openai, resolve, type Row, UNKNOWN, useAdmin } from "./model-admin.ts"
import { useServer } from "./server.ts"

describe("providers", () => {
  const server = useServer()
  const admin = useAdmin(server)

  it("lists each type that could be set up, in the fixed order", async () => {
    const rows = await admin.providers()
    expect(rows.map((row) => [row["provider"], row["source"], row["enabled"]])).toEqual(
      ["anthropic", "azure", "bedrock", "google", "openai", "openai-compat", "openrouter", "vercel"].map((type) => [
        type,
        "supported",
        false,
      ]),
    )
  })

  it("creates one with the standard flags, and shows its key to nobody", async () => {
    const { status, json, text } = await admin.createProvider({ ...openai, base_url: "http://127.0.0.1:9/v1" })
    expect(status).toBe(201)
    expect(json).toMatchObject({
      provider: "openai",
      display_name: "OpenAI",
      enabled: true,
      has_api_key: true,
      central_api_key_enabled: true,
      allow_user_api_key: false,
      allow_central_api_key_fallback: false,
      base_url: "http://127.0.0.1:9/v1",
      source: "database",
    })
    expect(await admin.providers()).toContainEqual(json)
    const stored = await server.runtime.runPromise(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select * from providers`),
    )
    for (const shown of [text, JSON.stringify(await admin.providers()), JSON.stringify(stored), server.log()]) {
      expect(shown).not.toContain(KEY)
    }
  })

  it("has several of one type, but not of one name", async () => {
    expect((await admin.createProvider({ ...openai, display_name: "Second" })).status).toBe(201)
    const taken = await admin.createProvider({ ...openai, display_name: "SECOND" })
    expect(taken.status).toBe(409)
    expect(taken.json).toMatchObject({ validations: [{ field: "display_name" }] })
    // The same name under another type is another name.
    expect((await admin.createProvider({ provider: "vercel", api_key: KEY, display_name: "Second" })).status).toBe(201)
  })

  it.each([
    ["an unknown type", { provider: "mistral", api_key: KEY }, "provider"],
    ["no key", { provider: "openai" }, "api_key"],
    ["a blank key", { provider: "openai", api_key: "  " }, "api_key"],
    ["a key of 10,241 bytes", { provider: "openai", api_key: "ä".repeat(5_120) + "x" }, "api_key"],
    ["a URL that is none", { ...openai, base_url: "not a url" }, "base_url"],
    ["a URL of another kind", { ...openai, base_url: "file:///etc/passwd" }, "base_url"],
    ["a URL with a name and password", { ...openai, base_url: "https://me:secret@llm.example/v1" }, "base_url"],
    ["a URL with a name", { ...openai, base_url: "https://me@llm.example/v1" }, "base_url"],
    ["a URL with an empty name", { ...openai, base_url: "https://@llm.example/v1" }, "base_url"],
    ["a URL with a query", { ...openai, base_url: "https://llm.example/v1?api-version=1" }, "base_url"],
    ["a URL with an empty query", { ...openai, base_url: "https://llm.example/v1?" }, "base_url"],
    ["a URL with a fragment", { ...openai, base_url: "https://llm.example/v1#top" }, "base_url"],
    ["a URL with an empty fragment", { ...openai, base_url: "https://llm.example/v1#" }, "base_url"],
    ["a URL with blanks around it", { ...openai, base_url: " https://llm.example/v1" }, "base_url"],
    ["a URL with a blank in it", { ...openai, base_url: "https://llm.example/my models" }, "base_url"],
    ["a URL with a line break", { ...openai, base_url: "https://llm.example/v1\n" }, "base_url"],
    ["a key with a line break in it", { provider: "openai", api_key: `${KEY}\n${KEY}` }, "api_key"],
    ["a key with a line break behind it", { provider: "openai", api_key: `${KEY}\r\n` }, "api_key"],
    ["a key with a blank before it", { provider: "openai", api_key: ` ${KEY}` }, "api_key"],
    ["a key with a tab behind it", { provider: "openai", api_key: `${KEY}\t` }, "api_key"],
    ["a key with a control character", { provider: "openai", api_key: `${KEY}\u0000x` }, "api_key"],
    ["a key with letters that no header holds", { provider: "openai", api_key: `${KEY}ключ` }, "api_key"],
    ["a key with an invisible character", { provider: "openai", api_key: `${KEY}\u200bx` }, "api_key"],
    ["no URL where one is needed", { provider: "openai-compat", api_key: KEY }, "base_url"],
    ["nobody's keys allowed", { ...openai, central_api_key_enabled: false }, "central_api_key_enabled"],
    ["a fallback from nothing", { ...openai, allow_central_api_key_fallback: true }, "allow_central_api_key_fallback"],
    ["flags of a wrong type", { ...openai, enabled: "yes" }, "enabled"],
  ])("refuses %s", async (_name, body, field) => {
    const { status, json, text } = await admin.createProvider({ display_name: "Refused", ...body })
    expect(status).toBe(400)
    expect(json).toMatchObject({ validations: expect.arrayContaining([expect.objectContaining({ field })]) })
    expect(text).not.toContain(KEY)
  })

  it("needs no key where it is disabled, belongs to users, or comes from AWS", async () => {
    const create = async (body: Record<string, unknown>) =>
      (await admin.createProvider({ display_name: JSON.stringify(body), ...body })).status
    expect(await create({ provider: "openai", enabled: false })).toBe(201)
    expect(await create({ provider: "openai", central_api_key_enabled: false, allow_user_api_key: true })).toBe(201)
    expect(await create({ provider: "bedrock" })).toBe(201)
    expect(await create({ provider: "openai", api_key: "x".repeat(10_240) })).toBe(201)
    expect(await create({ provider: "openai", api_key: "of two words", base_url: "http://[::1]:9/a@b" })).toBe(201)
  })
})

describe("model configs", () => {
  const server = useServer()
  const admin = useAdmin(server)
  const created: Record<string, string> = {}
  const config = (more: Record<string, unknown>) => ({
    ai_provider_id: created["openai"],
    model: "m",
    context_limit: 1_000,
    ...more,
  })

  beforeAll(async () => {
    for (const [name, body] of Object.entries({
      openai,
      off: { provider: "anthropic", api_key: KEY, enabled: false },
      routerAsOpenAi: { ...openai, display_name: "Router", base_url: "https://openrouter.ai/api/v1" },
      azure: { provider: "azure", api_key: KEY, base_url: "https://azure.example" },
    })) {
      created[name] = ((await admin.createProvider(body)).json as Row).id
    }
  })

  it("makes the first one the default, and a later one only when asked to", async () => {
    const first = await admin.createConfig(config({ model: "first", is_default: false }))
    expect(first.status).toBe(201)
    expect(first.json).toMatchObject({
      provider: "openai",
      ai_provider_id: created["openai"],
      model: "first",
      display_name: "first",
      enabled: true,
      is_default: true,
      context_limit: 1_000,
      compression_threshold: 70,
    })
    expect(first.json).not.toHaveProperty("model_config")
    expect((await admin.createConfig(config({ model: "second" }))).json).toMatchObject({ is_default: false })
    const third = await admin.createConfig(config({ model: "third", is_default: true }))
    const defaults = (await admin.configs()).filter((row) => row["is_default"])
    expect(defaults).toEqual([third.json])
  })

  it("has one default, whoever asks at the same time", async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, index) => admin.createConfig(config({ model: `race-${index}`, is_default: true }))),
    )
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
    expect((await admin.configs()).filter((row) => row["is_default"])).toHaveLength(1)
  })

  it("keeps the call config as it came", async () => {
    const model_config = {
      temperature: 0.5,
      cost: { input_price_per_million_tokens: "1.25" },
      reasoning_effort: { default: "low", max: "high" },
      provider_options: { openai: { store: false, metadata: { team: "a" } } },
    }
    const { json } = await admin.createConfig(config({ model: "tuned", model_config }))
    expect(json).toMatchObject({ model_config })
    expect((await resolve(server, (json as Row).id)).config).toEqual(model_config)
  })

  it("takes the provider by type where there is only one of it", async () => {
    const { status, json } = await admin.createConfig({ provider: "azure", model: "gpt", context_limit: 10 })
    expect(status).toBe(201)
    expect(json).toMatchObject({ ai_provider_id: created["azure"] })
  })

  it.each([
    ["no provider", { ai_provider_id: undefined }, 400, "ai_provider_id"],
    ["a type that has several", { ai_provider_id: undefined, provider: "openai" }, 400, "ai_provider_id"],
    ["a type that has none", { ai_provider_id: undefined, provider: "google" }, 400, "ai_provider_id"],
    ["an unknown provider", { ai_provider_id: UNKNOWN }, 412, "ai_provider_id"],
    ["an id that is none", { ai_provider_id: "7" }, 400, "ai_provider_id"],
    ["a type that is not the provider's", { provider: "azure" }, 400, "provider"],
    ["no model", { model: undefined }, 400, "model"],
    ["an empty model", { model: "" }, 400, "model"],
    ["no context limit", { context_limit: undefined }, 400, "context_limit"],
    ["a context limit of 0", { context_limit: 0 }, 400, "context_limit"],
    ["a threshold above 100", { compression_threshold: 101 }, 400, "compression_threshold"],
    ["a temperature out of range", { model_config: { temperature: 3 } }, 400, "model_config.temperature"],
    ["a field that nobody knows", { model_config: { temprature: 1 } }, 400, "model_config.temprature"],
    [
      "a negative price",
      { model_config: { cost: { input_price_per_million_tokens: "-1" } } },
      400,
      "model_config.cost.input_price_per_million_tokens",
    ],
    [
      "an option that nobody knows",
      { model_config: { provider_options: { openai: { stor: 1 } } } },
      400,
      "model_config.provider_options.openai.stor",
    ],
  ] as const)("refuses %s", async (_name, body, wanted, field) => {
    const { status, json } = await admin.createConfig(config(body))
    expect(status).toBe(wanted)
    expect(json).toMatchObject({ validations: expect.arrayContaining([expect.objectContaining({ field })]) })
  })

  it("refuses a disabled provider, by id and by type", async () => {
    for (const body of [{ ai_provider_id: created["off"] }, { ai_provider_id: undefined, provider: "anthropic" }]) {
      const { status, json } = await admin.createConfig(config(body))
      expect(status).toBe(412)
      expect(json).toMatchObject({ message: expect.stringContaining("Anthropic") })
    }
  })

  it("refuses a model of OpenRouter under a provider that is set up as OpenAI", async () => {
    const router = { ai_provider_id: created["routerAsOpenAi"] }
    expect((await admin.createConfig(config({ ...router, model: "meta/llama" }))).status).toBe(400)
    expect((await admin.createConfig(config({ ...router, model: "llama" }))).status).toBe(201)
  })

  it("shows disabled ones to administrators only", async () => {
    const hidden = (await admin.createConfig(config({ model: "hidden", enabled: false }))).json as Row
    const member = await server.addUser({ username: "reader", roles: ["agents-access"] })
    const shown = (await server.call("GET", "/api/v2/chats/model-configs", { token: member }))
      .json as ReadonlyArray<Row>
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.map(({ id }) => id)).not.toContain(hidden.id)
    expect((await admin.configs()).map(({ id }) => id)).toContain(hidden.id)
  })
})

describe("the models to choose from", () => {
  const server = useServer()
  const admin = useAdmin(server)

  it("are of enabled providers, sorted, each once", async () => {
    const { id } = (await admin.createProvider(openai)).json as Row
    await admin.createProvider({ provider: "anthropic", api_key: KEY, enabled: false })
    await admin.createProvider({ provider: "vercel", central_api_key_enabled: false, allow_user_api_key: true })
    for (const model of ["gpt-b", "gpt-a", "GPT-A"]) {
      await admin.createConfig({ ai_provider_id: id, model, context_limit: 10, display_name: `The ${model}` })
    }
    await admin.createConfig({ ai_provider_id: id, model: "off", context_limit: 10, enabled: false })
    const models = await admin.models()
    expect(models).toMatchObject({
      providers: [
        { provider: "openai", available: true, models: [{}, { id: "openai:gpt-b", display_name: "The gpt-b" }] },
        { provider: "vercel", available: false, unavailable_reason: "user_api_key_required", models: [] },
      ],
    })
    expect(JSON.stringify(models).match(/openai:gpt-a/gi)).toHaveLength(1)
    expect(JSON.stringify(models)).not.toContain("off")
  })
})

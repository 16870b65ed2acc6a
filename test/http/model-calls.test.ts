import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { ModelCatalog } from "../../src/models/catalog.ts"
import { SIMULATOR_MODEL_CONFIG_ID, SIMULATOR_PROVIDER_ID, ensureStartingModels } from "../../src/models/starting.ts"
import { readSettings, Settings } from "../../src/settings.ts"
import { disable, KEY, openai, refusal, resolve, type Row, UNKNOWN, useAdmin } from "./model-admin.ts"
import { SIMULATOR_KEY, useServer } from "./server.ts"

describe("what a call is made with", () => {
  const server = useServer()
  const admin = useAdmin(server)

  it("is found anew after every change", async () => {
    expect(await refusal(server, null)).toMatchObject({ reason: "no_default_model" })
    const provider = (await admin.createProvider({ ...openai, base_url: "http://127.0.0.1:9/v1" })).json as Row
    const config = (await admin.createConfig({ ai_provider_id: provider.id, model: "m", context_limit: 5 })).json as Row
    const second = (await admin.createConfig({ ai_provider_id: provider.id, model: "n", context_limit: 5 })).json as Row
    expect(await resolve(server, config.id)).toEqual({
      modelConfigId: config.id,
      providerId: provider.id,
      model: "m",
      displayName: "m",
      contextLimit: 5,
      compressionThreshold: 70,
      config: {},
      origin: expect.any(String),
      connection: {
        type: "openai",
        displayName: "OpenAI",
        baseUrl: "http://127.0.0.1:9/v1",
        apiKey: KEY,
        headers: {},
      },
    })
    expect((await resolve(server, null)).modelConfigId).toBe(config.id)
    expect(await refusal(server, UNKNOWN)).toMatchObject({ reason: "model_not_found_or_disabled" })

    await disable(server, "model_configs", second.id)
    expect(await refusal(server, second.id)).toMatchObject({ reason: "model_not_found_or_disabled" })
    const fallback = Effect.flatMap(ModelCatalog, (catalog) => catalog.resolveOrDefault(second.id, UNKNOWN))
    expect((await server.runtime.runPromise(fallback)).modelConfigId).toBe(config.id)

    await disable(server, "providers", provider.id)
    expect(await refusal(server, config.id)).toMatchObject({ reason: "provider_disabled" })
  })

  it("is refused without a key, in words for the one who can help", async () => {
    const users = {
      provider: "openai",
      display_name: "Own keys",
      central_api_key_enabled: false,
      allow_user_api_key: true,
    }
    const provider = (await admin.createProvider(users)).json as Row
    const config = (await admin.createConfig({ ai_provider_id: provider.id, model: "m", context_limit: 5 })).json as Row
    expect(await refusal(server, config.id)).toMatchObject({
      reason: "credentials_missing",
      message: expect.stringContaining("key of your own"),
    })
  })

  it("is refused with a key that cannot be read any more, which the server survives", async () => {
    const provider = (await admin.createProvider({ ...openai, display_name: "Moved" })).json as Row
    const config = (await admin.createConfig({ ai_provider_id: provider.id, model: "m", context_limit: 5 })).json as Row
    expect((await resolve(server, config.id)).connection.apiKey).toBe(KEY)
    await server.runtime.runPromise(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`update providers set api_key = 'v1.00000000.AAAA' where id = ${provider.id}`
        yield* (yield* ModelCatalog).invalidate
      }),
    )
    expect(await refusal(server, config.id)).toMatchObject({
      reason: "credentials_missing",
      message: expect.stringContaining(provider.id),
    })
    expect((await admin.providers()).find(({ id }) => id === provider.id)).toMatchObject({ has_api_key: true })
  })
})

describe("a variable that makes a connection which would fail at every call", () => {
  const server = useServer({ environment: {} })

  it.each([
    ["OPENAI_BASE_URL", "https://api.example/v1?key=1"],
    ["OPENAI_BASE_URL", "https://me:pw@api.example/v1"],
    ["ANTHROPIC_BASE_URL", "https://api.example/#here"],
    ["OPENAI_API_KEY", "sk-1\nsk-2"],
    ["ANTHROPIC_API_KEY", " sk-ant-1"],
  ])("%s is named by the start that it ends", async (variable, value) => {
    const settings = await Effect.runPromise(readSettings({ HOME: "/nowhere", [variable]: value }))
    const started = await server.runtime.runPromiseExit(
      ensureStartingModels().pipe(Effect.provideService(Settings, settings)),
    )
    expect(started).toMatchObject({
      _tag: "Failure",
      cause: {
        error: { _tag: "SettingsError", message: expect.stringMatching(`^${variable} cannot be used\\. [A-Z].*\\.$`) },
      },
    })
    expect(JSON.stringify(started)).not.toContain(value)
  })
})

describe("a new server", () => {
  const server = useServer({
    environment: {
      OPENAI_API_KEY: KEY,
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
      ANTHROPIC_API_KEY: "",
    },
  })
  const admin = useAdmin(server)
  const start = () => server.runtime.runPromise(ensureStartingModels())

  it("has the simulator, whose key and address are those of the running process", async () => {
    await start()
    await start()
    const simulator = (await admin.providers()).filter(({ id }) => id === SIMULATOR_PROVIDER_ID)
    expect(simulator).toMatchObject([
      { display_name: "Simulator (scripted, not an LLM)", enabled: true, has_api_key: true },
    ])
    const { modelConfigId, connection } = await resolve(server, null)
    expect(modelConfigId).toBe(SIMULATOR_MODEL_CONFIG_ID)
    expect(connection).toMatchObject({ baseUrl: "http://127.0.0.1:1/simulator/v1", apiKey: SIMULATOR_KEY })
    expect(JSON.stringify(await admin.providers())).not.toContain(SIMULATOR_KEY)
    expect(await admin.models()).toMatchObject({
      providers: expect.arrayContaining([
        expect.objectContaining({
          provider: "openai-compat",
          available: true,
          models: [expect.objectContaining({ model: "simulator" })],
        }),
      ]),
    })
  })

  it("has a provider for each key of its environment, and leaves it removed when it was", async () => {
    const presets = async () => (await admin.providers()).filter((row) => row["source"] === "env_preset")
    expect(await presets()).toMatchObject([
      { provider: "openai", display_name: "OpenAI", has_api_key: true, base_url: "http://127.0.0.1:9/v1" },
    ])
    await server.runtime.runPromise(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update providers set deleted = true where source = 'env_preset'`,
      ),
    )
    await start()
    expect(await presets()).toEqual([])
  })

  it("hands the default over to the first real model, and the simulator takes no part in naming a provider by type", async () => {
    await admin.createProvider({ provider: "openai-compat", api_key: KEY, base_url: "http://127.0.0.1:9/v1" })
    const { status, json } = await admin.createConfig({ provider: "openai-compat", model: "real", context_limit: 10 })
    expect(status).toBe(201)
    expect(json).toMatchObject({ is_default: true })
    await start()
    expect((await resolve(server, null)).model).toBe("real")
    expect((await resolve(server, SIMULATOR_MODEL_CONFIG_ID)).connection.apiKey).toBe(SIMULATOR_KEY)
  })
})

import { Effect, Layer } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { user } from "../../test/support/provider-call.ts"
import { ScriptedProvider } from "../../test/support/scripted-provider.ts"
import { ModelCatalog, ModelNotUsable, type ResolvedModel } from "../models/catalog.ts"
import type { StreamEvent } from "../providers/provider.ts"
import { Providers } from "../providers/registry.ts"
import { type ModelCall, ModelCalls, type Question } from "./model-call.ts"

let provider: ScriptedProvider

beforeAll(async () => {
  provider = await ScriptedProvider.start()
})

afterEach(() => {
  expect(provider.left).toBe(0)
})

afterAll(async () => {
  await provider.close()
})

const modelOf = (): ResolvedModel => ({
  modelConfigId: "config",
  providerId: "provider",
  model: "scripted",
  origin: "origin",
  displayName: "Scripted",
  contextLimit: 1_000,
  compressionThreshold: 70,
  config: { cost: { input_price_per_million_tokens: "2", output_price_per_million_tokens: "10.5" } },
  connection: provider.connection("openai-compat"),
})

const unused = () => Effect.dieMessage("not asked here")

/** Calls on a catalogue that knows one model, and for one owner only. */
const calls = Layer.suspend(() =>
  ModelCalls.layer.pipe(
    Layer.provide(
      Layer.succeed(ModelCatalog, {
        resolve: unused,
        resolveOrDefault: (modelConfigId, userId) =>
          modelConfigId === "chosen" && userId === "owner"
            ? Effect.succeed(modelOf())
            : new ModelNotUsable({ operation: "test", reason: "no_default_model", message: "There is none." }),
        defaultModel: Effect.dieMessage("not asked here"),
        snapshot: Effect.dieMessage("not asked here"),
        providerKeys: Effect.dieMessage("not asked here"),
        invalidate: Effect.void,
      }),
    ),
    Layer.provide(Providers.layer({ streamSilenceMs: 10_000 })),
  ),
)

const begin = (modelConfigId: string, userId = "owner") =>
  Effect.flatMap(ModelCalls, (service) =>
    service.begin({ last_model_config_id: modelConfigId, owner_id: userId }),
  ).pipe(Effect.provide(calls))

const question: Question = {
  system: ["You are a test."],
  messages: [user("hello")],
  tools: [],
  providerTools: [],
  toolChoice: "auto",
}

const ask = (call: ModelCall, events: Array<StreamEvent> = []) =>
  Effect.runPromise(Effect.either(call.ask(question, (event) => events.push(event))))

describe("a call of a model", () => {
  it("is resolved for the one who makes it", async () => {
    expect(await Effect.runPromise(Effect.map(begin("chosen"), ({ model }) => model))).toEqual(modelOf())
    expect(await Effect.runPromise(Effect.flip(begin("chosen", "somebody else")))).toBeInstanceOf(ModelNotUsable)
  })

  it("streams the reply, and records what it took and cost", async () => {
    provider.script({ items: [{ text: ["hi", " there"] }], usage: { input: 100, output: 7, cached: 40 } })
    const call = await Effect.runPromise(begin("chosen"))
    const events: Array<StreamEvent> = []
    expect(await ask(call, events)).toMatchObject({ right: { parts: [{ type: "text", text: "hi there" }] } })
    expect(events).toEqual(["hi", " there"].map((text) => ({ type: "text", text })))
    expect(call.record).toMatchObject({
      modelConfigId: "config",
      usage: { input_tokens: 60, cache_read_tokens: 40, output_tokens: 7, context_limit: 1_000 },
      // 60 x 2 + 7 x 10.5, rounded up.
      costMicros: 194,
    })
  })

  it("records all replies that it needed, and nothing for one that failed", async () => {
    provider.script(
      { items: [{ text: " " }], usage: { input: 100, output: 1 } },
      { status: 500, message: "broken" },
      { items: [{ text: "well" }], usage: { input: 200, output: 2 } },
    )
    const call = await Effect.runPromise(begin("chosen"))
    const outcomes = [await ask(call), await ask(call), await ask(call)].map(({ _tag }) => _tag)
    expect(outcomes).toEqual(["Right", "Left", "Right"])
    expect(call.record).toMatchObject({
      usage: { input_tokens: 300, output_tokens: 3, context_limit: 1_000 },
      // Each call is rounded up by itself: 210.5 and 421.
      costMicros: 211 + 421,
    })
  })

  it("is unpriced where no reply said what it took", async () => {
    provider.script({ items: [{ text: "well" }], usage: null })
    const call = await Effect.runPromise(begin("chosen"))
    await ask(call)
    expect(call.record).toEqual({ modelConfigId: "config", usage: { context_limit: 1_000 }, costMicros: null })
  })
})

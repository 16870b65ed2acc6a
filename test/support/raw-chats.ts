import { afterAll, beforeAll, beforeEach } from "vitest"
import type { ProviderType } from "../../src/contract/models.ts"
import { type ChatView, type TestReader, useReaders } from "./chat-view.ts"
import { type Engine, useEngines } from "./engine.ts"
import { openGate } from "./scripted-provider.ts"
import { RawProvider, type RawStep } from "./raw-provider.ts"

/** An engine whose chats talk to a provider that answers with raw bytes, in any of the three protocols. */

const MODELS = { "openai-compat": "any", openai: "gpt-5.2", anthropic: "claude-test-4-5" } as const

type RawType = keyof typeof MODELS

export interface RawTurn {
  readonly chatId: string
  readonly reader: TestReader
}

export interface RawChats {
  readonly engines: ReturnType<typeof useEngines>
  readonly engine: () => Engine
  readonly provider: () => RawProvider
  /** The id of the model config of a protocol. */
  readonly model: (type: RawType) => string
  readonly follow: ReturnType<typeof useReaders>
  /** A chat with these answers to come; its reader is there before the first of them, so it is told of every retry. */
  readonly begin: (type: RawType, ...answers: ReadonlyArray<RawStep>) => Promise<RawTurn>
  /** The same, when the chat has come to rest. */
  readonly turn: (type: RawType, ...answers: ReadonlyArray<RawStep>) => Promise<ChatView>
}

/** For a test file that calls this at its top level. */
export const useRawChats = (environment: Readonly<Record<string, string>> = {}): RawChats => {
  const engines = useEngines({ TROUPE_RETRY_CAP_MS: "20", ...environment })
  const follow = useReaders()
  const models = new Map<ProviderType, string>()
  let engine: Engine | undefined
  let provider: RawProvider | undefined

  const started = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error("started by beforeAll")
    return value
  }

  beforeAll(async () => {
    engine = await engines.start()
    provider = await RawProvider.start()
    for (const type of ["openai-compat", "openai", "anthropic"] as const) {
      const base_url = type === "anthropic" ? provider.url : `${provider.url}/v1`
      const model = { model: MODELS[type] }
      models.set(type, await engines.addModel({ provider: type, display_name: "Raw", base_url, api_key: "k" }, model))
    }
  })
  afterAll(() => started(provider).close())
  beforeEach(() => started(provider).reset())

  const begin: RawChats["begin"] = async (type, ...answers) => {
    const ready = openGate()
    const [first, ...rest] = answers
    if (first !== undefined) {
      started(provider).answer(
        (request) => {
          const { body, ...answer } = typeof first === "function" ? first(request) : first
          const pieces = typeof body === "string" || body instanceof Uint8Array ? [body] : body
          return { ...answer, body: [() => ready.wait, ...pieces] }
        },
        ...rest,
      )
    }
    const chatId = await started(engine).create("go", { more: { model_config_id: started(models.get(type)) } })
    const reader = follow(started(engine), chatId)
    await reader.until(({ activity }) => activity !== "" && activity !== "pending")
    ready.open()
    return { chatId, reader }
  }

  return {
    engines,
    engine: () => started(engine),
    provider: () => started(provider),
    model: (type) => started(models.get(type)),
    follow,
    begin,
    turn: async (type, ...answers) => (await begin(type, ...answers)).reader.idle(),
  }
}

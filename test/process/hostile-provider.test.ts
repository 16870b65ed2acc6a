import { afterAll, beforeAll, expect, it } from "vitest"
import { Chat } from "../../src/contract/chats.ts"
import { ModelConfig, Provider } from "../../src/contract/models.ts"
import type { ChatReader } from "../support/chat-reader.ts"
import { Client, textContent, textOf } from "../support/client.ts"
import { type HostileProvider, startHostileProvider, WELL } from "../support/hostile-provider.ts"
import { useServerProcess } from "../support/server-process.ts"
import { record, rounds, seed } from "../support/soak.ts"

/** Providers of every bad kind at once, and a chat beside them that has a good one. */

const server = useServerProcess({
  TROUPE_STREAM_SILENCE_MS: "500",
  TROUPE_RETRY_BASE_MS: "5",
  TROUPE_RETRY_CAP_MS: "20",
  TROUPE_IDLE_ACTOR_MS: "1000",
})

const SCRIPTS = rounds({ test: 30, soak: 1_000 })
const MEASURED = rounds({ test: 10, soak: 100 })
/** How much later the first delta may come than usual. In a short run a busy machine decides, and nothing is said. */
const MOST_RATIO = rounds({ test: Number.POSITIVE_INFINITY, soak: 2 })
const AT_ONCE = 4
/** Long enough to mean that a turn never ends: the provider gives up each answer after 3 s. */
const PATIENCE_MS = 60_000
const HOUR_MS = 3_600_000
/** A delta that comes within this is never late. */
const PROMPT_MS = 50

let provider: HostileProvider
let client: Client
let models: ReadonlyArray<string>
let organizationId: string

beforeAll(async () => {
  provider = await startHostileProvider(seed)
  client = await Client.signIn(server.url)
  organizationId = await client.organizationId()
  const made: Array<string> = []
  for (const [type, path] of [
    ["openai-compat", "/v1"],
    ["openai", "/v1"],
    ["anthropic", ""],
  ] as const) {
    const added = await client.expect(Provider, 201, "POST", "/chats/providers", {
      body: { provider: type, display_name: type, base_url: `${provider.url}${path}`, api_key: "sk-hostile" },
    })
    const config = await client.expect(ModelConfig, 201, "POST", "/chats/model-configs", {
      body: { ai_provider_id: added.id, model: "hostile", context_limit: 1_000_000, is_default: made.length === 0 },
    })
    made.push(config.id)
  }
  models = made
})
afterAll(() => provider.stop())

const ended = (status: string): boolean => status === "waiting" || status === "error" || status === "requires_action"

/** Waits for the end of a turn, which may take many tries of the model. */
const untilEnded = async (reader: ChatReader): Promise<void> => {
  const until = performance.now() + PATIENCE_MS
  while (!ended(reader.status)) {
    await reader
      .until((seen) => ended(seen.status))
      .catch((error: unknown) => {
        if (performance.now() > until) throw error
      })
  }
}

/** Script `number` as a chat's first turn, and a good answer as its second: whatever came, the chat goes on. */
const suffer = async (number: number): Promise<string> => {
  const model_config_id = models[number % models.length]
  const { id } = await client.expect(Chat, 201, "POST", "/chats", {
    body: { organization_id: organizationId, content: textContent(`script ${number}`), model_config_id },
  })
  const reader = await client.stream(id)
  try {
    await untilEnded(reader)
    const { status } = reader
    const before = reader.messages.size
    await client.send(id, `Say: ${WELL}`)
    await reader.until((seen) => seen.messages.size >= before + 2 && ended(seen.status))
    expect(textOf(reader.lastMessage)).toBe(WELL)
    return status
  } finally {
    await reader.close()
  }
}

/** One turn of the chat with the good provider: its first delta in milliseconds, its text exact. */
const askWell = async (chat: ChatReader, id: string): Promise<number> => {
  const [messages, parts] = [chat.messages.size, chat.parts.length]
  const sent = performance.now()
  await client.send(id, `Say: ${WELL}`)
  await chat.untilAnswered(messages + 2)
  expect(textOf(chat.lastMessage)).toBe(WELL)
  return (chat.parts[parts]?.at ?? Number.NaN) - sent
}

const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN

it(
  "every turn ends, every chat goes on, and the chat beside them hardly notices",
  async () => {
    const { id } = await client.createChat(`Say: ${WELL}`)
    const chat = await client.stream(id)
    await chat.untilAnswered(2)
    const usual: Array<number> = []
    // The first turns compile the code.
    for (let turn = 0; turn < MEASURED * 2; turn++) usual.push(await askWell(chat, id))

    let next = 0
    const statuses = new Map<string, number>()
    const faults: Array<string> = []
    const work = async () => {
      while (next < SCRIPTS) {
        const number = next++
        const status = await suffer(number).catch((error: unknown) => {
          faults.push(`script ${number}: ${String(error).slice(0, 1_000)}`)
          return "broken"
        })
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    let under = true
    const suffering = Promise.all(Array.from({ length: AT_ONCE }, work)).finally(() => {
      under = false
    })
    const beside: Array<number> = []
    const asking = async () => {
      while (under) beside.push(await askWell(chat, id))
    }
    await Promise.all([suffering, asking()])
    await chat.close()

    const compare = (share: number) => {
      const [before, during] = [percentile(usual.slice(MEASURED), share), percentile(beside, share)]
      return { before, during, ratio: during / Math.max(before, PROMPT_MS) }
    }
    const [median, p95] = [compare(0.5), compare(0.95)]
    const told = ({ before, during }: typeof median) => `${before.toFixed(0)} -> ${during.toFixed(0)}`
    record("hostile providers beside a good one", {
      scripts: SCRIPTS,
      "turns of the good chat": beside.length,
      ...Object.fromEntries(statuses),
      "its first delta in ms, median": told(median),
      "95th percentile": told(p95),
    })
    process.stdout.write(`first delta beside hostile providers, ms: median ${told(median)}, p95 ${told(p95)}\n`)
    expect(faults, `seed ${seed}`).toEqual([])
    expect(beside.length).toBeGreaterThan(0)
    expect(median.ratio).toBeLessThan(MOST_RATIO)
    expect(p95.ratio).toBeLessThan(MOST_RATIO)
    expect(server.run.stderr).not.toMatch(/"level":60/)
  },
  HOUR_MS,
)

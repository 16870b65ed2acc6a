import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client } from "../support/client.ts"
import { RawProvider, sse } from "../support/raw-provider.ts"
import { useServerProcess } from "../support/server-process.ts"

/** What is thrown where neither Effect nor Express catches it costs one request, and never the server. */

/** Makes the process throw in callbacks of its own when it is told to, as a bug would. */
const stray = `data:text/javascript,${encodeURIComponent(
  `process.on("SIGUSR2", () => {
     setTimeout(() => { throw new Error("stray in a timer") }, 0)
     Promise.reject(new Error("stray in a promise"))
   })`,
)}`

const server = useServerProcess({ NODE_OPTIONS: `--import=${stray}`, TROUPE_RETRY_CAP_MS: "20" })
let client: Client
let provider: RawProvider
let model: string

beforeAll(async () => {
  client = await Client.signIn(server.url)
  provider = await RawProvider.start()
  const add = async (path: string, body: object) =>
    String((await client.call("POST", path, { body })).body?.["id" as never])
  const ai_provider_id = await add("/chats/providers", {
    ...{ provider: "openai-compat", display_name: "Raw", base_url: `${provider.url}/v1`, api_key: "k" },
  })
  model = await add("/chats/model-configs", { ai_provider_id, model: "raw", context_limit: 100_000, is_default: true })
})
afterAll(() => provider.close())

const create = async () => {
  const body = {
    ...{ organization_id: await client.organizationId(), model_config_id: model },
    content: [{ type: "text", text: "go" }],
  }
  const reply = await client.call("POST", "/chats", { body })
  expect(reply.status).toBe(201)
  return String((reply.body as { id: string }).id)
}

const activity = async (chatId: string) =>
  ((await client.call("GET", `/chats/${chatId}`)).body as { activity: string }).activity

const atRest = async (chatId: string): Promise<void> => {
  await expect.poll(() => activity(chatId), { timeout: 20_000 }).toMatch(/^(waiting|error)$/)
}

const goesOn = async (pid: number) => {
  expect(server.run.pid).toBe(pid)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
}

const lists = (levels: number) => "[".repeat(levels) + "]".repeat(levels)

describe("JSON that is nested so deeply that it cannot be written", () => {
  it("in the arguments of a model is read like any other attempt", async () => {
    const { pid } = server.run
    const call = { index: 0, id: "c", type: "function", function: { name: "execute", arguments: "" } }
    const deep = { index: 0, function: { arguments: `{"command":"x","z":${lists(6_000)}}` } }
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...{ id: "c", object: "chat.completion.chunk" },
      choices: [{ index: 0, delta, finish_reason }],
    })
    provider.always(
      sse(chunk({ tool_calls: [call] }), chunk({ tool_calls: [deep] }), chunk({}, "tool_calls"), "[DONE]"),
    )
    const chatId = await create()
    await expect.poll(() => provider.requests.length, { timeout: 20_000 }).toBeGreaterThan(0)
    provider.always({ status: 400, body: '{"error":{"message":"enough"}}' })
    await atRest(chatId)
    for (const path of ["/attempts", "/messages", "", "/machine", "/transitions"]) {
      expect((await client.call("GET", `/chats/${chatId}${path}`)).status).toBe(200)
    }
    await goesOn(pid)
  })

  it("in rows of an older version costs the requests that show them, and no other", async () => {
    const { pid } = server.run
    provider.always(sse({ choices: [{ index: 0, delta: { content: "hi" }, finish_reason: "stop" }] }, "[DONE]"))
    const chatId = await create()
    await atRest(chatId)
    const part = `[{"type":"tool-result","tool_call_id":"a","tool_name":"t","result":${lists(5_000)}}]`
    await server.database.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`update chat_messages set content = ${part}::jsonb where chat_id = ${chatId} and role = 'assistant'`
        yield* sql`insert into chat_attempts (chat_id, history_version, attempt, ended_at, reason)
          values (${chatId}, 1, 7, now(), 'error')`
        yield* sql`insert into chat_parts (chat_id, history_version, attempt, seq, role, part)
          values (${chatId}, 1, 7, 1, 'assistant', (${part}::json -> 0))`
      }).pipe(Effect.orDie),
    )
    for (const path of ["/attempts", "/messages"]) {
      expect(await client.call("GET", `/chats/${chatId}${path}`)).toMatchObject({
        status: 500,
        body: { message: expect.stringMatching(/inside the server.*\.$/), detail: expect.any(String) },
      })
    }
    expect((await client.call("GET", `/chats/${chatId}`)).status).toBe(200)
    await goesOn(pid)
  })
})

it("a throw in a callback of nobody's is logged, and the server goes on", async () => {
  const { pid } = server.run
  process.kill(pid, "SIGUSR2")
  for (const words of ["stray in a timer", "stray in a promise"]) {
    await expect.poll(() => server.run.stdout + server.run.stderr, { timeout: 10_000 }).toContain(words)
  }
  await goesOn(pid)
  expect((await server.run.end("SIGTERM")).code).toBe(0)
  await server.start()
})

import { readFile } from "node:fs/promises"
import { setTimeout as pause } from "node:timers/promises"
import fc from "fast-check"
import { afterAll, beforeAll, expect, it } from "vitest"
import { parseCursor } from "../../src/actors/streams/cursor.ts"
import { BusyChat, HABITS } from "../support/busy-chat.ts"
import { type ChatRecord, faultsOf, linesOf, readRecords } from "../support/chat-record.ts"
import { Client } from "../support/client.ts"
import { type MadeWorkspace, makeWorkspace } from "../support/make-workspace.ts"
import { eventually } from "../support/eventually.ts"
import { useOwnPostgres } from "../support/own-postgres.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { isToolResult } from "../support/scripted-provider/asked.ts"
import type { RecordedRequest } from "../support/scripted-provider/script.ts"
import { useServerProcess } from "../support/server-process.ts"
import { record, rounds, seed } from "../support/soak.ts"

/** The database breaks off its connections, or goes and comes back, while chats are busy. The server stays. */

const CHATS = 20

const postgres = useOwnPostgres()
const server = useServerProcess({
  get TROUPE_DATABASE_URL() {
    return postgres.url
  },
})
const provider = await ScriptedProvider.start()
let client: Client
let workspace: MadeWorkspace

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  workspace = await makeWorkspace(client, provider, server.dataDir)
})
afterAll(() => provider.close())

const userTexts = (found: ChatRecord) =>
  linesOf(found)
    .filter((line) => line.startsWith("user: "))
    .map((line) => line.slice("user: ".length))

/** Each command has run once, whatever became of the turn that it belonged to. */
const checkRuns = async (chat: BusyChat, found: ChatRecord) => {
  const ran = (await readFile(chat.log, "utf8")).trim().split("\n")
  const done = linesOf(found).filter((line) => line === "tool: <execute done>").length
  expect({ chat: chat.name, twice: ran.filter((text, index) => ran.indexOf(text) !== index) }).toEqual({
    chat: chat.name,
    twice: [],
  })
  expect(ran.length).toBeGreaterThanOrEqual(done)
  expect(done).toBeGreaterThan(0)
}

const checkChat = async (chat: BusyChat, found: ChatRecord | undefined, requests: ReadonlyArray<RecordedRequest>) => {
  if (found === undefined) throw new Error(`${chat.name} is gone`)
  // What is stopped before its first word leaves nothing behind.
  const calls =
    chat.habit === "interrupts"
      ? 0
      : requests.filter(({ body }) => JSON.stringify(body).includes(`"${chat.name}, `)).length
  const screen = await chat.screen((cursor) => (parseCursor(cursor)?.version ?? 0) >= found.version)
  expect({
    chat: chat.name,
    activity: found.activity,
    error: found.row["last_error"],
    faults: faultsOf(found, { calls, recoveries: 0, attempts: Number.POSITIVE_INFINITY }),
    said: userTexts(found),
    screen: [...screen.messages.values()].map(({ id, role, content }) => ({ id, role, content })),
    queue: screen.queue,
  }).toEqual({
    chat: chat.name,
    activity: "waiting",
    error: null,
    faults: [],
    said: chat.said,
    screen: found.messages,
    queue: [],
  })
  if (chat.habit === "uses tools") await checkRuns(chat, found)
}

/** Chats live while the faults happen, and a little longer. Answers how many turns ended in an error. */
const live = async (round: string, faults: () => Promise<void>): Promise<{ turns: number; errors: number }> => {
  const firstRequest = provider.requests.length
  provider.reset()
  provider.script({ when: isToolResult, items: [{ text: "It is done." }], repeat: true })
  const organizationId = await client.organizationId()
  const chats = Array.from({ length: CHATS }, (_, index) => {
    const habit = HABITS[index % HABITS.length] ?? "talks"
    return new BusyChat(client, provider, { name: `${round} ${index} ${habit}`, habit, home: workspace.home })
  })
  await Promise.all(chats.map((chat) => chat.begin({ organization_id: organizationId, workspace_id: workspace.id })))
  let over = false
  const lives = Promise.all(chats.map((chat) => chat.live(() => over)))
  // A life that fails is told of below.
  lives.catch(() => undefined)
  await faults()
  over = true
  await lives

  const records = await readRecords(
    postgres.query,
    chats.map(({ id }) => id),
  )
  const requests = provider.requests.slice(firstRequest)
  const recordOf = (chat: BusyChat) => records.find(({ id }) => id === chat.id)
  await Promise.all(chats.map((chat) => checkChat(chat, recordOf(chat), requests)))
  await Promise.all(chats.map((chat) => chat.end()))
  expect(provider.refusals).toEqual([])
  expect(await Promise.race([server.run.ended, Promise.resolve("the server runs")])).toBe("the server runs")
  const events = records.flatMap(({ journal }) => journal.map(({ event }) => event))
  return {
    turns: events.filter((event) => event === "FinishTurn").length,
    errors: events.filter((event) => event === "FinishError").length,
  }
}

const total = (results: ReadonlyArray<{ turns: number; errors: number }>) => ({
  chats: results.length * CHATS,
  turns: results.reduce((sum, { turns }) => sum + turns, 0),
  "turns that ended in an error": results.reduce((sum, { errors }) => sum + errors, 0),
})

/** Milliseconds between the faults of a round. */
const pauses = (round: number, count: number, range: { readonly min: number; readonly max: number }) =>
  fc.sample(fc.integer(range), { seed: seed + round, numRuns: count })

it(
  "loses nothing when its connections break off again and again",
  { timeout: rounds({ test: 120_000, soak: 4 * 3_600_000 }) },
  async () => {
    let cut = 0
    const results = []
    for (let round = 1; round <= rounds({ test: 2, soak: 20 }); round += 1) {
      const result = await live(`cut ${round}`, async () => {
        for (const ms of pauses(round, 6, { min: 20, max: 450 })) {
          cut += await postgres.cutConnections()
          await pause(ms)
        }
      })
      results.push(result)
    }
    expect(cut).toBeGreaterThan(6)
    record("connections to the database broken off", { "connections cut": cut, ...total(results) })
  },
)

it(
  "loses nothing when the database is restarted under load",
  { timeout: rounds({ test: 120_000, soak: 4 * 3_600_000 }) },
  async () => {
    let restarts = 0
    const results = []
    for (let round = 1; round <= rounds({ test: 2, soak: 20 }); round += 1) {
      const result = await live(`restart ${round}`, async () => {
        for (const ms of pauses(round, 2, { min: 100, max: 600 })) {
          await pause(ms)
          await postgres.restart()
          restarts += 1
        }
      })
      results.push(result)
    }
    expect(restarts).toBe(2 * results.length)
    record("database restarted under load", { restarts, ...total(results) })
  },
)

it("keeps a reply in hand while no connection can be made, and says what the chat waits for", async () => {
  const gate = openGate()
  provider.reset()
  provider.script({ items: [{ text: "Half " }, { gate: gate.wait }, { text: "done" }] })
  const { id } = await client.createChat("Tell me all")
  const reader = await client.stream(id)
  await reader.until((seen) => seen.text === "Half ")
  // Shown text that is not in the log yet is waited for, and with it the end of the turn.
  const logged = `select 1 as part from chat_parts where chat_id = $1`
  await eventually(async () => (await postgres.query(logged, [id])).length, 1)
  const asked = provider.requests.length
  await postgres.refuse()
  // The end of the turn cannot be committed.
  gate.open()
  await reader.until((seen) => seen.retry !== undefined)
  expect(reader.retry?.error).toMatch(/^The database cannot be reached just now\./)
  const refused = await client.call("GET", `/chats/${id}`)
  expect([refused.status, refused.body]).toEqual([
    503,
    { message: expect.stringMatching(/^The database cannot be reached/) },
  ])
  await postgres.accept()
  const acceptedAt = performance.now()
  const ended = async () => (await client.call("GET", `/chats/${id}`)).body
  await expect.poll(ended, { timeout: 15_000 }).toMatchObject({ activity: "waiting" })
  expect(performance.now() - acceptedAt).toBeLessThan(5_000)
  const { messages } = await client.messages(id)
  expect(
    messages.map(({ role, content }) => linesOf({ messages: [{ id: 0, role, visibility: "both", content }] })[0]),
  ).toEqual(["assistant: Half done", "user: Tell me all"])
  expect(provider.requests).toHaveLength(asked)
  await reader.close()
})

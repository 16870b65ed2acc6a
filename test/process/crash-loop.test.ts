import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Client, textOf } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import type { RecordedRequest } from "../support/scripted-provider/script.ts"
import { useServerProcess } from "../support/server-process.ts"

/**
 * One chat brings the server down each time that its model is asked: the provider kills the process then. Whoever runs the
 * server starts it again, as systemd does.
 */

const INNOCENT = 50
const RECOVERIES = 3

const server = useServerProcess({ TROUPE_RECOVERY_ATTEMPTS: String(RECOVERIES) })
const provider = await ScriptedProvider.start()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
})
afterAll(() => provider.close())

interface Standing {
  readonly id: string
  readonly title: string
  readonly activity: string
  readonly recovery_attempts: number
  readonly error: string | null
}

const standings = (): Promise<ReadonlyArray<Standing>> =>
  server.database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<Standing>`
        select id, title, activity, recovery_attempts, last_error ->> 'message' as error from chats order by created_at`,
    ).pipe(Effect.orDie),
  )

const isCulprit = ({ title }: Standing) => title.startsWith("Bring")

/** Starts the server again whenever it goes down, until `over`; answers how often that was. */
const keepAlive = async (over: Promise<unknown>): Promise<number> => {
  const done = over.then(() => "done" as const)
  for (let crashes = 0; ; crashes += 1) {
    if ((await Promise.race([server.run.ended, done])) === "done") return crashes
    await server.start()
  }
}

it("only the chat that does it is stopped, and the others get on", { timeout: 240_000 }, async () => {
  const held = openGate()
  const innocent = (request: RecordedRequest) => !JSON.stringify(request.body).includes("Bring it down")
  provider.script({ when: innocent, items: [{ text: "half" }, { gate: held.wait }], repeat: true })
  for (let index = 0; index < INNOCENT; index += 1) await client.createChat(`Innocent ${index}`)
  await provider.requestArrived(INNOCENT)

  provider.reset()
  provider.script({ when: innocent, items: [{ text: "half" }, { pauseMs: 500 }, { text: " and half" }], repeat: true })
  let kills = 0
  const kill = (request: RecordedRequest): boolean => {
    if (innocent(request)) return false
    kills += 1
    void server.run.end("SIGKILL")
    return true
  }
  provider.script({ when: kill, silence: true, repeat: true })
  // Whether it is answered or not is luck: the server goes down meanwhile.
  await client.createChat("Bring it down").catch(() => undefined)
  await server.run.ended

  const innocents = async () => (await standings()).filter((chat) => !isCulprit(chat))
  const startedAt = performance.now()
  let innocentMs = 0
  const atWork = async () => (await innocents()).filter(({ activity }) => activity !== "waiting").length
  const patience = { timeout: 200_000, interval: 100 }
  const gotOn = (async () => {
    await expect.poll(atWork, patience).toBe(0)
    innocentMs = performance.now() - startedAt
  })()
  const stopped = (async () => {
    await expect.poll(async () => (await standings()).find(isCulprit)?.activity, patience).toBe("error")
  })()
  await server.start()
  const crashes = 1 + (await keepAlive(Promise.all([gotOn, stopped])))
  held.open()

  const all = await standings()
  expect(all.find(isCulprit)).toMatchObject({ error: expect.stringContaining("went down several times") })
  expect((await innocents()).filter(({ error, recovery_attempts }) => error !== null || recovery_attempts > 0)).toEqual(
    [],
  )
  for (const { id } of await innocents()) {
    const { messages } = await client.messages(id)
    expect(messages.map((message) => [message.role, textOf(message)])).toEqual([
      ["assistant", "half and half"],
      ["user", expect.stringMatching(/^Innocent/)],
    ])
  }
  // Two that are everybody's, then those that are counted; on a busy machine a trial may be over before the model is asked.
  expect(kills).toBeLessThanOrEqual(2 + RECOVERIES + 1 + 3)
  expect(crashes).toBe(kills)
  // Most of it is starting the server again.
  expect(innocentMs).toBeLessThan(90_000)
})

it("one crash resumes all at once", async () => {
  provider.reset()
  const held = openGate()
  provider.script({ items: [{ text: "half" }, { gate: held.wait }], repeat: true })
  const asked = provider.requests.length
  for (let index = 0; index < 10; index += 1) await client.createChat(`Calm ${index}`)
  await provider.requestArrived(asked + 10)
  await server.kill9()
  await server.start()
  // None waits for another: each stands in the middle of its reply again.
  await provider.requestArrived(asked + 20)
  expect(
    (await standings()).filter(({ title, recovery_attempts }) => title.startsWith("Calm") && recovery_attempts > 0),
  ).toEqual([])
  held.open()
})

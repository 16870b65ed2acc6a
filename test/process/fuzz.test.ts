import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import fc from "fast-check"
import { readdirSync } from "node:fs"
import { beforeAll, expect, it } from "vitest"
import { ModelConfig } from "../../src/contract/models.ts"
import { Client } from "../support/client.ts"
import { callTo, type FuzzCall, type FuzzRoute, fuzzRoutes } from "../support/fuzz/calls.ts"
import { World } from "../support/fuzz/world.ts"
import { useServerProcess } from "../support/server-process.ts"
import { record, rounds, seed } from "../support/soak.ts"

/** Every route of the declaration, with what is mostly right and always odd: it is answered, and leaves the server as it was. */

/** So that what is measured at the end is what is held, and not what nobody has collected yet. */
const COLLECT_GARBAGE = new URL("../../bench/collect-garbage.mjs", import.meta.url).href

const server = useServerProcess({
  TROUPE_IDLE_ACTOR_MS: "500",
  TROUPE_RETRY_BASE_MS: "20",
  TROUPE_RETRY_CAP_MS: "50",
  NODE_OPTIONS: `--import ${COLLECT_GARBAGE}`,
})

const CALLS = rounds({ test: 500, soak: 20_000 })
const AT_ONCE = 8
/** Long enough to mean that it hangs. */
const PATIENCE_MS = 30_000
const HOUR_MS = 3_600_000
/** What may be more at the end than after the first tenth: what was stored is in the database, and no call is left. */
const MORE_FILES = 64
const MORE_MEGABYTES = 64
/** Sessions made before: a fuzzed login soon locks the account for a minute. */
const SPARE_SESSIONS = 4

interface Fault {
  readonly round: number
  readonly call: string
  readonly answer: string
}

const faults: Array<Fault> = []
const statuses = new Map<string, number>()
const succeeded = new Map<string, number>()
let client: Client
let spare: Array<Client>
let world: World

beforeAll(async () => {
  client = await Client.signIn(server.url)
  spare = []
  for (let made = 0; made < SPARE_SESSIONS; made++) spare.push(await Client.signIn(server.url))
  const [preset] = await client.expect(Schema.Array(ModelConfig), 200, "GET", "/chats/model-configs")
  if (preset === undefined) throw new Error("A new server has the simulator")
  const { ai_provider_id } = preset
  const models: Array<string> = []
  for (const model of ["simulator-fast", "simulator-3"]) {
    const body = { ai_provider_id, model, context_limit: 100_000, is_default: models.length === 0 }
    models.push((await client.expect(ModelConfig, 201, "POST", "/chats/model-configs", { body })).id)
  }
  world = new World(await client.organizationId(), ai_provider_id, models)
})

const sessionFor = ({ route, session }: FuzzCall): Readonly<Record<string, string>> => {
  if (session === "none") return {}
  if (session === "wrong") return { "coder-session-token": "\u00ff;=,nonsense" }
  return (route.endsSession ? (spare.pop() ?? new Client(server.url)) : client).authorization
}

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const send = async (round: number, call: FuzzCall): Promise<void> => {
  const { body, idempotencyKey, path, route } = call
  const told = `${route.method} ${path} ${body?.text ?? ""}`.slice(0, 2_000)
  const fail = (answer: string) => void faults.push({ round, call: told, answer: answer.slice(0, 1_000) })
  try {
    const response = await fetch(`${server.url}${path}`, {
      method: route.method,
      headers: {
        ...sessionFor(call),
        ...(body === undefined ? {} : { "content-type": body.type }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: body.text }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const text = await response.text()
    count(statuses, String(response.status))
    if (response.status >= 500) fail(`${response.status} ${text}`)
    if (!response.ok) return
    count(succeeded, route.name)
    const answer = parse(text)
    world.learn(answer)
    world.learnApprovals(/\/chats\/([^/]+)\/approvals/.exec(path)?.[1], answer)
  } catch (error) {
    fail(`no answer: ${String(error)} ${String(error instanceof Error ? error.cause : "")}`)
  }
}

/** The first calls take every route once; then a third of them make something. */
const routeOf = (round: number, choice: number): FuzzRoute => {
  const create = fuzzRoutes.find(({ name }) => name === "createChat")
  const talk = fuzzRoutes.find(({ name }) => name === "sendMessage")
  const fixed = round < fuzzRoutes.length ? fuzzRoutes[round] : choice < 25 ? create : choice < 33 ? talk : undefined
  const route = fixed ?? fuzzRoutes[choice % fuzzRoutes.length]
  if (route === undefined) throw new Error("The declaration has no routes")
  return route
}

const fuzz = async (from: number, to: number): Promise<void> => {
  let next = from
  const work = async () => {
    while (next < to) {
      const round = next++
      const [choices] = fc.sample(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 1_000 })), {
        seed: seed + round,
        numRuns: 1,
      })
      const [choice, chat] = choices ?? [0, 0]
      const route = routeOf(round, choice)
      const [call] = fc.sample(callTo(route, world.known(route.path, chat)), { seed: seed + round, numRuns: 1 })
      if (call !== undefined) await send(round, call)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

const openFiles = () => readdirSync(`/proc/${server.run.pid}/fd`).length

/** Nobody works any more. */
const settled = async () => {
  const busy = Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select 1 from chats where status in ('pending', 'running')`,
  )
  await expect.poll(async () => (await server.database.run(busy)).length, { timeout: 60_000 }).toBe(0)
  return { files: openFiles(), bytes: server.run.pssBytes() }
}

/** Settings that were fuzzed are put right; a chat is made and answered; the log has no failure but those asked for. */
const expectToGoOn = async () => {
  const standard = { deployment: null, per_user: 200, per_organization: null }
  expect((await client.call("PUT", "/chats/config/capacity", { body: standard })).status).toBe(204)
  expect((await client.call("PUT", "/chats/config/tool-policy", { body: { rules: [] } })).status).toBe(204)
  const { id } = await client.createChat("Still there?")
  const reader = await client.stream(id)
  await reader.untilAnswered(2)
  await reader.close()
  const complaints = server.run.stderr.split("\n").filter((line) => /"level":(50|60)/.test(line))
  expect(complaints.filter((line) => !line.includes('"path":"/simulator/'))).toEqual([])
}

it(
  "answers all of them, keeps nothing of them, and goes on",
  async () => {
    const first = Math.floor(CALLS / 10)
    await fuzz(0, first)
    const before = await settled()
    await fuzz(first, CALLS)
    const created = succeeded.get("createChat") ?? 0
    record("fuzz over every route", {
      calls: CALLS,
      routes: fuzzRoutes.length,
      "routes that succeeded": succeeded.size,
      "chats created": created,
      statuses: [...statuses]
        .toSorted()
        .map((each) => each.join(": "))
        .join(", "),
    })
    expect(faults.slice(0, 20), `${faults.length} faults with seed ${seed}`).toEqual([])
    expect(created).toBeGreaterThanOrEqual(CALLS / 10)

    await settled()
    const settling = { timeout: 120_000, interval: 500 }
    await expect.poll(() => openFiles() - before.files, settling).toBeLessThan(MORE_FILES)
    const more = () => (server.run.pssBytes() - before.bytes) / 2 ** 20
    await expect.poll(more, settling).toBeLessThan(MORE_MEGABYTES)
    record("what the fuzz left, at rest", {
      "files before": before.files,
      after: openFiles(),
      "PSS in MB before": before.bytes >> 20,
      "PSS after": server.run.pssBytes() >> 20,
    })
    await expectToGoOn()
  },
  HOUR_MS,
)

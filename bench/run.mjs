// `npm run bench`: what Troupe adds to a direct connection, on this machine. One JSON line per run, then the tables.
//   --only direct,start,load,fan-out,crash   some of the parts (default: these)
//   --only limits,engine,in-flight,idle,turns  other chats at the limits of one; the durable engine: minutes each
//   --only transition,reconnect,history,lists,watch,layouts   some of what `engine` is
//   --chats 1,10,100      chats at once            --listeners 0,10,100   readers of one chat
//   --flight 100,1000     chats in flight          --idle 10000           idle chats       --turns 20000
//   --times 3             repeats of starts and crashes
//   --json FILE           append the JSON lines to a file, too
// Loopback only; ends only the processes it started. TROUPE_DATABASE_URL benchmarks against that (empty) database, without the
// Postgres columns.
import { fork } from "node:child_process"
import { once } from "node:events"
import { appendFileSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { directClient } from "./direct-client.mjs"
import { runLoad } from "./load.mjs"
import { runHistory, runIdle, runReconnect, runTransitions } from "./engine-scenarios.mjs"
import { runInFlight, runTurns } from "./in-flight.mjs"
import { runLimits } from "./limits.mjs"
import { processFigures } from "./process-figures.mjs"
import { LAYOUTS, runLayout, runLists, runWatch } from "./read-scenarios.mjs"
import { loadTable, scenarioTable } from "./report.mjs"
import { BURST, PACED, runCrash, runFanOut, runStarts, warmClient } from "./scenarios.mjs"
import { Installation } from "./troupe-server.mjs"

const PARTS = ["direct", "start", "load", "fan-out", "crash"]
/** What `engine` is. */
const ENGINE_PARTS = ["transition", "reconnect", "history", "lists", "watch", "layouts"]
const LONG_PARTS = ["limits", "engine", ...ENGINE_PARTS, "in-flight", "idle", "turns"]

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: PARTS.join(",") },
    chats: { type: "string", default: "1,10,100" },
    flight: { type: "string", default: "1000" },
    idle: { type: "string", default: "10000" },
    turns: { type: "string", default: "20000" },
    listeners: { type: "string", default: "0,10,100" },
    times: { type: "string", default: "3" },
    json: { type: "string" },
  },
})
const parts = options.only.split(",").flatMap((part) => (part === "engine" ? ENGINE_PARTS : [part]))
const unknown = parts.filter((part) => ![...PARTS, ...LONG_PARTS].includes(part))
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(", ")}. There are: ${[...PARTS, ...LONG_PARTS].join(", ")}`)
  process.exit(2)
}
const collectGarbage = new URL("collect-garbage.mjs", import.meta.url).href
const numbers = (text) => text.split(",").map(Number)
const times = Number(options.times)

const loads = []
const scenarios = []
function record(list, row) {
  list.push(row)
  const line = JSON.stringify(row)
  console.log(line)
  if (options.json) appendFileSync(options.json, `${line}\n`)
}

async function measureLoads(client, providerUrl, pids) {
  for (const model of [PACED, BURST]) {
    for (const n of numbers(options.chats)) record(loads, await runLoad({ client, providerUrl, model, n, pids }))
  }
}

async function measureServer(providerUrl) {
  const installation = new Installation()
  try {
    const server = await installation.start()
    const pids = { serverPid: server.pid, postgresPid: installation.postgresPid() }
    const client = await warmClient(server, providerUrl)
    if (parts.includes("load")) await measureLoads(client, providerUrl, pids)
    if (parts.includes("fan-out")) {
      for (const listeners of numbers(options.listeners))
        record(scenarios, await runFanOut({ client, listeners, pids }))
    }
  } finally {
    await installation.close()
  }
}

/** A server of its own for one scenario, with settings that this needs. */
async function onServer(environment, providerUrl, scenario) {
  const installation = new Installation(environment)
  try {
    const server = await installation.start()
    const client = await warmClient(server, providerUrl)
    const pids = { serverPid: server.pid, postgresPid: installation.postgresPid() }
    for (const row of [await scenario({ client, installation, pids })].flat()) record(scenarios, row)
  } finally {
    await installation.close()
  }
}

async function measureEngine(providerUrl) {
  if (parts.includes("limits")) await onServer({}, providerUrl, runLimits)
  if (parts.includes("transition"))
    await onServer({}, providerUrl, ({ client }) => runTransitions({ client, turns: 300 }))
  if (parts.includes("reconnect"))
    await onServer({ TROUPE_COALESCE_MS: "0" }, providerUrl, ({ client }) => runReconnect({ client, times: 20 }))
  if (parts.includes("history"))
    await onServer({}, providerUrl, (on) => runHistory({ ...on, messages: 10_000, times: 20 }))
  if (parts.includes("lists")) await onServer({}, providerUrl, (on) => runLists({ ...on, chats: 200, times: 20 }))
  if (parts.includes("watch")) await onServer({}, providerUrl, (on) => runWatch({ ...on, tabs: 20, chats: 500 }))
  if (parts.includes("layouts")) {
    for (const layout of Object.keys(LAYOUTS))
      await onServer({}, providerUrl, (on) => runLayout({ ...on, layout, times: 20 }))
  }
  if (parts.includes("in-flight")) {
    for (const chats of numbers(options.flight)) await onServer({}, providerUrl, (on) => runInFlight({ ...on, chats }))
  }
  if (parts.includes("idle")) {
    const environment = { TROUPE_IDLE_ACTOR_MS: "1000", NODE_OPTIONS: `--import ${collectGarbage}` }
    await onServer(environment, providerUrl, (on) =>
      runIdle({ ...on, chats: Number(options.idle), restart: () => pssAfterRestart(on.installation, providerUrl) }),
    )
  }
  if (parts.includes("turns")) {
    await onServer({ TROUPE_IDLE_ACTOR_MS: "1000" }, providerUrl, (on) =>
      runTurns({ ...on, turns: Number(options.turns), chats: 50 }),
    )
  }
}

async function pssAfterRestart(installation, providerUrl) {
  await installation.stop()
  const server = await installation.start()
  await warmClient(server, providerUrl)
  return processFigures(server.pid).pssMb
}

const provider = fork(fileURLToPath(new URL("fake-provider.mjs", import.meta.url)))
try {
  const [{ url: providerUrl }] = await once(provider, "message")
  record([], {
    machine: `${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    date: new Date().toISOString(),
  })
  if (parts.includes("direct")) {
    const direct = directClient(providerUrl)
    // Its first call also opens sockets and compiles code.
    await direct.prompt(await direct.open("warm-up"), "fake-8", () => {})
    await measureLoads(direct, providerUrl)
  }
  if (parts.includes("start")) record(scenarios, await runStarts(times))
  if (parts.includes("load") || parts.includes("fan-out")) await measureServer(providerUrl)
  await measureEngine(providerUrl)
  if (parts.includes("crash")) {
    for (let i = 0; i < times; i++) record(scenarios, await runCrash({ providerUrl }))
  }
  if (loads.some((row) => row.ok < row.n)) process.exitCode = 1
} catch (error) {
  // What was measured until then is still worth showing.
  console.error(`\nstopped: ${error.message}`)
  process.exitCode = 1
} finally {
  provider.disconnect()
  if (loads.length > 0) console.log(`\nMilliseconds as p50 / p95\n${loadTable(loads)}`)
  if (scenarios.length > 0) console.log(`\n${scenarioTable(scenarios)}`)
}

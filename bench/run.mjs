// `npm run bench`: what Troupe adds to a direct connection, on this machine. One JSON line per run, then the tables.
//   --only direct,start,load,fan-out,crash   some of the parts (default: all)
//   --chats 1,10,100      chats at once            --listeners 0,10,100   readers of one chat
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
import { loadTable, scenarioTable } from "./report.mjs"
import { BURST, PACED, runCrash, runFanOut, runStarts, warmClient } from "./scenarios.mjs"
import { Installation } from "./troupe-server.mjs"

const PARTS = ["direct", "start", "load", "fan-out", "crash"]

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: PARTS.join(",") },
    chats: { type: "string", default: "1,10,100" },
    listeners: { type: "string", default: "0,10,100" },
    times: { type: "string", default: "3" },
    json: { type: "string" },
  },
})
const parts = options.only.split(",")
const unknown = parts.filter((part) => !PARTS.includes(part))
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(", ")}. There are: ${PARTS.join(", ")}`)
  process.exit(2)
}
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

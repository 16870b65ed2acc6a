import { readdirSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { WorkspaceAgent } from "./agent.ts"
import { log, logError } from "./log.ts"

/**
 * `node main.mjs --directory DIR --run-directory RUN --generation N [--idle-ms MS]`
 *
 * Serves the workspace in DIR on the socket `RUN/N.sock`. Whoever starts an agent has claimed the generation N first by
 * creating `RUN/N.claim`; the agent writes `ready` into it once it serves. The highest generation is the one in use.
 */
const { values } = parseArgs({
  options: {
    directory: { type: "string" },
    "run-directory": { type: "string" },
    generation: { type: "string" },
    "idle-ms": { type: "string", default: "600000" },
  },
})
const runDirectory = values["run-directory"]
const generation = Number(values.generation)
if (values.directory === undefined || runDirectory === undefined || !Number.isInteger(generation)) {
  throw new Error("usage: main.mjs --directory DIR --run-directory RUN --generation N [--idle-ms MS]")
}
const socket = path.join(runDirectory, `${generation}.sock`)

// The terminal of whoever started the server, and the reader of our output, may go away at any time.
process.on("SIGHUP", () => undefined)
process.stdout.on("error", () => undefined)
process.stderr.on("error", () => undefined)

let ending = false
const end = async (reason: string) => {
  if (ending) return
  ending = true
  log(`ending: ${reason}`)
  rmSync(socket, { force: true })
  await agent.close().catch(logError)
  process.exit(0)
}

const agent = await WorkspaceAgent.create({
  directory: values.directory,
  environment: process.env,
  idleMs: Number(values["idle-ms"]),
  onEnd: () => void end("idle, or asked to"),
})
process.on("SIGTERM", () => void end("SIGTERM"))
process.on("SIGINT", () => void end("SIGINT"))

const isSuperseded = () =>
  readdirSync(runDirectory).some((name) => name.endsWith(".claim") && Number.parseInt(name, 10) > generation)

agent.server.on("error", (error) => {
  logError(error)
  void end("the socket cannot be served")
})
agent.server.listen(socket, () => {
  // Who waited too long for us has started another; two agents of one workspace would keep two records.
  if (isSuperseded()) return void end("a later agent has taken over")
  writeFileSync(path.join(runDirectory, `${generation}.claim`), "ready")
  log(`serving ${socket}`)
})

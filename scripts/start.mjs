// npm start: builds when needed, then runs the server until either of them is asked to end.
import { spawn } from "node:child_process"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { ensureBuild } from "./ensure-build.mjs"
import { findStarters, whenStarterEnds } from "./starters.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const ending = new AbortController()
const end = () => ending.abort()
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, end)
whenStarterEnds(findStarters(), end)

/** The channel is never written to: its end tells the server that this process is gone, for whatever reason. */
const runServer = () => {
  const program = path.join(root, "dist", "server", "main.mjs")
  const stdio = ["inherit", "inherit", "inherit", "ipc"]
  const server = spawn(process.execPath, [...process.execArgv, program], { stdio })
  ending.signal.addEventListener("abort", () => server.kill("SIGTERM"))
  server.once("exit", (code) => {
    process.exitCode = code ?? 1
  })
}

try {
  await ensureBuild(root, ending.signal)
  if (!ending.signal.aborted) runServer()
} catch (cause) {
  if (!ending.signal.aborted) console.error(cause.message)
  process.exitCode = 1
}

import { spawn } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { fingerprint } from "./fingerprint.mjs"
import { isAlive } from "./is-alive.mjs"

const buildProgram = fileURLToPath(new URL("build.mjs", import.meta.url))

const readText = (file) => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

const isCurrent = (root) => readText(path.join(root, "dist", "fingerprint")) === fingerprint(root)

/** Takes the lock, or says who has it. The lock of a process that died is taken over. */
const tryLock = (lock) => {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" })
    return undefined
  } catch (cause) {
    if (cause.code !== "EEXIST") throw cause
  }
  const text = readText(lock)
  const holder = Number(text)
  // Empty: made this moment, its pid not yet written.
  if (text === undefined || text === "" || (holder !== process.pid && isAlive(holder))) return holder
  // Two could take over at once. Both would then build, each in a folder of its own, from the same sources: no harm.
  rmSync(lock, { force: true })
  return tryLock(lock)
}

/** Builds in a process of its own, so that the memory of the tools is not the server's. */
const build = (root, signal, stdio) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [buildProgram], { cwd: root, stdio, signal })
    child.once("error", reject)
    child.once("exit", (code, by) =>
      code === 0 ? resolve() : reject(new Error(`The build failed (${by ?? `exit code ${code}`}), see above.`)),
    )
  })

/**
 * Builds when what is built differs from the sources. Of several processes that come at once, one builds and the others
 * wait for it. Rejects when `signal` is aborted meanwhile. `stdio` is that of the build.
 */
export const ensureBuild = async (root, signal, stdio = "inherit") => {
  if (isCurrent(root)) return
  const lock = path.join(root, "dist", ".lock")
  mkdirSync(path.dirname(lock), { recursive: true })
  let announced = false
  while (tryLock(lock) !== undefined) {
    if (!announced) console.log("Another process is building, waiting for it.")
    announced = true
    await pause(100, undefined, { signal })
  }
  try {
    if (!isCurrent(root)) await build(root, signal, stdio)
  } finally {
    rmSync(lock, { force: true })
  }
}

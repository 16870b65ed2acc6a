import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { isAlive } from "./is-alive.mjs"

/**
 * Who started this process on its behalf: the package manager and the shell that it makes for a script. With them, it ends.
 * Whoever ran the package manager is not one of them: a shell may end and leave `npm start` running.
 */

/** Parent and command line of a process; undefined when there is none, or no way to know. */
const look = (pid) => {
  try {
    if (process.platform === "linux") {
      // The name of the program, in parentheses, may hold anything.
      const [, parent] = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")
      return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") }
    }
    const line = execFileSync("ps", ["-ww", "-o", "ppid=,command=", "-p", String(pid)], { encoding: "utf8" }).trim()
    const [, parent, command = ""] = /^(\d+)\s+(.*)$/s.exec(line) ?? []
    return { parent: Number(parent), command }
  } catch {
    return undefined
  }
}

const isManager = (command = "") => /(^|[\s/\\])(npm|npx|pnpm|yarn|bun)\b/.test(command)

/** Pids of the shell and the package manager above this process, nearest first; none when it was run by other means. */
export const findStarters = () => {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script } = process.env
  if (event !== "start" || !script) return []
  const above = look(process.ppid)
  if (above === undefined) return []
  // Some shells become their last command.
  if (!above.command.includes(script)) return isManager(above.command) ? [process.ppid] : []
  return isManager(look(above.parent)?.command) ? [process.ppid, above.parent] : [process.ppid]
}

/** A process that ended gets no signal to its children; they have another parent from then on. */
const areAlive = ([shell, manager]) => {
  if (process.ppid !== shell) return false
  if (manager === undefined) return true
  // On Linux the shell's parent tells it at once, also when nobody has noticed the manager's end yet.
  return process.platform === "linux" ? look(shell)?.parent === manager : isAlive(manager)
}

const GLANCE_MS = 250

/** Calls back once, when one of them has ended. */
export const whenStarterEnds = (starters, callback) => {
  if (starters.length === 0) return
  const timer = setInterval(() => {
    if (areAlive(starters)) return
    clearInterval(timer)
    callback()
  }, GLANCE_MS)
  timer.unref()
}

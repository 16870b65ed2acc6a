import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** The built program `troupe`, one process for each command. */

export const programFile = fileURLToPath(new URL("../../dist/server/troupe.mjs", import.meta.url))

export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly environment: Readonly<Record<string, string>>
  /** What it reads; nothing by default. */
  readonly input?: string
  /** Nobody reads what it prints. */
  readonly unread?: boolean
}

export interface Running {
  readonly ended: Promise<Ended>
  readonly kill9: () => void
}

export const startTroupe = (words: ReadonlyArray<string>, options: CommandOptions): Running => {
  const child = spawn(process.execPath, [programFile, ...words], {
    stdio: "pipe",
    env: { PATH: process.env["PATH"], ...options.environment },
  })
  let [stdout, stderr] = ["", ""]
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
  if (options.unread === true) child.stdout.destroy()
  else child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()))
  // It may end before it has read anything.
  child.stdin.on("error", () => undefined)
  child.stdin.end(options.input ?? "")
  const ended = once(child, "close").then(([code]): Ended => ({ code, stdout, stderr }))
  return { ended, kill9: () => void child.kill("SIGKILL") }
}

export const troupe = (words: ReadonlyArray<string>, options: CommandOptions): Promise<Ended> =>
  startTroupe(words, options).ended

/** What it prints with `--json`, as it is; fails for a command that is refused. */
export const troupeJson = async (words: ReadonlyArray<string>, options: CommandOptions): Promise<unknown> => {
  const { code, stdout, stderr } = await troupe([...words, "--json"], options)
  if (code !== 0) throw new Error(`troupe ${words.join(" ")} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

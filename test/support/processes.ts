import { readdirSync, readFileSync } from "node:fs"

/** Processes of this machine, as /proc has them. */

export interface SeenProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
  readonly environment: string
}

const look = (pid: number): ReadonlyArray<SeenProcess> => {
  try {
    const [command, environment, stat] = ["cmdline", "environ", "stat"].map((file) =>
      readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " "),
    ) as [string, string, string]
    return [{ pid, parent: Number(stat.replace(/^.*\) /s, "").split(" ")[1]), command, environment }]
  } catch {
    // It ended meanwhile.
    return []
  }
}

const all = (): ReadonlyArray<SeenProcess> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => look(Number(name)))

/** Those that were started with, or work in, this folder. */
export const processesOf = (dataDir: string): ReadonlyArray<string> =>
  all()
    .filter(({ command, environment }) => `${command} ${environment}`.includes(dataDir))
    .map(({ pid, command }) => `${pid} ${command}`)

export const childrenOf = (parent: number): ReadonlyArray<SeenProcess> =>
  all().filter((child) => child.parent === parent)

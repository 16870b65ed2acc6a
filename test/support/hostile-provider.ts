import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("hostile-provider/process.ts", import.meta.url))

/** What the provider answers to anything but a script. */
export const WELL = "All is well."

export interface HostileProvider {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Starts the provider with the scripts of this seed; see `hostile-provider/process.ts` for what it answers. */
export const startHostileProvider = async (seed: number): Promise<HostileProvider> => {
  const child = fork(program, [String(seed)], { execArgv: ["--import", "tsx"] })
  const ended = once(child, "exit")
  const [told] = (await Promise.race([
    once(child, "message"),
    ended.then(() => {
      throw new Error("The hostile provider ended before it was there")
    }),
  ])) as [{ readonly url: string }]
  return {
    url: told.url,
    stop: async () => {
      child.disconnect()
      await ended
    },
  }
}

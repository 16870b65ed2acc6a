import { Cause, Effect, Exit } from "effect"
import { setTimeout as pause } from "node:timers/promises"
import type pino from "pino"
import { makeLogger } from "./main/logging.ts"
import { type RunningServer, startServer } from "./main/server.ts"
import { surviveStrayThrows } from "./main/stray-throws.ts"
import { readSettings, retiredSettings } from "./settings.ts"

/** `npm start`: reads the settings, starts the server, prints its URL and stops it when asked to. */

/** The sentence of a failure to start: typed errors carry one, also inside the defect that a layer makes of them. */
const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const say = (line: string) => process.stdout.write(`${line}\n`)
const complain = (line: string) => process.stderr.write(`${line}\n`)

/** A start that is given up ends its steps itself, but one may hang in the system. */
const GIVE_UP_MS = 900

/** Stops the server on a signal, or gives its start up. `running` resolves once there is one to stop. */
const stopOnSignals = (running: Promise<RunningServer>, start: AbortController, logger: pino.Logger) => {
  let server: RunningServer | undefined
  const started = running.then((made) => (server = made))
  const giveUp = async () => {
    start.abort()
    await Promise.race([started.then(({ stop }) => stop()).catch(() => undefined), pause(GIVE_UP_MS)])
  }
  let stopping: Promise<void> | undefined
  const stop = (code: number) => {
    stopping ??= (server === undefined ? giveUp() : server.stop()).then(
      () => process.exit(code),
      (error: unknown) => {
        logger.error({ error: sentenceOf(error) }, "the server did not stop cleanly")
        process.exit(1)
      },
    )
  }
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop(0))
  // `npm start` runs this program with a channel that says nothing. It ends with the one that started us.
  process.once("disconnect", () => stop(0))
  return stop
}

const main = async () => {
  const read = await Effect.runPromiseExit(readSettings(process.env))
  if (Exit.isFailure(read)) {
    complain(sentenceOf(Cause.squash(read.cause)))
    process.exit(1)
  }
  if (read.value.clusterAddress !== undefined) {
    complain("TROUPE_CLUSTER_ADDRESS is set, but this version runs as a single process only. Unset it.")
    process.exit(1)
  }
  const logger = makeLogger(process.env["TROUPE_LOG_LEVEL"] || "info")
  for (const sentence of retiredSettings(process.env)) logger.warn(sentence)
  // Who read what we say may be gone before us.
  process.stdout.on("error", () => undefined)
  const start = new AbortController()
  const running = startServer(read.value, logger, start.signal)
  const stop = stopOnSignals(running, start, logger)
  try {
    const server = await running
    // Not before: a start that lost a piece would wait for it for ever.
    surviveStrayThrows(logger)
    say(`Troupe is ready: ${server.setupUrl ?? server.url}`)
    await server.lost
    logger.error("another process works on this database now; this one ends")
    stop(1)
  } catch (error) {
    if (start.signal.aborted) return
    complain(`Troupe could not start. ${sentenceOf(error)}`)
    process.exit(1)
  }
}

await main()

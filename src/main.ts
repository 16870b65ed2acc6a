import { Cause, Effect, Exit } from "effect"
import { makeLogger } from "./main/logging.ts"
import { type RunningServer, startServer } from "./main/server.ts"
import { readSettings } from "./settings.ts"

/** `npm start`: reads the settings, starts the server, prints its URL and stops it when asked to. */

/** The sentence of a failure to start: typed errors carry one, also inside the defect that a layer makes of them. */
const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const say = (line: string) => process.stdout.write(`${line}\n`)
const complain = (line: string) => process.stderr.write(`${line}\n`)

/** Stops the server on a signal. One that comes while it is still starting waits for the start to end. */
const stopOnSignals = (starting: Promise<RunningServer>, logger: ReturnType<typeof makeLogger>) => {
  let stopping: Promise<void> | undefined
  const stop = (code: number) => {
    stopping ??= starting
      .then((server) => server.stop())
      .then(
        () => process.exit(code),
        (error: unknown) => {
          logger.error({ error: sentenceOf(error) }, "the server did not stop cleanly")
          process.exit(1)
        },
      )
  }
  process.on("SIGTERM", () => stop(0))
  process.on("SIGINT", () => stop(0))
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
  const starting = startServer(read.value, logger)
  const stop = stopOnSignals(starting, logger)
  try {
    const server = await starting
    say(`Troupe is ready: ${server.setupUrl ?? server.url}`)
    await server.lost
    logger.error("another process works on this database now; this one ends")
    stop(1)
  } catch (error) {
    complain(`Troupe could not start. ${sentenceOf(error)}`)
    process.exit(1)
  }
}

await main()

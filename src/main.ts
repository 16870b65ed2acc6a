import { Cause, Effect, Exit } from "effect"
import { makeLogger } from "./main/logging.ts"
import { type RunningServer, startServer } from "./main/server.ts"
import { readSettings } from "./settings.ts"

/** `npm start`: reads the settings, starts the server, prints its URL and stops it when asked to. */

/** The sentence of a failure to start: typed errors carry one, also inside the defect that a layer makes of them. */
const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const say = (line: string) => process.stdout.write(`${line}\n`)
const complain = (line: string) => process.stderr.write(`${line}\n`)

const stopOn = (server: RunningServer, logger: ReturnType<typeof makeLogger>) => {
  let stopping: Promise<void> | undefined
  const stop = (code: number) => {
    stopping ??= server.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        logger.error({ error: sentenceOf(error) }, "the server did not stop cleanly")
        process.exit(1)
      },
    )
  }
  process.on("SIGTERM", () => stop(0))
  process.on("SIGINT", () => stop(0))
  void server.lost.then(() => {
    logger.error("another process works on this database now; this one ends")
    stop(1)
  })
}

const main = async () => {
  const read = await Effect.runPromiseExit(readSettings(process.env))
  if (Exit.isFailure(read)) {
    complain(sentenceOf(Cause.squash(read.cause)))
    process.exit(1)
  }
  const logger = makeLogger(process.env["TROUPE_LOG_LEVEL"] || "info")
  try {
    const server = await startServer(read.value, logger)
    stopOn(server, logger)
    say(`Troupe is ready: ${server.url}`)
    if (server.setupToken !== undefined) say(`Setup token for the first account: ${server.setupToken}`)
  } catch (error) {
    complain(`Troupe could not start. ${sentenceOf(error)}`)
    process.exit(1)
  }
}

await main()

import { Effect, Layer, Logger, LogLevel } from "effect"
import { Transactions } from "../db/engine/transactions.ts"
import { Database } from "../db/engine/client.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { migrate, schemaState } from "../db/engine/migrator.ts"
import { singleProcessLock } from "../db/engine/process-lock.ts"
import { AuditLogRepository } from "../db/audit/audit-log.ts"
import { Audit } from "../identity/audit/audit.ts"
import { identityLayer } from "../identity/layer.ts"
import { Settings, type SettingsValues } from "../settings.ts"
import { Refused } from "./refusal.ts"

/** The database and the services of the server, as far as the commands need them. */

/** What the server would log, for people: warnings and worse, on standard error. */
const logger = Layer.merge(
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(
      ({ message }) => void process.stderr.write(`${Array.isArray(message) ? message.join(" ") : String(message)}\n`),
    ),
  ),
  Logger.minimumLogLevel(LogLevel.Warning),
)

/**
 * A database that nobody has used yet is made ready, as the first start does it. One of an older release is left to the server:
 * there is no way back, and a server of the older release may be running.
 */
const ready = Effect.gen(function* () {
  const state = yield* schemaState()
  if (state === "older") {
    return yield* new Refused({
      message: "The database is as an older release left it. Start the server of this release once; then try again.",
    })
  }
  if (state === "none") yield* Effect.scoped(Effect.zipRight(singleProcessLock, migrate()))
})

const CONNECTIONS = 4

const database = (settings: SettingsValues) =>
  Layer.effectDiscard(ready).pipe(
    Layer.provideMerge(Database.layer),
    Layer.provideMerge(
      // Secrets whose key is lost are removed by a start that was asked to, never in passing.
      Settings.layer({ ...settings, databasePoolSize: CONNECTIONS, forgetLostSecrets: false }),
    ),
    Layer.provideMerge(logger),
  )

/** For commands about people. */
export const peopleLayer = (settings: SettingsValues) =>
  identityLayer.pipe(Layer.provideMerge(Encryption.layer), Layer.provideMerge(database(settings)))

/** For commands about keys: they work also where some secrets cannot be read. */
export const keysLayer = (settings: SettingsValues) =>
  Layer.merge(Audit.layer.pipe(Layer.provide(AuditLogRepository.layer)), Transactions.layer).pipe(
    Layer.provideMerge(database(settings)),
  )

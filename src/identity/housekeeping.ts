import { Effect, Layer, Schedule } from "effect"
import { auditRetention, userDormancy } from "../contract/deployment-settings.ts"
import { AuditLogRepository } from "../db/audit/audit-log.ts"
import { DeploymentSettings } from "../db/deployment/deployment-settings.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { UserRepository } from "../db/identity/users.ts"
import { Settings } from "../settings.ts"
import { Audit } from "./audit/audit.ts"
import { Sessions } from "./sessions.ts"

/** Rows in one transaction: none of them waits long for it, and other replicas do theirs beside it. */
const REMOVED_AT_ONCE = 1000
const RESTED_AT_ONCE = 200

/** Others have the database as well. */
const BETWEEN = "50 millis"

/** Again at once while a whole batch was found. */
const inBatches = (size: number, once: Effect.Effect<number>): Effect.Effect<void> =>
  once.pipe(Effect.repeat({ schedule: Schedule.spaced(BETWEEN), while: (done) => done === size }), Effect.asVoid)

const make = Effect.gen(function* () {
  const settings = yield* DeploymentSettings
  const log = yield* AuditLogRepository
  const users = yield* UserRepository
  const sessions = yield* Sessions
  const audit = yield* Audit
  const { run } = yield* Transactions
  const { timings } = yield* Settings

  const purge = Effect.gen(function* () {
    const { retention_days: days } = yield* settings.read(auditRetention)
    if (days > 0) yield* inBatches(REMOVED_AT_ONCE, log.removeOlder(days, REMOVED_AT_ONCE))
  })

  const rest = Effect.gen(function* () {
    const { dormant_after_days: days } = yield* settings.read(userDormancy)
    if (days === 0) return
    const batch = run(
      Effect.gen(function* () {
        const rested = yield* users.letRest(days, RESTED_AT_ONCE)
        for (const after of rested) {
          yield* audit.record({
            type: "user",
            id: after.id,
            target: after.username,
            organizationId: null,
            action: "write",
            before: { ...after, status: "active" },
            after,
            more: { automatic: "dormancy", days },
          })
          yield* sessions.forgetUser(after.id)
        }
        return rested.length
      }),
    )
    yield* inBatches(RESTED_AT_ONCE, batch)
  })

  /** One that fails must not be the last, nor keep the other from being done. */
  const tried = (what: string, work: Effect.Effect<void>) =>
    Effect.catchAllCause(work, (cause) => Effect.logWarning(`${what} failed; trying again later`, cause))

  yield* tried("Letting unused accounts rest", rest).pipe(
    Effect.zipRight(tried("Removing old entries of the audit log", purge)),
    Effect.repeat(Schedule.spaced(timings.housekeepingMs)),
    Effect.forkScoped,
  )
})

/** What the server does by itself about people: old entries of the audit log go, and accounts that nobody uses become dormant. */
export const housekeeping = Layer.scopedDiscard(make).pipe(
  Layer.provide(Audit.layer),
  Layer.provide(Layer.mergeAll(AuditLogRepository.layer, UserRepository.layer)),
)

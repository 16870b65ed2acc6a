import { type Duration, Effect, Schedule } from "effect"
import { troubleIn } from "./sql-errors.ts"

/** Ever later, at most every two seconds: a database that comes back is noticed soon, one that is away is not hammered. */
const everLater = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("2 seconds")),
  Schedule.jittered,
)

/**
 * Runs the effect again while the database is the reason that it fails, as an error or as a defect, for at most `limit`. For
 * what may be carried out more than once: what became of a statement whose connection broke is not known.
 */
export const whileInTrouble =
  (limit: Duration.DurationInput) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    effect.pipe(
      Effect.sandbox,
      Effect.retry({
        while: (cause) => troubleIn(cause) !== undefined,
        schedule: everLater.pipe(Schedule.upTo(limit)),
      }),
      Effect.unsandbox,
    )

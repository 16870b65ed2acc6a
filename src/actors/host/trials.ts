import { Deferred, Effect, Exit, FiberId, FiberSet, Queue, type Scope } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import type { ChatRow } from "../../db/chats/rows.ts"
import { type Orphan, SUSPECT_FROM } from "../../db/chats/instances.ts"

/**
 * Suspects are resumed one after the other, so that a server that goes down once more goes down under the one that is to blame:
 * `Instances.judge` reads from the rows who was on trial. A trial is over when the chat has got on, or when its time has passed
 * without a crash. See `docs/adr/0013-crashes-are-one-chats.md`.
 */
export interface Trials {
  /** Puts suspects into the line, in this order; those that are in it stay where they are. */
  readonly add: (suspects: ReadonlyArray<Orphan>) => void
  /** A chat has an actor again. Answers what its actor is to call as it gets on; undefined for a chat that is not on trial. */
  readonly begin: (row: ChatRow) => { readonly shown: () => void; readonly moved: () => void } | undefined
}

/** However late a crash comes, nobody waits longer for one suspect. */
const LONGEST_TRIAL_MS = 60_000

/** Before one that is known to crash alone is tried again, the others have so long to get on, for each of its crashes. */
const GRACE_MS = 1000

export const makeTrials = (host: {
  /** Time of a trial after the second crash; four times as long after each further one, to find those that crash late. */
  readonly trialMs: number
  readonly resume: (chatId: ChatId) => Effect.Effect<void>
  readonly acquit: (row: ChatRow) => Effect.Effect<void>
  /** Whether other chats would be hit. */
  readonly othersWork: () => boolean
}): Effect.Effect<Trials, never, Scope.Scope> =>
  Effect.gen(function* () {
    const fork = yield* FiberSet.makeRuntime()
    const line = yield* Queue.unbounded<Orphan>()
    const waiting = new Set<ChatId>()
    const underWay = new Map<ChatId, Deferred.Deferred<void>>()
    let level = SUSPECT_FROM

    const trialMs = () => Math.min(host.trialMs * 4 ** (level - SUSPECT_FROM), LONGEST_TRIAL_MS)

    const tryNext = Effect.gen(function* () {
      const { id, recovery_attempts } = yield* Queue.take(line)
      if (recovery_attempts > 0 && host.othersWork()) yield* Effect.sleep(recovery_attempts * GRACE_MS)
      yield* host.resume(id)
      waiting.delete(id)
      const trial = underWay.get(id)
      if (trial !== undefined) yield* Deferred.await(trial)
      if (waiting.size === 0) level = SUSPECT_FROM
    })
    yield* tryNext.pipe(Effect.forever, Effect.forkScoped)

    const begin: Trials["begin"] = (row) => {
      if (!row.on_trial) return undefined
      level = Math.max(level, row.suspicion)
      const gotOn = Deferred.unsafeMake<void>(FiberId.none)
      const over = Deferred.unsafeMake<void>(FiberId.none)
      const pass = () => Deferred.unsafeDone(gotOn, Exit.void)
      underWay.set(row.id, over)
      const trial = Deferred.await(gotOn).pipe(
        Effect.timeoutOption(trialMs()),
        Effect.zipRight(host.acquit(row)),
        Effect.ensuring(
          Effect.suspend(() => {
            if (underWay.get(row.id) === over) underWay.delete(row.id)
            return Deferred.succeed(over, undefined)
          }),
        ),
      )
      fork(trial)
      // Words clear a chat of a crash that came at once, and of no later one.
      return { shown: level === SUSPECT_FROM ? pass : () => undefined, moved: pass }
    }

    return {
      add: (suspects) => {
        for (const suspect of suspects) {
          if (waiting.has(suspect.id)) continue
          waiting.add(suspect.id)
          level = Math.max(level, suspect.suspicion)
          Queue.unsafeOffer(line, suspect)
        }
      },
      begin,
    }
  })

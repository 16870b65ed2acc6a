import { Array, Deferred, Effect, Schedule, type Scope } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import { Instances, SUSPECT_FROM } from "../../db/chats/instances.ts"
import { Settings } from "../../settings.ts"
import { Admission } from "./admission.ts"
import { InstanceId } from "./instance.ts"
import type { Trials } from "./trials.ts"

/** Chats that one sweep takes up; the next follows at once while there are more. */
const SWEEP_BATCH = 200

/** Chats that are taken up at a time: a database that has just come back has others to serve as well. */
const TAKEN_UP_AT_ONCE = 8

/** A dropped actor is started again after this pause, so that a database that is away is not hammered. */
const RESTART_PAUSE = "250 millis"

export interface Sweeper {
  /** Sweeps now, and from now on. */
  readonly open: Effect.Effect<void>
  /** Takes up a chat that has lost its actor, after a pause, when its turn comes. */
  readonly restart: (chatId: ChatId) => Effect.Effect<void>
}

/**
 * Says when the host looks after its chats; how is the host's. Every `sweepMs`, and when the server can be reached, chats with
 * work and no live owner are taken up, turns of people who are suspended and effects that are stuck are ended, and actors that nobody needs are stopped.
 */
export const makeSweeper = (host: {
  /** The chat has an actor, or gets one, or cannot have one. */
  readonly isLookedAfter: (chatId: ChatId) => boolean
  readonly takeUp: (chatId: ChatId) => Effect.Effect<void>
  readonly admit: (chatId: ChatId) => void
  readonly trials: Trials
  /** Ends the turns of those for whom nothing is carried out any more. */
  readonly haltBarred: Effect.Effect<void>
  readonly endStalled: Effect.Effect<void>
  readonly stopIdle: Effect.Effect<void>
}): Effect.Effect<Sweeper, never, Scope.Scope | Instances | Admission | InstanceId | Settings> =>
  Effect.gen(function* () {
    const instances = yield* Instances
    const admission = yield* Admission
    const instance = yield* InstanceId
    const { timings } = yield* Settings
    const turns = yield* Effect.makeSemaphore(TAKEN_UP_AT_ONCE)

    const takeUp = (chatId: ChatId) => turns.withPermits(1)(host.takeUp(chatId))

    const takeUpAll = (chatIds: ReadonlyArray<ChatId>) =>
      Effect.forEach(chatIds, takeUp, { concurrency: TAKEN_UP_AT_ONCE, discard: true })

    /** Chats of this instance that lost their actor while the database was away, or whose creation was never confirmed. */
    const stranded = instances
      .owned(instance)
      .pipe(Effect.map((chatIds) => chatIds.filter((chatId) => !host.isLookedAfter(chatId))))

    const sweep = Effect.gen(function* () {
      yield* instances.judge(timings.instanceExpiryMs)
      yield* takeUpAll(yield* stranded)
      const orphans = yield* instances.orphans(timings.instanceExpiryMs, SWEEP_BATCH)
      const [sound, suspects] = Array.partition(orphans, ({ suspicion }) => suspicion >= SUSPECT_FROM)
      host.trials.add(suspects)
      yield* takeUpAll(sound.map(({ id }) => id))
      for (const chatId of yield* admission.forgotten) host.admit(chatId)
      admission.ring()
      return sound.length
    }).pipe(Effect.repeat({ while: (taken) => taken === SWEEP_BATCH }))

    const round = sweep.pipe(
      Effect.zipRight(host.haltBarred),
      Effect.zipRight(host.endStalled),
      Effect.zipRight(host.stopIdle),
      // One that fails, for whatever reason, must not be the last.
      Effect.catchAllCause((cause) =>
        Effect.logWarning("The sweep for chats with work failed; trying again soon", cause),
      ),
    )
    const opened = yield* Deferred.make<void>()
    yield* Deferred.await(opened).pipe(
      Effect.zipRight(Effect.repeat(round, Schedule.spaced(timings.sweepMs))),
      Effect.forkScoped,
    )

    return {
      open: Effect.asVoid(Deferred.succeed(opened, undefined)),
      restart: (chatId) => Effect.delay(takeUp(chatId), RESTART_PAUSE),
    }
  })

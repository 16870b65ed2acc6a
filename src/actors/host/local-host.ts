import { Array, Deferred, Effect, Exit, FiberId, Layer, Option, Runtime, Schedule, Scope } from "effect"
import type { CommandReceipt, LoadedChat, NewChat } from "../../db/chats/commit.ts"
import { ChatCommits, FenceLost } from "../../db/chats/commits.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import { Instances, SUSPECT_FROM } from "../../db/chats/instances.ts"
import { faultOfState } from "../../machines/chat-validity.ts"
import type { ModelCatalog } from "../../providers/model-access.ts"
import { Settings } from "../../settings.ts"
import type { Turn } from "../../turn/turn.ts"
import { Admission } from "./admission.ts"
import { insertedMessage } from "../../db/chats/apply.ts"
import { makeChatActor, type ChatActor } from "../chat/actor.ts"
import { ChatFeed } from "../streams/chat-feed.ts"
import { ChatHost } from "./chat-host.ts"
import { faultOf, repair } from "../chat/repair.ts"
import type { CommandDecider } from "../chat/commands/chat-command.ts"
import { ChatGone, ChatInvalid, ChatSound, ChatUnavailable, type CommandError } from "../chat/commands/refusals.ts"
import { InstanceId } from "./instance.ts"
import { LiveChannels } from "../streams/live-channels.ts"
import { hasWork } from "../chat/machine-state.ts"
import type { PartLog } from "../streams/part-log.ts"
import { makeTrials } from "./trials.ts"

interface Entry {
  readonly actor: ChatActor
  readonly scope: Scope.CloseableScope
  usedAt: number
}

/** Chats that one sweep takes up; the next follows at once while there are more. */
const SWEEP_BATCH = 200

/** A dropped actor is started again after this pause, so that a database that is away is not hammered. */
const RESTART_PAUSE = "250 millis"

/** A command that found its actor going away is given to the next one, which may have to wait 5 s for what that winds up. */
const resend = Schedule.spaced("50 millis").pipe(Schedule.intersect(Schedule.recurs(120)))

/**
 * The host of a single process: every chat that has work, or was used lately, has its actor in this map. A sweep at start
 * and every `sweepMs` takes up chats with work and no live owner; actors without work are stopped.
 */
export const LocalHost = Layer.scoped(
  ChatHost,
  Effect.gen(function* () {
    const commits = yield* ChatCommits
    const reads = yield* ChatReads
    const instances = yield* Instances
    const admission = yield* Admission
    const instance = yield* InstanceId
    const channels = yield* LiveChannels
    const feed = yield* ChatFeed
    const { timings } = yield* Settings
    const context = yield* Effect.context<
      ChatCommits | ChatReads | CommandDecider | ModelCatalog | Turn | LiveChannels | PartLog | ChatFeed | Settings
    >()
    const runtime = yield* Effect.runtime<never>()
    const fork = Runtime.runFork(runtime)

    const entries = new Map<string, Entry>()
    const starting = new Map<string, Deferred.Deferred<Entry, CommandError>>()
    /** Chats that were told to wait for a slot: while there are any, each slot that becomes free is given away at once. */
    const inLine = new Set<string>()
    /** Chats whose first row is being written: they have an owner before they have an actor. */
    const creating = new Set<string>()
    /** Chats that have a slot and are being told so. */
    const admitting = new Set<string>()
    /** Chats that cannot have an actor before they are repaired. */
    const broken = new Set<string>()
    let closing = false

    const remove = (chatId: string, scope: Scope.CloseableScope) => {
      if (entries.get(chatId)?.scope !== scope) return
      entries.delete(chatId)
      inLine.delete(chatId)
    }

    /** For changes that no actor has told of: sidebars and readers look at the chat again. */
    const tellUntold = (chatId: string, ownerId: string) =>
      Effect.sync(() => {
        channels.tellUntold(chatId)
        feed.publish({ kind: "status_change", chatId, ownerId })
      })

    const start = (loaded: LoadedChat, history: ReadonlyArray<MessageRow> | undefined) =>
      Effect.gen(function* () {
        const chatId = loaded.row.id
        const scope = yield* Scope.make()
        const trial = trials.begin(loaded.row)
        const actor = yield* makeChatActor(loaded, history, {
          onShown: () => trial?.shown(),
          onMoved: () => trial?.moved(),
          onPending: () => {
            inLine.add(chatId)
            admission.ring()
          },
          onSlotFree: () => {
            inLine.delete(chatId)
            if (inLine.size > 0) admission.ring()
          },
          onDropped: (reason) => {
            remove(chatId, scope)
            fork(
              Effect.logWarning(`The actor of chat ${chatId} was dropped: ${reason}`).pipe(
                Effect.zipRight(Scope.close(scope, Exit.void)),
                Effect.zipRight(Effect.sleep(RESTART_PAUSE)),
                Effect.zipRight(wake(chatId)),
                // Its last commit may be in the database, with nobody told.
                Effect.zipRight(tellUntold(chatId, loaded.row.owner_id)),
              ),
            )
          },
        }).pipe(Scope.extend(scope), Effect.provide(context))
        broken.delete(chatId)
        const entry: Entry = { actor, scope, usedAt: performance.now() }
        return entry
      })

    const unavailable = (chatId: string, message: string) => new ChatUnavailable({ chatId, message, untouched: true })

    const isUntouched = (error: unknown) => error instanceof ChatUnavailable && error.untouched && !closing

    const away = (chatId: string) => unavailable(chatId, "The database cannot be reached. Try again.")

    const load = (chatId: string) =>
      commits.activate(chatId, instance, timings.instanceExpiryMs).pipe(
        Effect.mapError(() => away(chatId)),
        Effect.flatMap(Option.match({ onNone: () => new ChatGone({ chatId }), onSome: Effect.succeed })),
      )

    const activate = (chatId: string) =>
      load(chatId).pipe(
        Effect.flatMap((loaded) => {
          const fault = faultOf(loaded)
          return fault === undefined ? start(loaded, undefined) : new ChatInvalid({ chatId, fault })
        }),
      )

    /** Starts an actor unless one is starting already, whose start is then waited for. */
    const startOnce = <E>(chatId: string, begin: Effect.Effect<Entry, E | CommandError>) =>
      Effect.suspend((): Effect.Effect<Entry, E | CommandError> => {
        const under = starting.get(chatId)
        if (under !== undefined) return Deferred.await(under)
        const started = Deferred.unsafeMake<Entry, CommandError>(FiberId.none)
        starting.set(chatId, started)
        return begin.pipe(
          Effect.tap((entry) => Effect.sync(() => void entries.set(chatId, entry))),
          Effect.onExit((exit) => {
            starting.delete(chatId)
            const failed = unavailable(chatId, "The chat could not be started. Try again.")
            return Exit.isSuccess(exit) ? Deferred.succeed(started, exit.value) : Deferred.fail(started, failed)
          }),
          Effect.uninterruptible,
        )
      })

    const find = (chatId: string): Effect.Effect<Entry, CommandError> =>
      Effect.suspend((): Effect.Effect<Entry, CommandError> => {
        if (closing) {
          const message = "The server is shutting down. Try again in a moment."
          return new ChatUnavailable({ chatId, message, untouched: false })
        }
        const entry = entries.get(chatId)
        return entry === undefined ? startOnce(chatId, activate(chatId)) : Effect.succeed(entry)
      })

    /** Asks the chat's actor, and the next one where that is going away. */
    const ask = <A, E>(chatId: string, question: (actor: ChatActor) => Effect.Effect<A, E>) =>
      find(chatId).pipe(
        Effect.flatMap((entry) => {
          entry.usedAt = performance.now()
          return question(entry.actor)
        }),
        Effect.retry({ while: isUntouched, schedule: resend }),
      )

    const wake = (chatId: string): Effect.Effect<void> =>
      closing
        ? Effect.void
        : find(chatId).pipe(
            Effect.catchTags({
              ChatUnavailable: (error) => Effect.logWarning(error.message),
              ChatInvalid: (error) =>
                Effect.sync(() => void broken.add(chatId)).pipe(
                  Effect.zipRight(Effect.logError(`Chat ${chatId} ${error.fault}: it has to be repaired`)),
                ),
            }),
            Effect.catchAll(() => Effect.void),
            Effect.asVoid,
          )

    const create = (chat: NewChat) =>
      Effect.gen(function* () {
        creating.add(chat.id)
        const { message_ids, ...row } = yield* commits
          .create(chat, instance)
          .pipe(Effect.catchTag("SqlError", Effect.die))
        const inserted = chat.messages.map((message, index) =>
          insertedMessage(chat.id, message, message_ids[index] ?? 0, { version: 1, at: row.created_at }),
        )
        const loaded: LoadedChat = { row, queue: [], openCalls: [] }
        yield* startOnce(chat.id, start(loaded, inserted)).pipe(Effect.orDie)
        return { state: loaded, inserted }
      }).pipe(Effect.ensuring(Effect.sync(() => void creating.delete(chat.id))), Effect.uninterruptible)

    const admit = (chatId: string) => {
      if (admitting.has(chatId)) return
      admitting.add(chatId)
      inLine.delete(chatId)
      const admitted = ask(chatId, (actor) =>
        actor.tell(({ row }) => ({ type: "Admit", modelConfigId: row.last_model_config_id })),
      )
      // A chat that left `pending` in between refuses, and its slot is free again with that very change.
      fork(admitted.pipe(Effect.ignore, Effect.ensuring(Effect.sync(() => void admitting.delete(chatId)))))
    }
    admission.onGranted(admit)

    /** Chats of this instance that lost their actor while the database was away, or whose creation was never confirmed. */
    const stranded = instances
      .owned(instance)
      .pipe(
        Effect.map((ids) =>
          ids.filter((id) => !entries.has(id) && !starting.has(id) && !creating.has(id) && !broken.has(id)),
        ),
      )

    const trials = yield* makeTrials({
      trialMs: timings.trialMs,
      resume: (chatId) => wake(chatId),
      acquit: ({ id, owner_epoch }) => commits.acquit(id, owner_epoch).pipe(Effect.ignoreLogged),
      othersWork: () => [...entries.values()].some(({ actor }) => hasWork(actor.state().row)),
    })

    const sweep = Effect.gen(function* () {
      yield* instances.judge(timings.instanceExpiryMs)
      yield* Effect.forEach(yield* stranded, wake, { concurrency: 8, discard: true })
      const orphans = yield* instances.orphans(timings.instanceExpiryMs, SWEEP_BATCH)
      const [sound, suspects] = Array.partition(orphans, ({ suspicion }) => suspicion >= SUSPECT_FROM)
      trials.add(suspects)
      yield* Effect.forEach(sound, ({ id }) => wake(id), { concurrency: 8, discard: true })
      for (const chatId of yield* admission.forgotten) admit(chatId)
      admission.ring()
      return sound.length
    }).pipe(Effect.repeat({ while: (taken) => taken === SWEEP_BATCH && !closing }))

    const forget = (chatId: string) =>
      Effect.suspend(() => {
        channels.tellUntold(chatId)
        const entry = entries.get(chatId)
        if (entry === undefined) return Effect.void
        // Commands wait meanwhile: the next actor must not begin beside what this one winds up.
        return Scope.close(entry.scope, Exit.void).pipe(Effect.ensuring(Effect.sync(() => remove(chatId, entry.scope))))
      })

    const repairChat = (
      chatId: string,
      by: { readonly actorUserId: string; readonly receipt: CommandReceipt | null },
    ): Effect.Effect<void, ChatSound | CommandError> =>
      Effect.gen(function* () {
        if (entries.has(chatId)) {
          // To load a chat anew would cut off what its actor does, so that has to have a reason.
          const facts = yield* reads.stateFacts(chatId).pipe(Effect.mapError(() => away(chatId)))
          if (Option.exists(facts, (found) => faultOfState(found) === undefined))
            return yield* new ChatSound({ chatId })
        }
        yield* forget(chatId)
        const loaded = yield* load(chatId)
        const fault = faultOf(loaded)
        const commit = fault === undefined ? undefined : repair(loaded, fault, by.actorUserId, new Date().toISOString())
        if (commit === undefined) {
          yield* wake(chatId)
          return yield* new ChatSound({ chatId })
        }
        yield* commits.commit({ ...commit, receipt: by.receipt }).pipe(
          Effect.mapError((error) => {
            const message = "The chat could not be repaired just now. Try again."
            return new ChatUnavailable({ chatId, message, untouched: error instanceof FenceLost })
          }),
        )
        yield* wake(chatId)
        yield* tellUntold(chatId, loaded.row.owner_id)
        // The sweep looks at the chat as well, which fences a repair under way.
      }).pipe(Effect.retry({ while: isUntouched, schedule: resend }))

    const stopIdle = Effect.suspend(() => {
      const before = performance.now() - timings.idleActorMs
      const idle = [...entries].filter(([, entry]) => entry.usedAt < before && entry.actor.idle())
      return Effect.forEach(
        idle,
        ([chatId, entry]) => {
          remove(chatId, entry.scope)
          return entry.actor.handOver.pipe(Effect.zipRight(Scope.close(entry.scope, Exit.void)))
        },
        { concurrency: 8, discard: true },
      )
    })

    const endStalled = Effect.suspend(() =>
      Effect.forEach(entries.values(), (entry) => entry.actor.endStalled, { discard: true }),
    )

    const sweepForEver = sweep.pipe(
      Effect.zipRight(endStalled),
      Effect.zipRight(stopIdle),
      Effect.catchAll((error) => Effect.logWarning("The sweep for chats with work failed; trying again soon", error)),
      Effect.repeat(Schedule.spaced(timings.sweepMs)),
    )
    const opened = yield* Deferred.make<void>()
    yield* Deferred.await(opened).pipe(Effect.zipRight(sweepForEver), Effect.forkScoped)

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closing = true
        return Effect.forEach(
          entries.values(),
          (entry) => entry.actor.handOver.pipe(Effect.zipRight(Scope.close(entry.scope, Exit.void))),
          { concurrency: 16, discard: true },
        )
      }),
    )

    return {
      create,
      send: (command) => ask(command.chatId, (actor) => actor.send(command)),
      facts: (chatId) => entries.get(chatId)?.actor.state().row,
      wake,
      forget,
      repair: repairChat,
      open: Deferred.succeed(opened, undefined).pipe(Effect.asVoid),
      size: () => entries.size,
    }
  }),
)

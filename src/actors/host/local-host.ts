import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, FiberSet, Layer, Option, Schedule, Scope } from "effect"
import type { ChatId, UserId } from "../../contract/ids.ts"
import { ChatCommits, FenceLost } from "../../db/chats/store/chat-commits.ts"
import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import { insertedMessages } from "../../db/chats/store/messages.ts"
import type { CommandReceipt } from "../../db/chats/store/receipt.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import { troubleOf } from "../../db/engine/sql-errors.ts"
import { faultOfState } from "../../machines/chat-validity.ts"
import { Standing } from "../../identity/standing.ts"
import type { ModelCatalog } from "../../models/catalog.ts"
import { Settings } from "../../settings.ts"
import type { Turn } from "../../turn/turn.ts"
import { ownerOut } from "../../turn/turn-errors.ts"
import { type ChatActor, type ChatSeed, makeChatActor } from "../chat/actor.ts"
import { birthOf, type ChatToCreate } from "../chat/birth.ts"
import type { SlotGrant, Slots } from "../chat/slots.ts"
import { hasWork } from "../chat/machine-state.ts"
import { faultOf, repair } from "../chat/repair.ts"
import { ChatFeed } from "../streams/chat-feed.ts"
import type { CommandDecider } from "../chat/commands/chat-command.ts"
import { ChatGone, ChatInvalid, ChatSound, ChatUnavailable, type CommandError } from "../chat/commands/refusals.ts"
import { LiveChannels } from "../streams/live-channels.ts"
import type { ChatSubscriber } from "../chat/snapshot.ts"
import type { PartLog } from "../streams/part-log.ts"
import { Admission } from "./admission.ts"
import { ChatHost } from "./chat-host.ts"
import { InstanceId } from "./instance.ts"
import { LocalSlots } from "./local-slots.ts"
import { makeRegistry } from "./registry.ts"
import { makeSweeper } from "./sweeper.ts"
import { makeTrials } from "./trials.ts"

/** Chats that are handed over at a time: each takes a statement or two. */
const HANDED_OVER_AT_ONCE = 16

/** A chat gets on with a change of its history or its state. */
const gettingOn =
  (moved: () => void): ChatSubscriber =>
  ({ change, rows }, before) => {
    if (change?.commit.historyChanged === true || (before !== undefined && rows.row.status !== before.rows.row.status))
      moved()
  }

/**
 * Pauses between tries at what may succeed soon: a command that found its actor going away, which may take 5 s for what it
 * winds up, and a database that is away. About ten tries.
 */
const soon = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("1 second")),
  Schedule.jittered,
  Schedule.upTo("6 seconds"),
)

/** Tries again while the database cannot do its work. Only the pauses can be interrupted, so that no outcome is lost. */
const patiently = <A>(once: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
  Effect.flatMap(Schedule.driver(soon), (pauses) => {
    const isPassing = (error: SqlError) => troubleOf(error) !== undefined
    const attempt: Effect.Effect<A, SqlError> = Effect.catchIf(once, isPassing, (error) =>
      pauses.next(error).pipe(
        Effect.interruptible,
        Effect.mapError(() => error),
        Effect.zipRight(attempt),
      ),
    )
    return attempt
  })

const isUntouched = (error: unknown) => error instanceof ChatUnavailable && error.untouched

/** The host gives up by itself: it has tried for as long as it may. */
const unavailable = (chatId: ChatId, message: string) => new ChatUnavailable({ chatId, message, untouched: false })

const away = (chatId: ChatId) => unavailable(chatId, "The database cannot be reached. Try again.")

const closing = (chatId: ChatId) => unavailable(chatId, "The server is shutting down. Try again in a moment.")

/**
 * The host of a single process: what a chat is loaded from, made to and given up with. Every chat that has work, or was used
 * lately, has its actor in the registry; the sweeper says when they are looked after.
 */
export const LocalHost = Layer.scoped(
  ChatHost,
  Effect.gen(function* () {
    const commits = yield* ChatCommits
    const reads = yield* ChatReads
    const admission = yield* Admission
    const slots = yield* LocalSlots
    const instance = yield* InstanceId
    const channels = yield* LiveChannels
    const feed = yield* ChatFeed
    const standing = yield* Standing
    const { timings } = yield* Settings
    const services = yield* Effect.context<
      | ChatCommits
      | ChatReads
      | CommandDecider
      | ModelCatalog
      | Turn
      | LiveChannels
      | PartLog
      | ChatFeed
      | Settings
      | Slots
      | Standing
    >()
    // An actor lives in a scope of its own, which this layer's must not stand in for.
    const context = Context.omit(Scope.Scope)(services)
    // The first of what this scope holds, so that it outlives the chats that are handed over.
    const fork = yield* FiberSet.makeRuntime()
    const handOvers = yield* Effect.makeSemaphore(HANDED_OVER_AT_ONCE)

    /** Chats that have a slot and are being told so. */
    const admitting = new Set<ChatId>()
    /** Chats that cannot have an actor before they are repaired. */
    const broken = new Set<ChatId>()

    /** For changes that no actor has told of: sidebars and readers look at the chat again. */
    const tellUntold = (chatId: ChatId, ownerId: UserId) =>
      Effect.sync(() => {
        channels.tellUntold(chatId)
        feed.publish({ kind: "status_change", chatId, ownerId })
      })

    /** An actor is of no use any more. Its last commit may be in the database, with nobody told. */
    const replace = ({ row }: LoadedChat, end: Effect.Effect<void>, reason: string) =>
      Effect.logWarning(`The actor of chat ${row.id} was dropped: ${reason}`).pipe(
        Effect.zipRight(end),
        Effect.zipRight(sweeper.restart(row.id)),
        Effect.zipRight(tellUntold(row.id, row.owner_id)),
      )

    const makeActor = (seed: ChatSeed, end: Effect.Effect<void>) =>
      Effect.gen(function* () {
        const { row } = seed.rows
        const trial = trials.begin(row)
        const actor = yield* makeChatActor(seed, {
          onShown: () => trial?.shown(),
          onDropped: (reason) => fork(replace(seed.rows, end, reason)),
        })
        broken.delete(row.id)
        if (trial !== undefined) actor.subscribe("trial", gettingOn(trial.moved))
        actor.subscribe("slots", slots.follow)
        actor.begin()
        return actor
      }).pipe(Effect.provide(context))

    const load = (chatId: ChatId): Effect.Effect<LoadedChat, ChatUnavailable | ChatGone> =>
      patiently(commits.activate(chatId, instance, timings.instanceExpiryMs)).pipe(
        Effect.mapError(() => away(chatId)),
        Effect.flatMap(Option.match({ onNone: () => new ChatGone({ chatId }), onSome: Effect.succeed })),
      )

    const registry = yield* makeRegistry({
      load: (chatId): Effect.Effect<ChatSeed, ChatUnavailable | ChatGone | ChatInvalid> =>
        Effect.flatMap(load(chatId), (rows) => {
          const fault = faultOf(rows)
          return fault === undefined ? Effect.succeed({ rows }) : new ChatInvalid({ chatId, fault })
        }),
      make: makeActor,
      handOver: (actor: ChatActor) => handOvers.withPermits(1)(actor.handOver),
    })

    const find = (chatId: ChatId): Effect.Effect<ChatActor, CommandError> =>
      Effect.suspend(() => {
        const actor = registry.started(chatId)
        if (actor !== undefined) return Effect.succeed(actor)
        return Effect.catchTag(registry.get(chatId), "RegistryClosed", () => closing(chatId))
      })

    /** Asks the chat's actor, and the next one where that is going away. */
    const ask = <A, E>(chatId: ChatId, question: (actor: ChatActor) => Effect.Effect<A, E>) =>
      find(chatId).pipe(Effect.flatMap(question), Effect.retry({ while: isUntouched, schedule: soon }))

    const wake = (chatId: ChatId): Effect.Effect<void> =>
      registry.get(chatId).pipe(
        Effect.asVoid,
        Effect.catchTags({
          ChatUnavailable: (error) => Effect.logWarning(error.message),
          ChatInvalid: (error) =>
            Effect.sync(() => void broken.add(chatId)).pipe(
              Effect.zipRight(Effect.logError(`Chat ${chatId} ${error.fault}: it has to be repaired`)),
            ),
          ChatGone: () => Effect.void,
          RegistryClosed: () => Effect.void,
        }),
        Effect.catchAllCause((cause) => Effect.logError(`Chat ${chatId} could not be started`, cause)),
      )

    const born = (chat: ChatToCreate, grant: SlotGrant | undefined) =>
      Effect.flatMap(birthOf(chat, grant), (birth) =>
        Effect.map(commits.create(birth.chat, instance), (created) => ({ ...created, effects: birth.effects })),
      )

    /** With a slot where one is free; the statement has the last word. */
    const bear = (chat: ChatToCreate) =>
      Effect.flatMap(
        slots.take({ id: chat.id, owner_id: chat.ownerId, organization_id: chat.organizationId }),
        (grant) =>
          born(chat, grant).pipe(
            Effect.tapErrorCause(() => Effect.sync(() => slots.giveBack(chat.id))),
            Effect.catchTag("NoSlot", () => Effect.zipRight(slots.rebuild, born(chat, undefined))),
          ),
      )

    const create = (chat: ChatToCreate) => {
      const birth = bear(chat).pipe(
        Effect.catchTags({ SqlError: Effect.die, NoSlot: Effect.die }),
        Effect.map(({ effects, message_ids, ...row }) => ({
          effects,
          rows: { row, queue: [], openCalls: [] },
          history: insertedMessages(chat.id, chat.messages, {
            version: row.snapshot_version,
            at: row.created_at,
            messageIds: message_ids,
          }),
        })),
      )
      return registry.create(chat.id, birth).pipe(
        Effect.map(({ rows, history = [] }) => ({ state: rows, inserted: history })),
        Effect.catchTag("RegistryClosed", () => closing(chat.id)),
      )
    }

    const admit = (chatId: ChatId) => {
      if (admitting.has(chatId)) return
      admitting.add(chatId)
      const admitted = ask(chatId, (actor) =>
        actor.tell(({ row }) => ({ type: "Admit", modelConfigId: row.last_model_config_id })),
      )
      // A chat that left `pending` in between refuses, and its slot is free again with that very change.
      fork(admitted.pipe(Effect.ignore, Effect.ensuring(Effect.sync(() => void admitting.delete(chatId)))))
    }
    admission.onGranted(admit)

    const forget = (chatId: ChatId) =>
      Effect.suspend(() => {
        channels.tellUntold(chatId)
        // Commands wait meanwhile: the next actor must not begin beside what this one winds up.
        return registry.forget(chatId)
      })

    const repairChat = (
      chatId: ChatId,
      by: { readonly actorUserId: UserId; readonly receipt: CommandReceipt | null },
    ): Effect.Effect<void, ChatSound | CommandError> =>
      Effect.gen(function* () {
        if (registry.has(chatId)) {
          // To load a chat anew would cut off what its actor does, so that has to have a reason.
          const facts = yield* patiently(reads.stateFacts(chatId)).pipe(Effect.mapError(() => away(chatId)))
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
      }).pipe(Effect.retry({ while: isUntouched, schedule: soon }))

    /** Whose account is suspended has nothing done for him: not what runs, and not what waits for a slot. */
    const haltBarred = Effect.flatMap(standing.verdicts, (verdictOn) =>
      Effect.forEach(
        registry.values().filter((actor) => verdictOn(actor.state().row) === "out"),
        (actor) => actor.halt(ownerOut),
        { concurrency: HANDED_OVER_AT_ONCE, discard: true },
      ),
    )
    yield* standing.onChanged(Effect.sync(() => void fork(haltBarred)))

    const trials = yield* makeTrials({
      trialMs: timings.trialMs,
      resume: wake,
      acquit: ({ id, owner_epoch }) => commits.acquit(id, owner_epoch).pipe(Effect.ignoreLogged),
      othersWork: () => registry.values().some((actor) => hasWork(actor.state().row)),
    })

    const sweeper = yield* makeSweeper({
      isLookedAfter: (chatId) => registry.has(chatId) || broken.has(chatId),
      takeUp: wake,
      admit,
      trials,
      haltBarred,
      endStalled: Effect.suspend(() =>
        Effect.forEach(registry.values(), (actor) => actor.endStalled, { discard: true }),
      ),
      stopIdle: registry.stopIdle(timings.idleActorMs, (actor) => actor.idle()),
    })

    return {
      create,
      send: (command) => ask(command.chatId, (actor) => actor.send(command)),
      facts: (chatId) => registry.started(chatId)?.state().row,
      wake,
      forget,
      repair: repairChat,
      open: sweeper.open,
      size: registry.size,
    }
  }),
)

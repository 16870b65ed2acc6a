import { Deferred, Effect, Option, Queue, Runtime, Schedule, type Scope } from "effect"
import { createActor, fromCallback } from "xstate"
import type { ChatError } from "../contract/chat-error.ts"
import type { LoadedChat } from "../db/chat-commit.ts"
import { ChatCommits, FenceLost } from "../db/chat-commits.ts"
import { ChatReads } from "../db/chat-reads.ts"
import type { MessageRow, ToolCallRow } from "../db/chat-rows.ts"
import type { ChatMachineEvent } from "../machines/chat-events.ts"
import { chatMachine } from "../machines/chat-machine.ts"
import type { EffectInput } from "../machines/chat-setup.ts"
import { decide, type ChatSnapshot } from "../machines/chat-state.ts"
import { liveModels } from "../providers/live-models.ts"
import { ModelCatalog } from "../providers/model-access.ts"
import { Settings } from "../settings.ts"
import { EffectSuperseded, type TurnHost } from "../turn/turn-host.ts"
import { Turn, type TurnEffects } from "../turn/turn.ts"
import { ChatFeed } from "./chat-feed.ts"
import { ChatUnavailable, refusalOf, type Command, type CommandError, type CommandResult } from "./commands.ts"
import { EffectSlot, type EffectToken } from "./effect-slot.ts"
import { LiveChannels } from "./live-channels.ts"
import { machineState } from "./machine-state.ts"
import { PartLog } from "./part-log.ts"
import { withLiveModels } from "./queue-models.ts"
import { announce, positionOf } from "./announce.ts"
import { apply } from "./apply-commit.ts"
import { plan } from "./plan-commit.ts"

/**
 * The chat actor: commit, then act. One command at a time is taken from the mailbox, decided by the pure machine, and
 * committed in one transaction; only then does the live machine move, which starts and stops the effects, and only then is
 * anybody told.
 */
export interface ChatActor {
  readonly send: <E>(command: Command<E>) => Effect.Effect<CommandResult, E | CommandError>
  readonly state: () => LoadedChat
  /** Nothing runs, nothing waits in the mailbox, and no state of the chat needs an owner. */
  readonly idle: () => boolean
  /** Ends the turn when its effect is stuck. */
  readonly endStalled: Effect.Effect<void>
  /** Ends the effect and the mailbox and gives the chat up for the next owner, without a trace of a crash. */
  readonly handOver: Effect.Effect<void>
}

/** What an actor says to the host that keeps it. */
export interface ActorHooks {
  /** The actor is of no use any more: its fence is lost, or it does not know what the database holds. */
  readonly onDropped: (reason: string) => void
  /** The chat waits for a slot. */
  readonly onPending: () => void
  /** The chat has given up its slot, or its place in the line. */
  readonly onSlotFree: () => void
}

/** An effect that fails for a reason of ours, such as a database that is away, is begun again this often, ever later. */
const EFFECT_RESTARTS = 6
const EFFECT_RESTART_BASE_MS = 250

const UNEXPECTED_PROBLEM: ChatError = {
  message: "The server ran into an unexpected problem. Send a message to go on.",
  kind: "generic",
  retryable: false,
}

const STUCK: ChatError = {
  message: "Nothing has happened in this turn for a long time, so it was stopped. Send a message to go on.",
  kind: "timeout",
  retryable: false,
}

/** How long a command waits for shown text to be written; then its own commit finds out that the database is away. */
const PARTS_LIMIT = "30 seconds"

/** Effects that wait for a time of the row, as long as that is. */
const WAITS: ReadonlyArray<string> = ["backOff", "awaitClientTools"]

const needsOwner = new Set(["pending", "running", "requires_action"])

/** Holds a slot or waits for one. Who sits in a back-off does neither. */
const wantsSlot = ({ status, activity }: LoadedChat["row"]): boolean =>
  status === "pending" || (status === "running" && activity !== "running.backing_off")

export const makeChatActor = Effect.fn("ChatActor.make")(function* (
  loaded: LoadedChat,
  history: ReadonlyArray<MessageRow> | undefined,
  hooks: ActorHooks,
): Effect.fn.Return<
  ChatActor,
  never,
  ChatCommits | ChatReads | ModelCatalog | Turn | LiveChannels | PartLog | ChatFeed | Settings | Scope.Scope
> {
  const commits = yield* ChatCommits
  const reads = yield* ChatReads
  const models = yield* ModelCatalog
  const turn = yield* Turn
  const channels = yield* LiveChannels
  const partLog = yield* PartLog
  const feed = yield* ChatFeed
  const { timings } = yield* Settings
  const runtime = yield* Effect.runtime<never>()
  const mailbox = yield* Queue.unbounded<Effect.Effect<void>>()
  const chatId = loaded.row.id

  let state = loaded
  let transcript = history
  let dropped = false
  const callsRecordedAt = new Map(loaded.callsRecordedAt)

  const channel = channels.retain(chatId)
  yield* Effect.addFinalizer(() => Effect.sync(() => channels.release(chatId)))
  channel.attach(state.row.owner_epoch, positionOf(state))

  let failures = 0
  const slot = new EffectSlot(runtime, (token, cause) => {
    failures += 1
    const delayMs = EFFECT_RESTART_BASE_MS * 2 ** (failures - 1)
    const again = Effect.sync(() => {
      if (slot.isCurrent(token)) live.send({ type: "ACTIVATE" })
    }).pipe(Effect.delay(delayMs))
    Runtime.runFork(runtime)(
      Effect.logError(`The ${token.name} effect of chat ${chatId} failed unexpectedly`, cause).pipe(
        Effect.zipRight(failures <= EFFECT_RESTARTS ? again : giveUp(token, UNEXPECTED_PROBLEM)),
        Effect.interruptible,
      ),
    )
  })
  const giveUp = (token: EffectToken, error: ChatError) =>
    Effect.ignore(
      submit(token, {
        event: () => Effect.succeed({ type: "FinishError", error }),
        actorUserId: null,
        receipt: null,
      }),
    )

  const invoke = (name: keyof TurnEffects) =>
    fromCallback<ChatMachineEvent, EffectInput>(({ input }) => {
      slot.start(name, (token) => turn[name](hostFor(token), input))
      return () => slot.stop()
    })
  const live = createActor(
    chatMachine.provide({
      actors: {
        generate: invoke("generate"),
        execute: invoke("execute"),
        compact: invoke("compact"),
        backOff: invoke("backOff"),
        finishInterruption: invoke("finishInterruption"),
        awaitClientTools: invoke("awaitClientTools"),
      },
    }),
    {
      snapshot: machineState(state),
    },
  )

  const drop = (reason: string) => {
    if (dropped) return
    end()
    // The next actor of the chat must not begin beside what this one still winds up.
    Runtime.runFork(runtime)(slot.woundUp().pipe(Effect.zipRight(Effect.sync(() => hooks.onDropped(reason)))))
  }
  /** Nothing is decided here any more, and what runs is the next owner's to go on with: it is not ended as by the user. */
  const end = () => {
    dropped = true
    slot.close()
    live.stop()
  }

  const readTranscript = Effect.suspend(() =>
    transcript === undefined
      ? reads.transcript(chatId).pipe(
          Effect.retry({
            schedule: Schedule.spaced("100 millis").pipe(Schedule.intersect(Schedule.recurs(50))),
            while: ({ _tag }) => _tag === "SqlError",
          }),
          Effect.catchTag("SqlError", Effect.die),
          Effect.tap((rows) => Effect.sync(() => void (transcript = rows))),
        )
      : Effect.succeed(transcript),
  )

  /** The next owner's epoch shuts out what is not written by then. */
  const writeShown = Effect.suspend(() => {
    channel.flush()
    return partLog.settle(chatId).pipe(Effect.interruptible, Effect.timeoutOption(timings.drainMs))
  })

  const hostFor = (token: EffectToken): TurnHost => ({
    chatId,
    state: () => state,
    transcript: readTranscript,
    send: (event) => {
      slot.progress()
      return submit(token, { event: () => Effect.succeed(event), actorUserId: null, receipt: null }).pipe(
        Effect.map((result) => result.state),
        Effect.mapError(() => new EffectSuperseded({ chatId })),
      )
    },
    push: (role, part) => {
      if (!slot.isCurrent(token)) return
      slot.progress()
      channel.push(role, part)
    },
    shownParts: Effect.suspend(() => {
      channel.flush()
      return partLog.settle(chatId).pipe(
        Effect.zipRight(
          reads.parts(chatId, {
            historyVersion: state.row.history_version,
            attempt: state.row.generation_attempt,
            afterSeq: 0,
          }),
        ),
        Effect.retry(Schedule.spaced("100 millis").pipe(Schedule.intersect(Schedule.recurs(50)))),
        Effect.orDie,
      )
    }),
    noteCall: (id, patch) => {
      slot.progress()
      state = {
        ...state,
        openCalls: state.openCalls.map((call): ToolCallRow => (call.id === id ? { ...call, ...patch } : call)),
      }
    },
    callAgeMs: (id) => performance.now() - (callsRecordedAt.get(id) ?? 0),
    stopping: () => token.stopping,
  })

  /** A catalogue that cannot be read is no reason to refuse a command: then the messages keep the models they have. */
  const promotable = Effect.suspend(() =>
    state.queue.length === 0
      ? Effect.succeed(state)
      : models.snapshot.pipe(
          Effect.map((now) => ({
            ...state,
            queue: withLiveModels(state.queue, state.row.last_model_config_id, liveModels(now)),
          })),
          Effect.catchAllCause(() => Effect.sync(() => state)),
        ),
  )

  /** The whole life of one command, in the mailbox's fiber. */
  const carryOut = <E>(command: Command<E>): Effect.Effect<CommandResult, E | CommandError> =>
    Effect.gen(function* () {
      const startedAtUs = performance.now() * 1000
      const event = yield* command.event(state)
      if (dropped) return yield* handedOver()
      const snapshot: ChatSnapshot = live.getSnapshot()
      const decision = decide(snapshot, event)
      if (decision === undefined) return yield* refusalOf(state, event)
      const { next, changes } = decision
      const commit = plan(yield* promotable, {
        event,
        value: next.value,
        context: next.context,
        changes,
        actorUserId: command.actorUserId,
        now: new Date().toISOString(),
        startedAtUs,
      })
      // Readers get every part before the message that it is in. The log needs those parts no more; an attempt that ends
      // without a message keeps its text, so then they are written first.
      if (commit.historyChanged || commit.openAttempt !== null || commit.closeAttempt !== null) {
        channel.flush()
        const written = commit.partsBecameMessages ? partLog.forget(chatId) : partLog.settle(chatId)
        // Mostly there is nothing to wait for, and a limit costs more than to see that.
        if (partLog.unwritten(chatId).length > 0) {
          yield* written.pipe(Effect.interruptible, Effect.timeoutOption(PARTS_LIMIT))
        }
      }
      const committed = yield* commits.commit({ ...commit, receipt: command.receipt }).pipe(
        Effect.catchAll((error) => {
          const untouched = error instanceof FenceLost
          drop(untouched ? "another owner has the chat" : "the outcome of a commit is not known")
          return Effect.logWarning(`Chat ${chatId} is loaded again: ${event.type} could not be committed`, error).pipe(
            Effect.zipRight(
              new ChatUnavailable({ chatId, message: "The chat could not be changed just now. Try again.", untouched }),
            ),
          )
        }),
      )
      // Attempts do not count: an effect that fails after each of its own would be begun again for ever.
      if (commit.historyChanged || event.type === "Admit") failures = 0
      for (const call of commit.toolCalls) callsRecordedAt.set(call.id, startedAtUs / 1000)
      const before = state
      const after = apply(state, commit, committed)
      state = after.state
      if (state.openCalls.length === 0) callsRecordedAt.clear()
      // An edit may take a boundary away, behind which there are rows that are not here; a new one makes most of these idle.
      const rebuilt = commit.removeMessagesFrom !== null || after.inserted.some((row) => row.compressed)
      if (rebuilt) transcript = undefined
      else if (transcript !== undefined && after.inserted.length > 0) {
        transcript = [...transcript, ...after.inserted.filter((row) => row.visibility !== "user")]
      }
      announce({ chatId, channel, feed }, before, state, { commit, inserted: after.inserted, at: committed.at })
      if (!dropped) {
        live.send(event)
        const reached = live.getSnapshot()
        if (!sameState(reached, next))
          drop(`the machine went to ${JSON.stringify(reached.value)} instead of ${JSON.stringify(next.value)}`)
      }
      if (state.row.status === "pending" && state.row.admitted_at === null) hooks.onPending()
      else if (wantsSlot(before.row) && !wantsSlot(state.row)) hooks.onSlotFree()
      return { state, inserted: after.inserted, queuedIds: committed.queuedIds }
    })

  const handedOver = () =>
    new ChatUnavailable({ chatId, message: "The chat is being handed over. Try again.", untouched: true })

  const submit = <E>(
    token: EffectToken | undefined,
    command: Command<E>,
  ): Effect.Effect<CommandResult, E | CommandError> =>
    Effect.gen(function* () {
      if (dropped) return yield* handedOver()
      const answer = yield* Deferred.make<CommandResult, E | CommandError>()
      const work = Effect.suspend(() => {
        const stale = token !== undefined && !slot.isCurrent(token)
        return dropped || stale ? Effect.fail(handedOver()) : carryOut(command)
      })
      yield* Queue.offer(mailbox, Effect.intoDeferred(work, answer).pipe(Effect.asVoid))
      return yield* Deferred.await(answer)
    }).pipe(Effect.withSpan("ChatActor.command", { attributes: { "troupe.chat.id": chatId } }))

  // Whoever still waits when the mailbox closes is told so.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      dropped = true
      return Effect.flatMap(
        Queue.takeAll(mailbox),
        Effect.forEach((work) => work, { discard: true }),
      )
    }),
  )
  // A commit once begun is never interrupted: its outcome would not be known.
  yield* Queue.take(mailbox).pipe(
    Effect.flatMap((work) => Effect.uninterruptible(work)),
    Effect.forever,
    Effect.interruptible,
    Effect.forkScoped,
  )

  // An actor that nobody uses any more must not leave its effect running; first of all, so that nothing new begins meanwhile.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      end()
      return slot.woundUp().pipe(Effect.zipRight(writeShown))
    }),
  )

  live.start()
  if (live.getSnapshot().can({ type: "ACTIVATE" })) live.send({ type: "ACTIVATE" })
  if (state.row.status === "pending") hooks.onPending()

  const stallLimit = (name: string) =>
    WAITS.includes(name)
      ? Number.POSITIVE_INFINITY
      : timings.effectStallMs + (name === "execute" ? timings.toolCallMs : 0)
  const endStalled = Effect.suspend(() => {
    const token = slot.stalled(stallLimit)
    if (token === undefined) return Effect.void
    slot.progress()
    // Not waited for: other chats are looked after by the same sweep.
    return Effect.logError(`The ${token.name} effect of chat ${chatId} is stuck and is ended`).pipe(
      Effect.zipRight(Effect.fork(giveUp(token, STUCK))),
      Effect.asVoid,
    )
  })

  const handOver = Effect.gen(function* () {
    slot.close()
    yield* slot.woundUp()
    yield* writeShown
    // Whatever is in the mailbox by now is answered before the mailbox closes.
    const empty = yield* Deferred.make<void>()
    yield* Queue.offer(mailbox, Deferred.succeed(empty, undefined).pipe(Effect.asVoid))
    yield* Deferred.await(empty).pipe(Effect.interruptible, Effect.timeoutOption(timings.drainMs))
    end()
    yield* commits.release(chatId, state.row.owner_epoch).pipe(Effect.ignoreLogged)
  })

  return {
    send: (command) => submit(undefined, command),
    state: () => state,
    idle: () => !slot.busy && !needsOwner.has(state.row.status) && Option.getOrElse(mailbox.unsafeSize(), () => 0) <= 0,
    endStalled,
    handOver,
  }
})

const sameState = (a: ChatSnapshot, b: ChatSnapshot): boolean =>
  JSON.stringify(a.value) === JSON.stringify(b.value) && JSON.stringify(a.context) === JSON.stringify(b.context)

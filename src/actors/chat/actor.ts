import { Effect, Runtime, type Scope } from "effect"
import { createActor, fromCallback } from "xstate"
import type { ChatError } from "../../contract/chat-error.ts"
import type { ChatCommit, Committed, LoadedChat } from "../../db/chats/commit.ts"
import { ChatCommits } from "../../db/chats/commits.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import type { MessageRow, ToolCallRow } from "../../db/chats/rows.ts"
import { whileInTrouble } from "../../db/patience.ts"
import { factsOf, troubleIn } from "../../db/sql-errors.ts"
import type { ChatMachineEvent } from "../../machines/chat-events.ts"
import { chatMachine } from "../../machines/chat-machine.ts"
import type { EffectInput } from "../../machines/chat-setup.ts"
import { decide, hasTag, type ChatSnapshot } from "../../machines/chat-state.ts"
import { ModelCatalog } from "../../providers/model-access.ts"
import { Settings } from "../../settings.ts"
import { refusedByDatabase, stuck, tooManyCrashes, waitedTooLong } from "../../turn/turn-errors.ts"
import { EffectSuperseded, type TurnHost } from "../../turn/turn-host.ts"
import { Turn, type TurnEffects } from "../../turn/turn.ts"
import { ChatFeed } from "../streams/chat-feed.ts"
import {
  ChatUnavailable,
  notStorable,
  refusalOf,
  type Command,
  type CommandError,
  type CommandResult,
} from "./commands.ts"
import { patienceOf, tellWait, unavailable } from "./commit-patience.ts"
import { EffectRestarts } from "./effect-restarts.ts"
import { EffectSlot, type EffectToken } from "./effect-slot.ts"
import { CommitRefused, holdCommit } from "./held-commit.ts"
import { LiveChannels } from "../streams/live-channels.ts"
import { hasWork, machineState, sameState, wantsSlot } from "./machine-state.ts"
import { makeMailbox } from "./mailbox.ts"
import { PartLog } from "../streams/part-log.ts"
import { promotable } from "./queue-models.ts"
import { partsBefore } from "./parts-before.ts"
import { announce, positionOf } from "../streams/announce.ts"
import { apply, transcriptAfter } from "../../db/chats/apply.ts"
import { plan } from "../../db/chats/plan.ts"

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
  /** The chat shows that it gets on: words, or a change of its history or its state. */
  readonly onShown: () => void
  readonly onMoved: () => void
  /** The chat waits for a slot. */
  readonly onPending: () => void
  /** The chat has given up its slot, or its place in the line. */
  readonly onSlotFree: () => void
}

/** Effects that wait for a time of the row, as long as that is. */
const WAITS: ReadonlyArray<string> = ["backOff", "awaitClientTools"]

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
  const chatId = loaded.row.id
  let state = loaded
  let transcript = history
  let dropped = false
  const callsRecordedAt = new Map(loaded.callsRecordedAt)

  const channel = channels.retain(chatId)
  yield* Effect.addFinalizer(() => Effect.sync(() => channels.release(chatId)))
  channel.attach(state.row.owner_epoch, positionOf(state))

  const mailbox = yield* makeMailbox<ChatUnavailable>()
  const restarts = new EffectRestarts(timings.effectStallMs)
  const slot = new EffectSlot(runtime, (token, cause) => {
    const trouble = troubleIn(cause)
    const { delayMs, error, failures } = restarts.failed(trouble)
    const again = Effect.sync(() => {
      if (slot.isCurrent(token)) live.send({ type: "ACTIVATE" })
    }).pipe(Effect.delay(delayMs))
    if (trouble !== undefined) tellWait(channel, { trouble, tries: failures, delayMs })
    Runtime.runFork(runtime)(
      Effect.logError(`The ${token.name} effect of chat ${chatId} failed unexpectedly`, cause).pipe(
        Effect.zipRight(error === undefined ? again : giveUp(token, error)),
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

  /** The chat has brought the server down too often to be tried once more, whatever it is about to do. */
  const isSpent = () => hasTag(state.row.activity, "working") && state.row.recovery_attempts > timings.recoveryAttempts

  const invoke = (name: keyof TurnEffects) =>
    fromCallback<ChatMachineEvent, EffectInput>(({ input }) => {
      slot.start(name, (token) => (isSpent() ? giveUp(token, tooManyCrashes) : turn[name](hostFor(token), input)))
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
    { snapshot: machineState(state) },
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
          whileInTrouble(timings.effectStallMs),
          Effect.catchTag("SqlError", Effect.die),
          Effect.tap((rows) => Effect.sync(() => void (transcript = rows))),
        )
      : Effect.succeed(transcript),
  )

  /** The next owner's epoch shuts out what is not written by then. */
  const writeShown = Effect.suspend(() => {
    partLog.giveBack(chatId)
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
      hooks.onShown()
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
        whileInTrouble(timings.effectStallMs),
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

  /** The actor ends, or the chat has left the state of this effect. */
  const isOver = (token: EffectToken | undefined) => dropped || (token !== undefined && !slot.isCurrent(token))

  /** From an event to the rows, and from there to everyone who has to know. */
  const transit = (event: ChatMachineEvent, token: EffectToken | undefined, command: Command<unknown>) =>
    Effect.gen(function* () {
      const startedAtUs = performance.now() * 1000
      const decision = decide(live.getSnapshot(), event)
      if (decision === undefined) return yield* refusalOf(state, event)
      const { next, changes } = decision
      const held = yield* promotable(models, () => state)
      const commit = yield* Effect.try({
        try: (): ChatCommit => ({
          ...plan(held, {
            event,
            value: next.value,
            context: next.context,
            changes,
            actorUserId: command.actorUserId,
            now: new Date().toISOString(),
            startedAtUs,
          }),
          receipt: command.receipt,
        }),
        catch: (error) => new CommitRefused({ facts: factsOf(error) }),
      })
      const patience = patienceOf(channel, mailbox, {
        ofEffect: token !== undefined,
        turnLimitMs: () => (isOver(token) ? 0 : timings.effectStallMs),
        note: (sentence) => note(`${event.type} of chat ${chatId} waits. ${sentence}`),
      })
      const committed = yield* holdCommit(commits, commit, partsBefore(commit, channel, partLog), patience).pipe(
        Effect.tapErrorCause(() => Effect.sync(() => partLog.giveBack(chatId))),
      )
      return yield* settled(event, next, commit, committed, startedAtUs).pipe(
        Effect.tapDefect(() => Effect.sync(() => drop("its rows have moved without it"))),
      )
    })

  /** After the commit: the rows here, the machine and everyone who reads follow it. */
  const settled = (
    event: ChatMachineEvent,
    next: ChatSnapshot,
    commit: ChatCommit,
    committed: Committed,
    startedAtUs: number,
  ) =>
    Effect.sync((): CommandResult => {
      partLog.discard(chatId)
      // Attempts do not count: an effect that fails after each of its own would be begun again for ever.
      if (commit.historyChanged || commit.takesSlot !== null) restarts.forget()
      for (const call of commit.toolCalls) callsRecordedAt.set(call.id, startedAtUs / 1000)
      const before = state
      const after = apply(state, commit, committed)
      state = after.state
      if (state.openCalls.length === 0) callsRecordedAt.clear()
      transcript = transcriptAfter(transcript, commit, after.inserted)
      announce({ chatId, channel, feed }, before, state, { commit, inserted: after.inserted, at: committed.at })
      if (!dropped) {
        live.send(event)
        const reached = live.getSnapshot()
        if (!sameState(reached, next))
          drop(`the machine went to ${JSON.stringify(reached.value)} instead of ${JSON.stringify(next.value)}`)
      }
      if (commit.historyChanged || state.row.status !== before.row.status) hooks.onMoved()
      if (hasTag(state.row.activity, "waits-for-slot") && state.row.admitted_at === null) hooks.onPending()
      else if (wantsSlot(before.row) && !wantsSlot(state.row)) hooks.onSlotFree()
      return { state, inserted: after.inserted, queuedIds: committed.queuedIds }
    })

  const note = (words: string) => void Runtime.runFork(runtime)(Effect.logWarning(words))

  const lost = (event: ChatMachineEvent, reason: string, untouched: boolean) =>
    Effect.suspend(() => {
      drop(reason)
      note(`Chat ${chatId} is loaded again, because ${reason}: ${event.type} could not be committed`)
      return new ChatUnavailable({ chatId, message: "The chat could not be changed just now. Try again.", untouched })
    })

  /**
   * What an effect says has to come to an end, even where the database will not have it: the turn then ends with the reason. A
   * person is told that his command was refused.
   */
  const endWith = (error: ChatError, token: EffectToken | undefined, command: Command<unknown>) =>
    transit({ type: "FinishError", error }, token, command).pipe(
      Effect.catchAll(() => lost({ type: "FinishError", error }, "its turn could not be ended", false)),
    )

  /** The whole life of one command, in the mailbox's fiber. */
  const carryOut = <E>(
    command: Command<E>,
    token: EffectToken | undefined,
  ): Effect.Effect<CommandResult, E | CommandError> =>
    Effect.gen(function* () {
      const event = yield* command.event(state)
      if (dropped) return yield* handedOver()
      return yield* transit(event, token, command).pipe(
        Effect.catchTags({
          CommitRefused: ({ facts }): Effect.Effect<CommandResult, CommandError> =>
            Effect.gen(function* () {
              yield* Effect.logError(`The database refused ${event.type} of chat ${chatId} for its content`, facts)
              if (token === undefined) return yield* notStorable(state, event.type)
              return yield* endWith(refusedByDatabase, token, command)
            }),
          CommitGivenUp: ({ trouble, inDoubt }): Effect.Effect<CommandResult, CommandError> => {
            if (isOver(token)) return handedOver()
            if (inDoubt) return lost(event, "the outcome of a commit is not known", false)
            return token === undefined ? unavailable(chatId, trouble) : endWith(waitedTooLong(trouble), token, command)
          },
          NoSlot: () => refusalOf(state, event),
          FenceLost: () => lost(event, "another owner has the chat", true),
          // The command finds the receipt when it is given to the chat once more.
          ReceiptTaken: () =>
            new ChatUnavailable({ chatId, message: "The same request is being carried out.", untouched: true }),
          SqlError: (error) =>
            Effect.logError(`A commit of chat ${chatId} failed`, factsOf(error)).pipe(
              Effect.zipRight(lost(event, "the outcome of a commit is not known", false)),
            ),
        }),
      )
    })

  const handedOver = () =>
    new ChatUnavailable({ chatId, message: "The chat is being handed over. Try again.", untouched: true })

  const submit = <E>(
    token: EffectToken | undefined,
    command: Command<E>,
  ): Effect.Effect<CommandResult, E | CommandError> =>
    Effect.suspend(() => {
      if (dropped) return handedOver()
      const work = Effect.suspend(() => (isOver(token) ? Effect.fail(handedOver()) : carryOut(command, token)))
      return mailbox.submit(work, { hurried: token === undefined })
    }).pipe(Effect.withSpan("ChatActor.command", { attributes: { "troupe.chat.id": chatId } }))

  // An actor that nobody uses any more must not leave its effect running; first of all, so that nothing new begins meanwhile.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      end()
      return slot.woundUp().pipe(Effect.zipRight(writeShown))
    }),
  )

  live.start()
  if (live.getSnapshot().can({ type: "ACTIVATE" })) live.send({ type: "ACTIVATE" })
  if (hasTag(state.row.activity, "waits-for-slot")) hooks.onPending()

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
      Effect.zipRight(Effect.fork(giveUp(token, stuck))),
      Effect.asVoid,
    )
  })

  const handOver = Effect.gen(function* () {
    slot.close()
    yield* slot.woundUp()
    yield* writeShown
    // Whatever is in the mailbox by now is answered before the mailbox closes.
    yield* mailbox.drained.pipe(Effect.interruptible, Effect.timeoutOption(timings.drainMs))
    end()
    yield* commits.release(chatId, state.row.owner_epoch).pipe(Effect.ignoreLogged)
  })

  return {
    send: (command) => submit(undefined, command),
    state: () => state,
    idle: () => !slot.busy && !hasWork(state.row) && mailbox.isEmpty(),
    endStalled,
    handOver,
  }
})

import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Either, type Scope } from "effect"
import type { ChatError } from "../../contract/chat-error.ts"
import { type ChatCommit, plan } from "../../db/chats/store/commit.ts"
import type { Committed, LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import { ChatCommits, type FenceLost, type NoSlot } from "../../db/chats/store/chat-commits.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import { factsOf } from "../../db/engine/sql-errors.ts"
import type { ChatMachineEvent } from "../../machines/chat-events.ts"
import type { EffectName } from "../../machines/chat-setup.ts"
import { type Decision, type EffectStep, hasTag } from "../../machines/chat-state.ts"
import { Standing } from "../../identity/standing.ts"
import { ModelCatalog } from "../../models/catalog.ts"
import type { ReceiptTaken } from "../../db/chats/store/receipt.ts"
import { Settings } from "../../settings.ts"
import { ownerOut, ownerSpent, refusedByDatabase, tooManyCrashes, waitedTooLong } from "../../turn/turn-errors.ts"
import { Turn } from "../../turn/turn.ts"
import { ChatFeed } from "../streams/chat-feed.ts"
import { LiveChannels } from "../streams/live-channels.ts"
import { PartLog } from "../streams/part-log.ts"
import { positionOf, tellReaders } from "../streams/tell-readers.ts"
import { stirBoards, tellSidebars } from "../streams/tell-sidebars.ts"
import { patienceOf, unavailable } from "./commit-patience.ts"
import type { EffectToken } from "./effect-slot.ts"
import { superviseEffects } from "./effects.ts"
import { makeFork } from "./forks.ts"
import { CommandDecider, type SendCommand } from "./commands/chat-command.ts"
import { ChatUnavailable, type CommandError, notStorable, refusalOf } from "./commands/refusals.ts"
import { type CommitGivenUp, CommitRefused, holdCommit } from "./held-commit.ts"
import { hasWork } from "./machine-state.ts"
import { makeMailbox } from "./mailbox.ts"
import { partsBefore } from "./parts-before.ts"
import { promotable } from "./queue-models.ts"
import { type ChatSubscriber, makeChatStore, subscribe } from "./snapshot.ts"
import { makeTurnHosts } from "./turn-host.ts"
import { decideWithSlot } from "./slot-decision.ts"
import { Slots } from "./slots.ts"
import { halting, ofCommand, type Outcome, ownEvent, resultOf, type Settled, type Submission } from "./submission.ts"

/**
 * The chat actor: commit, then act. One command at a time is taken from the mailbox, decided by the pure machine, and
 * committed in one transaction; only then does the snapshot move, and with it everyone who subscribes to it: first the effects,
 * then those who read.
 */
export interface ChatActor {
  readonly send: SendCommand
  /** An event that the chat's owner has for it, made of the rows of that moment. */
  readonly tell: (event: (state: LoadedChat) => ChatMachineEvent) => Effect.Effect<void, CommandError>
  readonly state: () => LoadedChat
  /** Before `begin`. One that throws is cut off alone, with its `name` in the log. */
  readonly subscribe: (name: string, see: ChatSubscriber) => void
  /** Shows the rows that were loaded to all subscribers, and begins what runs in their state. */
  readonly begin: () => void
  /** Nothing runs, nothing waits in the mailbox, and no state of the chat needs an owner. */
  readonly idle: () => boolean
  /** Ends the turn that runs or waits, with the reason; what waits in the queue stays there. Nothing where there is none. */
  readonly halt: (error: ChatError) => Effect.Effect<void>
  /** Ends the turn when its effect is stuck. */
  readonly endStalled: Effect.Effect<void>
  /** Ends the effect and the mailbox and gives the chat up for the next owner, without a trace of a crash. */
  readonly handOver: Effect.Effect<void>
}

/** Why an event has not become a commit that holds. */
type TransitFailure = CommandError | CommitRefused | CommitGivenUp | FenceLost | NoSlot | ReceiptTaken | SqlError

const noSlots: Pick<Slots["Type"], "take"> = { take: () => Effect.succeed(undefined) }

/** What an actor is made from. */
export interface ChatSeed {
  readonly rows: LoadedChat
  /** The transcript, where it is known; else it is read when it is needed. */
  readonly history?: ReadonlyArray<MessageRow>
  /** Of the transition that created the chat: what begins with it. */
  readonly effects?: ReadonlyArray<EffectStep>
}

/** What an actor says to the host that keeps it, beside its snapshots. */
export interface ActorHooks {
  /** The actor is of no use any more: its fence is lost, or it does not know what the database holds. */
  readonly onDropped: (reason: string) => void
  /** Words are shown, which no snapshot knows of. */
  readonly onShown: () => void
}

export const makeChatActor = Effect.fnUntraced(function* (
  { effects: begun, history, rows: loaded }: ChatSeed,
  hooks: ActorHooks,
): Effect.fn.Return<
  ChatActor,
  never,
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
  | Scope.Scope
> {
  const commits = yield* ChatCommits
  const reads = yield* ChatReads
  const decider = yield* CommandDecider
  const models = yield* ModelCatalog
  const turn = yield* Turn
  const channels = yield* LiveChannels
  const partLog = yield* PartLog
  const feed = yield* ChatFeed
  const slots = yield* Slots
  const standing = yield* Standing
  const { timings } = yield* Settings
  const chatId = loaded.row.id
  const fork = yield* makeFork

  const store = yield* Effect.acquireRelease(
    Effect.sync(() => makeChatStore(loaded, begun)),
    (ended) => Effect.sync(() => void ended.stop()),
  )
  const now = () => store.getSnapshot().context
  const state = () => now().rows
  let dropped = false

  const channel = channels.retain(chatId)
  yield* Effect.addFinalizer(() => Effect.sync(() => channels.release(chatId)))

  const note = (words: string, ...facts: ReadonlyArray<unknown>) => void fork(Effect.logWarning(words, ...facts))
  const cutOff = (name: string) => (cause: unknown) =>
    void fork(Effect.logError(`A subscriber of chat ${chatId} (${name}) failed and hears no more of it`, cause))

  const mailbox = yield* makeMailbox<ChatUnavailable>()

  const sayOf = (token: EffectToken, event: ChatMachineEvent) =>
    Effect.map(submit(token, ownEvent(event)), (settled) => settled.state)
  const endTurn = (token: EffectToken, error: ChatError) => Effect.ignore(sayOf(token, { type: "FinishError", error }))

  /** The chat has brought the server down too often to be tried once more, whatever it is about to do. */
  const isSpent = () => {
    const { activity, recovery_attempts } = state().row
    return hasTag(activity, "working") && recovery_attempts > timings.recoveryAttempts
  }

  /** Why this is not begun, if so. Each step begins with an effect, so that none is begun for an owner who may not have it. */
  const obstacle = (name: EffectName) =>
    Effect.map(standing.verdicts, (verdictOn) => {
      const { row } = state()
      if (!hasTag(row.activity, "working")) return undefined
      if (isSpent()) return tooManyCrashes
      const verdict = verdictOn(row)
      if (verdict === "out") return ownerOut
      return verdict === "spent" && name === "generate" ? ownerSpent : undefined
    })

  const effects = superviseEffects({
    ...{ fork, channel, timings, now, endTurn },
    run: (token, name, input) =>
      Effect.flatMap(obstacle(name), (error) =>
        error === undefined ? turn[name](turnHosts.hostFor(token), input) : endTurn(token, error),
      ),
  })
  const { slot } = effects
  const turnHosts = makeTurnHosts({
    ...{ store, history, channel, partLog, reads, timings, slot, send: sayOf, onShown: hooks.onShown },
  })

  const drop = (reason: string) => {
    if (dropped) return
    end()
    // The next actor of the chat must not begin beside what this one still winds up.
    fork(slot.woundUp().pipe(Effect.zipRight(Effect.sync(() => hooks.onDropped(reason)))))
  }
  /** Nothing is decided here any more, and what runs is the next owner's to go on with: it is not ended as by the user. */
  const end = () => {
    dropped = true
    slot.close()
  }

  /** The text that was shown goes on where the change has led, before anything that shows more of it is begun. */
  const followText: ChatSubscriber = ({ change, rows }) => {
    if (change === undefined) return channel.attach(rows.row.owner_epoch, positionOf(rows))
    partLog.discard(chatId)
    channel.move(positionOf(rows))
  }

  /** One without whom the actor would be split from its rows. */
  const subscribeOwn = (name: string, see: ChatSubscriber) =>
    subscribe(store, see, (cause) => {
      note(`The ${name} of chat ${chatId} did not follow a commit`, cause)
      drop("its rows have moved without it")
    })
  // In this order: what begins finds everything in place, and is under way before anybody is told.
  subscribeOwn("text", followText)
  subscribeOwn("transcript", turnHosts.see)
  subscribeOwn("effect", effects.see)
  subscribe(store, tellReaders(channel), cutOff("readers"))
  subscribe(store, tellSidebars(feed), cutOff("sidebars"))
  subscribe(store, stirBoards(feed), cutOff("boards"))
  // Between two commits it is the text that moves.
  const leaveText = channel.whenShown(() => feed.stir(loaded.row.owner_id, chatId))
  yield* Effect.addFinalizer(() => Effect.sync(leaveText))

  /** The next owner's epoch shuts out what is not written by then. */
  const writeShown = Effect.suspend(() => {
    partLog.giveBack(chatId)
    channel.flush()
    return partLog.settle(chatId).pipe(Effect.interruptible, Effect.timeoutOption(timings.drainMs))
  })

  /** The actor ends, or the chat has left the state of this effect. */
  const isOver = (token: EffectToken | undefined) => dropped || (token !== undefined && !slot.isCurrent(token))

  /** From an event to the rows, and from there to everyone who has to know. `from`: who gives the slot that the event needs. */
  const transit = (
    given: ChatMachineEvent,
    token: EffectToken | undefined,
    command: Submission<unknown>,
    from: Pick<Slots["Type"], "take"> = slots,
  ): Effect.Effect<Settled, TransitFailure> =>
    Effect.gen(function* () {
      const startedAtUs = performance.now() * 1000
      const decided = yield* decideWithSlot(from, { machine: now().machine, row: state().row }, given)
      if (decided === undefined) return yield* refusalOf(state(), given)
      const { decision, event, grant } = decided
      const { next, changes } = decision
      const rows = yield* promotable(models, state)
      const audit = command.audit?.(rows)
      const planned = Effect.try({
        try: (): ChatCommit => ({
          ...plan(rows, {
            event,
            value: next.value,
            context: next.context,
            changes,
            actorUserId: command.actorUserId,
            now: new Date().toISOString(),
            startedAtUs,
          }),
          receipt: command.receipt,
          ...(audit !== undefined && { audit }),
          ...(grant !== undefined && { slotLimits: grant.limits }),
        }),
        catch: (error) => new CommitRefused({ facts: factsOf(error) }),
      })
      const patience = patienceOf(channel, mailbox, {
        ofEffect: token !== undefined,
        turnLimitMs: () => (isOver(token) ? 0 : timings.effectStallMs),
        note: (sentence) => note(`${event.type} of chat ${chatId} waits. ${sentence}`),
      })
      const held = yield* planned.pipe(
        Effect.flatMap((commit) =>
          Effect.map(holdCommit(commits, commit, partsBefore(commit, channel, partLog), patience), (committed) => ({
            commit,
            committed,
          })),
        ),
        Effect.tapErrorCause(() =>
          Effect.sync(() => {
            partLog.giveBack(chatId)
            if (grant !== undefined) slots.giveBack(chatId)
          }),
        ),
        Effect.either,
      )
      if (Either.isRight(held)) return yield* settled(held.right.commit, held.right.committed, decision)
      const failure = held.left
      if (failure._tag !== "NoSlot" || grant === undefined) return yield* failure
      yield* slots.rebuild
      return yield* transit(given, token, command, noSlots)
    })

  /** After the commit: the snapshot moves, and with it everyone who follows it. */
  const settled = (commit: ChatCommit, committed: Committed, { effects: steps }: Decision) =>
    Effect.suspend((): Outcome => {
      store.send({ type: "committed", commit, committed, effects: steps })
      const { context, error } = store.getSnapshot()
      if (error !== undefined) {
        note(`A commit of chat ${chatId} cannot be followed`, error)
        return lost(commit.journal.event, "its rows have moved without it", false)
      }
      const inserted = context.change?.inserted ?? []
      return Effect.succeed({ state: context.rows, inserted, queuedIds: committed.queuedIds })
    })

  const lost = (event: string, reason: string, untouched: boolean) =>
    Effect.suspend(() => {
      drop(reason)
      note(`Chat ${chatId} is loaded again after ${event}: ${reason}`)
      return new ChatUnavailable({ chatId, message: "The chat could not be changed just now. Try again.", untouched })
    })

  /**
   * What an effect says has to come to an end, even where the database will not have it: the turn then ends with the reason. A
   * person is told that his command was refused.
   */
  const endWith = (error: ChatError, token: EffectToken | undefined, command: Submission<unknown>) =>
    transit({ type: "FinishError", error }, token, command).pipe(
      Effect.catchAll(() => lost("FinishError", "its turn could not be ended", false)),
    )

  /** The whole life of one command, in the mailbox's fiber. */
  const carryOut = <E>(command: Submission<E>, token: EffectToken | undefined): Outcome<E> =>
    Effect.gen(function* () {
      const event = yield* command.event(state())
      if (dropped) return yield* handedOver()
      return yield* transit(event, token, command).pipe(
        Effect.catchTags({
          CommitRefused: ({ facts }): Outcome =>
            Effect.gen(function* () {
              yield* Effect.logError(`The database refused ${event.type} of chat ${chatId} for its content`, facts)
              if (token === undefined) return yield* notStorable(state(), event.type)
              return yield* endWith(refusedByDatabase, token, command)
            }),
          CommitGivenUp: ({ trouble, inDoubt }): Outcome => {
            if (isOver(token)) return handedOver()
            if (inDoubt) return lost(event.type, "the outcome of a commit is not known", false)
            return token === undefined ? unavailable(chatId, trouble) : endWith(waitedTooLong(trouble), token, command)
          },
          NoSlot: () => refusalOf(state(), event),
          FenceLost: () => lost(event.type, "another owner has the chat", true),
          // The command finds the receipt when it is given to the chat once more.
          ReceiptTaken: () =>
            new ChatUnavailable({ chatId, message: "The same request is being carried out.", untouched: true }),
          SqlError: (error) =>
            Effect.logError(`A commit of chat ${chatId} failed`, factsOf(error)).pipe(
              Effect.zipRight(lost(event.type, "the outcome of a commit is not known", false)),
            ),
        }),
      )
    })

  const handedOver = () =>
    new ChatUnavailable({ chatId, message: "The chat is being handed over. Try again.", untouched: true })

  const submit = <E>(token: EffectToken | undefined, command: Submission<E>): Outcome<E> =>
    Effect.suspend(() => {
      if (dropped) return handedOver()
      const work = Effect.suspend(() => (isOver(token) ? Effect.fail(handedOver()) : carryOut(command, token)))
      return mailbox.submit(work, { hurried: token === undefined })
    })

  // An actor that nobody uses any more must not leave its effect running; first of all, so that nothing new begins meanwhile.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      end()
      return slot.woundUp().pipe(Effect.zipRight(writeShown))
    }),
  )

  const handOver = Effect.gen(function* () {
    slot.close()
    yield* slot.woundUp()
    yield* writeShown
    // Whatever is in the mailbox by now is answered before the mailbox closes.
    yield* mailbox.drained.pipe(Effect.interruptible, Effect.timeoutOption(timings.drainMs))
    end()
    yield* commits.release(chatId, state().row.owner_epoch).pipe(Effect.ignoreLogged)
  })

  return {
    send: (command) => Effect.map(submit(undefined, ofCommand(decider, command)), resultOf),
    tell: (event) => Effect.asVoid(submit(undefined, ownEvent(event))),
    state,
    subscribe: (name, see) => void subscribe(store, see, cutOff(name)),
    begin: () => void store.start(),
    halt: (error) => Effect.ignore(submit(undefined, halting(error))),
    idle: () => !slot.busy && !hasWork(state().row) && mailbox.isEmpty(),
    endStalled: effects.endStalled,
    handOver,
  }
})

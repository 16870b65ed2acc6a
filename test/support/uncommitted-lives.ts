import { SqlClient } from "@effect/sql"
import { Data, Effect, Either } from "effect"
import { randomUUID } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import { expect } from "vitest"
import { apply, plan } from "../../src/db/chats/store/commit.ts"
import { machineState } from "../../src/actors/chat/machine-state.ts"
import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import { ChatCommits } from "../../src/db/chats/store/chat-commits.ts"
import type { ChatRow, MessageRow } from "../../src/db/chats/rows.ts"
import { inTransaction } from "../../src/db/engine/transaction.ts"
import type { ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { type JournalRow, replay } from "../../src/machines/chat-replay.ts"
import { activityOf, type ChatSnapshot, decide } from "../../src/machines/chat-state.ts"
import { giveSlot, type InertChats, type InertServices } from "./inert-chats.ts"
import { fallen, wrongWith } from "./invariants.ts"
import { everyChoice } from "./event-choices.ts"
import { faultOf, fitted, type Step } from "./random-lives.ts"

/**
 * Lives of chats without an actor, in transactions that are rolled back: the machine decides, the store commits, and after
 * each event all three are compared: the machine's state, the rows that an actor would hold, and what the database holds.
 */

export interface Life {
  readonly model: ChatSnapshot
  readonly rows: LoadedChat
  readonly transcript: ReadonlyArray<Line>
  /** What happened so far. */
  readonly path: ReadonlyArray<string>
}

/** What is compared of a message. */
type Line = Pick<
  MessageRow,
  "id" | "role" | "visibility" | "content" | "compressed" | "created_version" | "model_config_id" | "created_by"
>

/** The sides are not the same after these events. */
class Difference extends Data.TaggedError("Difference")<{
  readonly path: ReadonlyArray<string>
  readonly of: string
  readonly expected: unknown
  readonly found: unknown
}> {}

/** Carries what was found out of the transaction that is undone. */
class Undone extends Data.TaggedError("Undone")<{ readonly found: unknown }> {}

export type Trial<A> = Effect.Effect<A, Difference, InertServices>

/** Carries out a trial in a transaction, or between savepoints of the one it is in, and takes back all that it wrote. */
export const undone = <A>(trial: Trial<A>): Trial<A> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    inTransaction(
      sql,
      Effect.flatMap(trial, (found) => Effect.fail(new Undone({ found }))),
    ).pipe(Effect.catchTag("Undone", (error) => Effect.succeed(error.found as A))),
  )

/** Connections that trials use at the same time. */
const AT_A_TIME = 4

/** Carries out trials for a test, each in a transaction of its own. The test fails with both sides of the first difference. */
export const carryOut = async <A>(chats: InertChats, trials: ReadonlyArray<Trial<A>>): Promise<ReadonlyArray<A>> => {
  const outcome = await chats.run(Effect.either(Effect.forEach(trials, undone, { concurrency: AT_A_TIME })))
  if (Either.isRight(outcome)) return outcome.right
  const { path, of, expected, found } = outcome.left
  const what = `the ${of} after ${path.join(" ")}`
  expect({ [what]: found }).toEqual({ [what]: expected })
  throw new Error(`A difference that cannot be shown: ${what}`)
}

export interface Held {
  readonly row: ChatRow
  readonly queue: ReturnType<typeof queueOf>
  readonly calls: ReturnType<typeof callsOf>
  readonly messages: ReadonlyArray<Line>
  readonly journal: JournalRow & {
    readonly from_activity: string
    readonly to_activity: string
    readonly epoch: number
  }
  readonly entries: number
  readonly attempts: ReadonlyArray<{
    readonly history_version: number
    readonly attempt: number
    readonly model_config_id: string | null
    readonly reason: string | null
    readonly goes_on: boolean
  }>
}

/** All that the database holds of a chat, in one round trip. */
export const held = (chatId: string): Effect.Effect<Held, never, InertServices> =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<ChatRow & Omit<Held, "row">>`
      select c.*,
        coalesce((select json_agg(json_build_object('id', id, 'position', position, 'kind', kind, 'content', content,
            'model_config_id', model_config_id, 'created_by', created_by) order by kind desc, position)
          from chat_queued_messages where chat_id = c.id and removed_version is null), '[]') as queue,
        coalesce((select json_agg(json_build_object('id', id, 'message_id', message_id, 'index', index,
            'provider_call_id', provider_call_id, 'args', args, 'state', state, 'approval', approval,
            'approval_reason', approval_reason) order by message_id, index)
          from tool_calls where chat_id = c.id and answered_version is null), '[]') as calls,
        coalesce((select json_agg(json_build_object('id', id, 'role', role, 'visibility', visibility,
            'content', content, 'compressed', compressed, 'created_version', created_version,
            'model_config_id', model_config_id, 'created_by', created_by) order by id)
          from chat_messages where chat_id = c.id and removed_version is null), '[]') as messages,
        (select to_json(t) from chat_transitions t where chat_id = c.id and version = c.snapshot_version) as journal,
        (select count(*)::int from chat_transitions where chat_id = c.id) as entries,
        coalesce((select json_agg(json_build_object('history_version', history_version, 'attempt', attempt,
            'model_config_id', model_config_id, 'reason', reason, 'goes_on', ended_at is null) order by history_version, attempt)
          from chat_attempts where chat_id = c.id), '[]') as attempts
      from chats c where c.id = ${chatId}`,
  ).pipe(
    Effect.orDie,
    Effect.flatMap(([found]) => {
      if (found === undefined) return Effect.dieMessage("no such chat")
      const { queue, calls, messages, journal, entries, attempts, ...row } = found
      return Effect.succeed({ row, queue, calls, messages, journal, entries, attempts })
    }),
  )

const lineOf = (row: MessageRow): Line => ({
  id: row.id,
  role: row.role,
  visibility: row.visibility,
  content: row.content,
  compressed: row.compressed,
  created_version: row.created_version,
  model_config_id: row.model_config_id,
  created_by: row.created_by,
})

const queueOf = ({ queue }: LoadedChat) =>
  queue.map(({ id, position, kind, content, model_config_id, created_by }) => ({
    id,
    position,
    kind,
    content,
    model_config_id,
    created_by,
  }))

const callsOf = ({ openCalls }: LoadedChat) =>
  openCalls.map(({ id, message_id, index, provider_call_id, args, state, approval, approval_reason }) => ({
    id,
    message_id,
    index,
    provider_call_id,
    args,
    state,
    approval,
    approval_reason,
  }))

const nameOf = (event: ChatMachineEvent) =>
  (event.type === "SendMessage" ? `${event.type} (${event.busyBehavior})` : event.type) +
  ("slot" in event ? " with a slot" : "")

const valueAndContext = ({ value, context }: ChatSnapshot) => ({ value, context })

const replayed = (from: ChatSnapshot, journal: JournalRow) => {
  try {
    return valueAndContext(replay(from.value.mode, [journal], from))
  } catch (error) {
    return String(error)
  }
}

/** An attempt lasts no longer than the state that it is made in. */
const mayGoOn = (activity: string): boolean => activity === "running.generating" || activity === "running.executing"

/** By what name: expected, found. In the order in which a difference says most. */
const comparisons = (before: Life, event: ChatMachineEvent, after: Life, now: Held) => {
  const version = before.rows.row.snapshot_version + 1
  const { row } = now
  const goOn = now.attempts.filter(({ goes_on }) => goes_on)
  // What is tried again is another history, though it has no message more.
  const again = event.type === "Retry" && before.model.hasTag("failed")
  const movedOn = (changed: boolean, counter: number) => (changed ? version : counter)
  return [
    ["state that the next owner begins with", valueAndContext(after.model), valueAndContext(machineState(now))],
    ["row", after.rows.row, row],
    ["queue", queueOf(after.rows), now.queue],
    ["open calls", callsOf(after.rows), now.calls],
    ["transcript", after.transcript, now.messages],
    ["invariants of the state", undefined, wrongWith(after.model)],
    [
      "invariants of the transcript",
      undefined,
      faultOf({ row: {}, messages: now.messages, queue: [], open: now.calls.map(({ id }) => id) }),
    ],
    ["counters that went back", [], fallen(before.rows.row, row)],
    ["version", version, row.snapshot_version],
    [
      "version of the history",
      movedOn(again || !isDeepStrictEqual(before.transcript, now.messages), before.rows.row.history_version),
      row.history_version,
    ],
    [
      "version of the queue",
      movedOn(!isDeepStrictEqual(queueOf(before.rows), now.queue), before.rows.row.queue_version),
      row.queue_version,
    ],
    ["attempts that go on", mayGoOn(activityOf(after.model.value)) ? Math.min(1, goOn.length) : 0, goOn.length],
    [
      "place of the attempt that goes on",
      goOn.map(() => [row.history_version, row.generation_attempt]),
      goOn.map(({ history_version, attempt }) => [history_version, attempt]),
    ],
    ["owner", [before.rows.row.owner_instance, 1], [row.owner_instance, row.owner_epoch]],
    ["length of the journal", version, now.entries],
    [
      "journal",
      [version, event.type, before.rows.row.activity, activityOf(after.model.value), 1],
      [now.journal.version, now.journal.event, now.journal.from_activity, now.journal.to_activity, now.journal.epoch],
    ],
    ["state by the journal", valueAndContext(after.model), replayed(before.model, now.journal)],
  ] as const
}

const requireSame = (before: Life, event: ChatMachineEvent, after: Life): Trial<void> =>
  Effect.flatMap(held(after.rows.row.id), (now) => {
    for (const [of, expected, found] of comparisons(before, event, after, now)) {
      if (!isDeepStrictEqual(expected, found)) {
        return Effect.fail(new Difference({ path: after.path, of, expected, found }))
      }
    }
    return Effect.void
  })

/** A chat that has just been created, in a transaction. */
export const birth = (chats: InertChats, slot?: "granted"): Trial<Life> =>
  Effect.gen(function* () {
    const commits = yield* ChatCommits
    const { chat, model } = chats.newborn(slot)
    const { message_ids: _, ...row } = yield* commits.create(chat, randomUUID()).pipe(Effect.orDie)
    const { messages } = yield* held(chat.id)
    return { model, rows: { row, queue: [], openCalls: [] }, transcript: messages, path: [] }
  })

export const accepts = ({ model }: Life, event: ChatMachineEvent): boolean => model.can(event)

/** The machine's decision and what is to be written for it. */
const decided = (life: Life, event: ChatMachineEvent) => {
  const decision = decide(life.model, event)
  if (decision === undefined) throw new Error(`${event.type} is refused after ${life.path.join(" ")}`)
  const { next, changes } = decision
  const transition = { event, value: next.value, context: next.context, changes, actorUserId: null }
  const commit = plan(life.rows, {
    ...transition,
    now: new Date().toISOString(),
    startedAtUs: performance.now() * 1000,
  })
  return { next, commit: { ...commit, receipt: null } }
}

/** The life after an event that the machine accepts, compared on all sides. */
export const live = (life: Life, event: ChatMachineEvent): Trial<Life> =>
  Effect.gen(function* () {
    const commits = yield* ChatCommits
    const path = [...life.path, nameOf(event)]
    const { next, commit } = decided(life, event)
    if (commit.takesSlot === "row") yield* Effect.orDie(giveSlot(commit.chatId))
    const committed = yield* commits
      .commit(commit)
      .pipe(Effect.catchAll((cause) => Effect.die(new Error(`${path.join(" ")} cannot be committed`, { cause }))))
    const { state, inserted } = apply(life.rows, commit, committed)
    const cut = commit.removeMessagesFrom ?? Number.POSITIVE_INFINITY
    const transcript = [...life.transcript.filter(({ id }) => id < cut), ...inserted.map(lineOf)]
    const after: Life = { model: next, rows: state, transcript, path }
    yield* requireSame(life, event, after)
    return after
  })

/** Owners of other epochs, and one that is a version behind, find no row to write to. */
export const fenced = (life: Life, event: ChatMachineEvent): Trial<void> =>
  Effect.gen(function* () {
    const commits = yield* ChatCommits
    const { commit } = decided(life, event)
    const { epoch, version } = commit
    for (const stale of [
      { epoch: epoch - 1, version },
      { epoch: epoch + 1, version },
      { epoch, version: version - 1 },
    ]) {
      const told = yield* Effect.flip(commits.commit({ ...commit, ...stale })).pipe(
        Effect.catchAll(() => Effect.succeed({ _tag: "written" })),
      )
      if (told._tag !== "FenceLost") {
        const path = [...life.path, nameOf(event)]
        return yield* new Difference({
          path,
          of: `a commit of ${JSON.stringify(stale)}`,
          expected: "FenceLost",
          found: told._tag,
        })
      }
    }
  })

const userMessagesOf = ({ transcript }: Life): ReadonlyArray<number> =>
  transcript.filter(({ role }) => role === "user").map(({ id }) => id)

/** The event of a step, made to fit the rows. */
export const fittedTo = (chats: InertChats, life: Life, step: Step): ChatMachineEvent =>
  fitted(chats, step, life.rows, userMessagesOf(life))

/** Everything that can be tried next: each event, fitted in each way that makes a difference to the rows. */
export const choices = (chats: InertChats, life: Life): ReadonlyArray<ChatMachineEvent> =>
  everyChoice(life.rows, userMessagesOf(life)).map((step) => fittedTo(chats, life, step))

/** A life from birth through these steps, all of them accepted. */
export const lifeThrough = (chats: InertChats, steps: ReadonlyArray<Step>): Trial<Life> =>
  Effect.flatMap(birth(chats), (born) =>
    Effect.reduce(steps, born, (life, step) => live(life, fittedTo(chats, life, step))),
  )

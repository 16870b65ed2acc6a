import { Context, Effect, Layer } from "effect"
import type { TraceCall, TraceHead, TraceMessage, TracePage, TraceQueued, TraceTransition } from "../contract/trace.ts"
import { messageToWire, queuedToWire, transitionToWire } from "../actors/streams/chat-wire.ts"
import { readable } from "../db/chats/content-version.ts"
import { ChatJournal, type TransitionRow } from "../db/chats/journal.ts"
import type { MessageRow } from "../db/chats/rows.ts"
import type { ChatDetailRow } from "../db/chats/shown-chats.ts"
import { ChatReads } from "../db/chats/reads.ts"
import { ChatTraceReads, type TraceCallRow, type TraceQueuedRow } from "../db/chats/traces.ts"
import { replay } from "../machines/chat-replay.ts"
import { initialContext } from "../machines/chat-setup.ts"
import { type ChatSnapshot, unborn } from "../machines/chat-state.ts"
import { attemptToWire } from "./attempts.ts"
import { Inspection, modeAtBirth, VersionGone } from "./inspection.ts"

/** A chat's whole life, to be kept in a file: everything that people are shown of it, of all versions. */

const spanOf = ({
  created_version,
  removed_version,
}: {
  readonly created_version: number
  readonly removed_version: number | null
}) => ({ created_version, ...(removed_version !== null && { removed_version }) })

const messageOf = (row: MessageRow): TraceMessage => ({ ...messageToWire(row), ...spanOf(row) })

const queuedOf = (row: TraceQueuedRow): TraceQueued => ({
  ...queuedToWire(row),
  ...spanOf(row),
  position: row.position,
})

const callOf = (call: TraceCallRow): TraceCall => ({
  id: call.id,
  tool_call_id: call.provider_call_id,
  tool_name: call.tool_name,
  message_id: call.message_id,
  created_version: call.created_version,
  ...(call.answered_version !== null && { answered_version: call.answered_version }),
  asked: call.created_at.toISOString(),
  ...(call.started_at !== null && { since: call.started_at.toISOString() }),
  ...(call.finished_at !== null && { until: call.finished_at.toISOString() }),
  ...(call.approval !== null && { approval: call.approval }),
})

/** The state after a row; undefined where the machine of today would not take its event, and from then on. */
const stateAfter = (state: ChatSnapshot | undefined, row: TransitionRow): ChatSnapshot | undefined => {
  if (state === undefined) return undefined
  try {
    return replay(state.value.mode, [row], state)
  } catch {
    return undefined
  }
}

const transitionsOf = (
  start: ChatSnapshot | undefined,
  rows: ReadonlyArray<TransitionRow>,
): ReadonlyArray<TraceTransition> => {
  let state = start
  return rows.map((row) => {
    state = stateAfter(state, row)
    return { ...transitionToWire(row), ...(state !== undefined && { mode: state.value.mode, context: state.context }) }
  })
}

const make = Effect.gen(function* () {
  const inspection = yield* Inspection
  const journal = yield* ChatJournal
  const reads = yield* ChatTraceReads
  const chats = yield* ChatReads

  /** All of it at the version that this row has. */
  const head = Effect.fnUntraced(function* (row: ChatDetailRow) {
    const { machine, steps, attempts } = yield* Effect.all(
      { machine: inspection.now(row), steps: inspection.steps(row), attempts: Effect.orDie(chats.attempts(row.id)) },
      { concurrency: "unbounded" },
    )
    const result: TraceHead = {
      version: row.snapshot_version,
      machine,
      steps,
      attempts: attempts.map(attemptToWire),
      ...(row.last_error !== null && { last_error: row.last_error }),
    }
    return result
  })

  /** What the transitions above `after` begin with; undefined where that cannot be known any more. */
  const stateAfterVersion = (row: ChatDetailRow, after: number, transitions: ReadonlyArray<TransitionRow>) =>
    after === 0
      ? Effect.succeed(
          transitions[0]?.version === 1 ? unborn(modeAtBirth(row, transitions), initialContext) : undefined,
        )
      : inspection.stateAt(row, after).pipe(Effect.catchTag("VersionGone", () => Effect.succeed(undefined)))

  const page = Effect.fnUntraced(function* (row: ChatDetailRow, version: number, after: number, limit: number) {
    if (version > row.snapshot_version) {
      return yield* new VersionGone({ message: `This chat is at version ${row.snapshot_version} only.` })
    }
    const until = yield* reads.fitting(row.id, after, Math.min(after + limit, version))
    const { transitions, rows } = yield* Effect.all(
      {
        transitions: journal.between(row.id, after, until),
        rows: reads.rows(row.id, { after, until, version }),
      },
      { concurrency: "unbounded" },
    )
    const start = yield* stateAfterVersion(row, after, transitions)
    const messages = yield* readable(rows.messages)
    const result: TracePage = {
      until,
      has_more: until < version,
      transitions: transitionsOf(start, transitions),
      messages: messages.map(messageOf),
      queued: rows.queued.map(queuedOf),
      calls: rows.calls.map(callOf),
    }
    return result
  })

  return { head, page }
})

export class Traces extends Context.Tag("troupe/Traces")<Traces, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Traces, make)
}

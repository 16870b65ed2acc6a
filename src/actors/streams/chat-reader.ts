import { Effect, Option, Schedule } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import { ChatJournal } from "../../db/chats/journal.ts"
import { ChatReads } from "../../db/chats/reads.ts"
import type { ChatTag } from "../../machines/chat-setup.ts"
import { hasTag } from "../../machines/chat-state.ts"
import { approvalToWire, transitionToWire } from "./chat-wire.ts"
import type { Cursor } from "./cursor.ts"
import type { LiveNotice } from "./live-channel.ts"
import { LiveChannels } from "./live-channels.ts"
import { PartLog } from "./part-log.ts"
import {
  changeEvents,
  type EventText,
  type Frame,
  framesOf,
  loggedPartEvent,
  partEvent,
  transitionEvent,
} from "./stream-events.ts"
import { transcriptEvents } from "./transcript-events.ts"

/** Where a reader's events go: a WebSocket or a response of server-sent events. */
export interface ReaderSink {
  /** `frame` is the JSON array of `events`, made once for all readers. */
  readonly write: (events: ReadonlyArray<EventText>, frame: string) => void
  /** Bytes accepted by `write` that the peer has not taken. */
  readonly bufferedBytes: () => number
  /** Calls back once when the peer has taken everything. */
  readonly onDrain: (callback: () => void) => void
  /** Wants every step of the machine, too. */
  readonly inspects: boolean
  /** Was let in to read along: is told what the transcript shows, and no more. */
  readonly readsAlong?: boolean
}

export type ReaderStart =
  | { readonly type: "cursor"; readonly cursor: Cursor }
  | { readonly type: "snapshot"; readonly afterId: number; readonly tail?: number }

/** A reader this far behind gets nothing more until it has taken what it has; then the database brings it up to date. */
const SLOW_READER_BYTES = 1024 * 1024

/** A reader does not lose its stream to a short trouble of the database. */
const retryReads = Schedule.exponential("50 millis").pipe(Schedule.intersect(Schedule.recurs(6)))

/** A reader's way to a version of the chat; `known` is its position, if it has one that we gave out. */
interface Way {
  readonly chatId: ChatId
  readonly start: ReaderStart
  readonly known: Cursor | undefined
  readonly version: number
  /** Id of the first message that the reader may hold and that is gone. */
  readonly removedFrom: number | undefined
}

const firstRows = (start: ReaderStart) =>
  start.type === "cursor" ? {} : { afterId: start.afterId, ...(start.tail !== undefined && { tail: start.tail }) }

/**
 * The messages a reader is sent, and from which id on they replace those it holds. With a cursor it is told where to begin
 * again. One that gave none may know a reset only as the end of all it holds, so all that it is to show follows.
 */
const readMessages = ({ chatId, start, known, version, removedFrom }: Way) =>
  Effect.gen(function* () {
    const reads = yield* ChatReads
    const read = (from: { readonly sinceVersion?: number; readonly afterId?: number; readonly tail?: number }) =>
      reads.messagesAt(chatId, { version, sinceVersion: 0, afterId: 0, ...from })
    if (removedFrom === undefined) {
      const isNew = known === undefined ? firstRows(start) : { sinceVersion: known.version }
      return { messages: yield* read(isNew), resetFrom: undefined }
    }
    if (start.type === "cursor") return { messages: yield* read({ afterId: removedFrom - 1 }), resetFrom: removedFrom }
    if (start.tail === undefined) return { messages: yield* read({}), resetFrom: 1 }
    const last = yield* read({ tail: start.tail })
    const firstId = last[0]?.id ?? removedFrom
    // What it was sent before goes on without a hole.
    if (known !== undefined && firstId > removedFrom) {
      return { messages: yield* read({ afterId: removedFrom - 1 }), resetFrom: removedFrom }
    }
    return { messages: last, resetFrom: Math.min(firstId, removedFrom) }
  })

/** The first message that is gone and that a reader may hold. */
const firstGone = (chatId: ChatId, known: Cursor | undefined, version: number) =>
  Effect.flatMap(ChatReads, (reads) =>
    known === undefined ? reads.firstEverRemoved(chatId, version) : reads.firstRemoved(chatId, known.version, version),
  ).pipe(Effect.map(Option.getOrUndefined))

const isSameEpisode = (a: Cursor, b: Cursor): boolean =>
  a.historyVersion === b.historyVersion && a.attempt === b.attempt

/** What a reader at `from` (undefined: nowhere yet) has to be told to be at `to`. */
const readGap = (chatId: ChatId, start: ReaderStart, from: Cursor | undefined, inspects: boolean) =>
  Effect.gen(function* () {
    const reads = yield* ChatReads
    // Taken before the read: a part that is written in between is then seen twice, and counted once, instead of never.
    const unwritten = (yield* PartLog).unwritten(chatId)
    const found = yield* reads.standing(chatId)
    if (Option.isNone(found)) return Option.none()
    const row = found.value
    const version = row.snapshot_version
    const is = (tag: ChatTag) => hasTag(row.activity, tag)
    // A position we cannot have given out, such as one from before the database was restored: begin again.
    const foreign = from !== undefined && from.version > version
    const known = foreign ? undefined : from
    const sameEpisode = known?.historyVersion === row.history_version && known.attempt === row.generation_attempt
    const at: Cursor = {
      version,
      historyVersion: row.history_version,
      attempt: row.generation_attempt,
      seq: sameEpisode ? known.seq : 0,
    }
    const fresh = known === undefined || known.version < version
    const removedFrom = foreign ? 1 : fresh ? yield* firstGone(chatId, known, version) : undefined
    const [{ messages, resetFrom }, queue, parts, waiting] = yield* Effect.all(
      [
        fresh
          ? readMessages({ chatId, start, known, version, removedFrom })
          : Effect.succeed({ messages: [], resetFrom: undefined }),
        known !== undefined && known.version >= row.queue_version
          ? Effect.succeed(undefined)
          : reads.queueAt(chatId, version),
        reads.partTexts(chatId, { historyVersion: at.historyVersion, attempt: at.attempt, afterSeq: at.seq }),
        is("asks-client") || is("asks-person") ? reads.openCalls(chatId) : Effect.succeed([]),
      ],
      { concurrency: "unbounded" },
    )
    const events: Array<EventText> = []
    const journal = yield* ChatJournal
    if (inspects && fresh && known !== undefined) {
      const transitions = yield* journal.between(chatId, known.version, version)
      events.push(...transitions.map((row) => transitionEvent(chatId, known, transitionToWire(row))))
    }
    // What the reader has been told of the state holds, unless the chat has left it since: no call is asked for twice.
    const { moved, decided } =
      known === undefined || !fresh
        ? { moved: true, decided: true }
        : yield* journal.turningPoints(chatId, known.version, version)
    if (fresh) {
      const changes = changeEvents(chatId, known, at, {
        ...(resetFrom !== undefined && { resetFrom }),
        messages,
        // Empty, too: who comes back may hold messages that have left it since.
        ...(queue !== undefined && (from !== undefined || row.queue_version > 0) && { queue }),
        ...(moved && { status: row }),
        ...(moved && is("failed") && row.last_error !== null && { error: row.last_error }),
        ...(moved && is("asks-client") && { actionRequired: waiting }),
        ...((moved || decided) &&
          is("asks-person") && {
            approvals: waiting.filter((call) => call.approval === "asked").map(approvalToWire),
          }),
        ...(moved && row.retry_state !== null && { retry: row.retry_state }),
        // Who comes back may hold text of an attempt that is over, or of this one, which is sent from its beginning.
        previewReset: !sameEpisode,
      })
      events.push(...changes)
    }
    let seq = at.seq
    for (const part of parts) {
      if (part.seq !== seq + 1) continue
      seq += 1
      events.push(loggedPartEvent(chatId, { ...at, seq }, part.role, part.part))
    }
    for (const part of unwritten) {
      if (part.history_version !== at.historyVersion || part.attempt !== at.attempt || part.seq !== seq + 1) continue
      seq += 1
      events.push(partEvent(chatId, { ...at, seq }, part.role, part.part))
    }
    return Option.some({ to: { ...at, seq }, events })
  })

/**
 * Follows one chat: a first snapshot or the gap since a cursor, then every live event, with none lost or repeated.
 *
 * It subscribes first, reads the database second and applies what came in between third, by position. The same catching up
 * serves a new reader, one that was too slow, and one that missed something. Lasts until the chat is deleted; interrupt it
 * to stop.
 */
export const followChat = Effect.fnUntraced(function* (chatId: ChatId, start: ReaderStart, sink: ReaderSink) {
  const channels = yield* LiveChannels
  let position: Cursor | undefined = start.type === "cursor" ? start.cursor : undefined
  /** `live`: notices are passed on. `gathering`: kept until the gap is read. `slow`: left to the next catching up. */
  let mode: "live" | "gathering" | "slow" = "gathering"
  let gathered: Array<LiveNotice> = []
  let wake: () => void = () => undefined
  let broken = false

  const catchUpSoon = () => {
    mode = "gathering"
    gathered = []
    wake()
  }

  const allowed = (events: ReadonlyArray<EventText>) => (sink.readsAlong === true ? transcriptEvents(events) : events)

  /** @param frames of all the events, where they are made already */
  const writeAll = (events: ReadonlyArray<EventText>, frames?: Iterable<Frame>) => {
    const told = allowed(events)
    const made = told === events ? frames : undefined
    for (const frame of made ?? framesOf(told)) sink.write(frame.events, frame.text)
  }

  /** False when the notice does not go on from where the reader is. */
  const follow = (notice: LiveNotice, at: Cursor): boolean => {
    if (notice.type === "untold") return false
    if (notice.type === "passing") {
      writeAll(notice.events, notice.frames)
      return true
    }
    if (notice.type === "change") {
      if (notice.to.version <= at.version) return true
      if (notice.to.version !== at.version + 1) return false
      // The text was read after this change, and the state before it: to go back would tell the text again.
      if (isSameEpisode(notice.to, at) && notice.to.seq < at.seq) return false
      if (notice.removes && start.type === "snapshot") return false
      position = notice.to
      if (sink.inspects) writeAll([notice.transition, ...notice.events])
      else writeAll(notice.events, notice.frames)
      return true
    }
    if (notice.historyVersion !== at.historyVersion || notice.attempt !== at.attempt) {
      const ended =
        notice.historyVersion < at.historyVersion ||
        (notice.historyVersion === at.historyVersion && notice.attempt < at.attempt)
      return ended
    }
    const news = notice.events.filter((event) => event.seq > at.seq)
    const [first] = news
    if (first === undefined) return true
    if (first.seq !== at.seq + 1) return false
    position = { ...at, seq: at.seq + news.length }
    if (news.length === notice.events.length) writeAll(notice.events, notice.frames)
    else writeAll(news)
    return true
  }

  const listen = (notice: LiveNotice): void => {
    if (mode === "slow") return
    if (mode === "gathering") {
      gathered.push(notice)
      return
    }
    if (sink.bufferedBytes() > SLOW_READER_BYTES) {
      mode = "slow"
      sink.onDrain(catchUpSoon)
      return
    }
    if (position === undefined || !follow(notice, position)) catchUpSoon()
  }

  yield* Effect.acquireRelease(
    Effect.sync(() =>
      channels.retain(chatId).subscribe(listen, () => {
        broken = true
        wake()
      }),
    ),
    (unsubscribe) =>
      Effect.sync(() => {
        unsubscribe()
        channels.release(chatId)
      }),
  )

  for (;;) {
    // Read to its end though the reader is gone: the statement of an interrupted fiber is canceled by its connection, which may
    // carry the commit of somebody else by then.
    const gap = yield* readGap(chatId, start, position, sink.inspects).pipe(
      Effect.uninterruptible,
      Effect.retry(retryReads),
      Effect.orDie,
    )
    if (Option.isNone(gap)) return
    position = gap.value.to
    let complete = true
    for (const { events, text } of framesOf(allowed(gap.value.events))) {
      sink.write(events, text)
      if (sink.bufferedBytes() > SLOW_READER_BYTES) {
        // What comes in while the peer takes its time is not kept but read again.
        mode = "slow"
        gathered = []
        complete = false
        yield* Effect.async<void>((resume) => sink.onDrain(() => resume(Effect.void)))
      }
    }
    const meanwhile = gathered
    gathered = []
    mode = "live"
    complete &&= meanwhile.every((notice) => position !== undefined && follow(notice, position))
    if (!complete) {
      mode = "gathering"
      continue
    }
    yield* Effect.async<void>((resume) => {
      wake = () => resume(Effect.void)
      if (mode === "gathering" || broken) wake()
    })
    // A stream that is silent from now on would look like a chat that rests.
    if (broken) return yield* Effect.dieMessage("The reader could not be told of a change")
  }
}, Effect.scoped)

import { Effect, Option } from "effect"
import fc from "fast-check"
import { isDeepStrictEqual } from "node:util"
import { messageToWire, queuedToWire } from "../../src/actors/streams/chat-wire.ts"
import { CommandRefused } from "../../src/actors/chat/commands/refusals.ts"
import { LiveChannels } from "../../src/actors/streams/live-channels.ts"
import { PartLog } from "../../src/actors/streams/part-log.ts"
import type { Message, QueuedMessage } from "../../src/contract/chats.ts"
import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { stepOf } from "./event-choices.ts"
import type { InertChats } from "./inert-chats.ts"
import { everyEvent, fitted, type Step } from "./random-lives.ts"
import { ReferenceReader } from "./reference-reader.ts"
import { refusal } from "./refusal.ts"

/** Random lives of chats whose readers know only `after_id`, are cut off anywhere, and come back. */

type Deed =
  | { readonly do: "event"; readonly step: Step }
  | { readonly do: "say"; readonly text: string }
  | { readonly do: "leave" | "stall" | "drain"; readonly reader: number }
  | { readonly do: "come"; readonly reader: number; readonly with: "after_id" | "nothing"; readonly lasts: number }

/** Long enough to mean "it will not come". */
const PATIENCE_MS = 10_000

const FOR_EVER = Number.POSITIVE_INFINITY
const READERS = 2

/** What people do to a chat, and what a turn does: each often enough to meet the others. */
const weights: Readonly<Record<string, number>> = {
  SendMessage: 4,
  EditMessage: 4,
  DeleteQueuedMessage: 4,
  PromoteQueuedMessage: 4,
  ChangeQueuedMessage: 2,
  Retry: 2,
  Interrupt: 4,
  FinishInterruption: 4,
  Admit: 8,
  RecordGenerationAttempt: 4,
  RecordToolCalls: 4,
  CommitStep: 4,
  FinishTurn: 8,
  RequestCompaction: 2,
  CommitCompaction: 4,
  ClearContext: 2,
}

const step = fc.record({
  event: fc.oneof(...everyEvent.map((event) => ({ weight: weights[event.type] ?? 1, arbitrary: fc.constant(event) }))),
  pick: fc.nat(20),
  size: fc.nat(5),
})
const reader = fc.nat(READERS - 1)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ do: fc.constant("event" as const), step }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("say" as const), text: fc.string({ minLength: 1, maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), reader }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("stall" as const, "drain" as const), reader }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("come" as const),
      reader,
      with: fc.constantFrom("after_id" as const, "nothing" as const),
      lasts: fc.oneof(fc.nat(8), fc.constant(FOR_EVER)),
    }),
  },
)

/** Turns that are over before anything else happens, and what happens then. */
export interface Life {
  readonly turns: number
  readonly deeds: ReadonlyArray<Deed>
}

export const lives: fc.Arbitrary<Life> = fc.record({
  turns: fc.nat(3),
  deeds: fc.array(deed, { minLength: 4, maxLength: 14 }),
})

/** What a reader has to hold, by the rows. */
const truthOf = (chats: InertChats, chatId: string): Promise<Truth> =>
  chats.run(
    Effect.gen(function* () {
      const reads = yield* ChatReads
      const row = Option.getOrThrow(yield* reads.get(chatId))
      const { rows } = yield* reads.messages(chatId, { limit: 200 })
      const queue = yield* reads.queueAt(chatId, row.snapshot_version)
      yield* (yield* PartLog).settle(chatId)
      const episode = { historyVersion: row.history_version, attempt: row.generation_attempt, afterSeq: 0 }
      const parts = yield* reads.parts(chatId, episode)
      return {
        messages: rows.map(messageToWire).toReversed(),
        queue: queue.map(queuedToWire),
        status: row.status,
        // Text of an attempt that failed may go on being shown.
        ...(row.generation_attempt > 0 && {
          preview: parts.map(({ part }) => (part.type === "text" ? part.text : "")).join(""),
        }),
      }
    }),
  )

interface Truth {
  readonly messages: ReadonlyArray<Message>
  readonly queue: ReadonlyArray<QueuedMessage>
  readonly status: string
  readonly preview?: string
}

interface Difference {
  readonly reader: string
  readonly expected: Truth
  readonly found: Truth
}

const heldBy = (held: ReferenceReader, truth: Truth): Truth => ({
  messages: held.transcript,
  queue: held.queue,
  status: held.status,
  ...(truth.preview !== undefined && { preview: held.preview }),
})

/** A chat with a reader that is always there, and two that come and go. */
export class ReadChat {
  readonly #chats: InertChats
  readonly #present = new ReferenceReader()
  readonly #returning = Array.from({ length: READERS }, () => new ReferenceReader())
  #state: LoadedChat
  events = 0
  returns = 0

  constructor(chats: InertChats, state: LoadedChat) {
    this.#chats = chats
    this.#state = state
    for (const each of this.readers) each.connect(chats, this.id, { type: "snapshot", afterId: 0 }, FOR_EVER)
  }

  get id(): string {
    return this.#state.row.id
  }

  get readers(): ReadonlyArray<ReferenceReader> {
    return [this.#present, ...this.#returning]
  }

  /** Happens if the machine allows it. */
  async happen(event: Step): Promise<void> {
    const people = event.event.type === "EditMessage" ? await this.#userMessages() : []
    if (event.event.type === "EditMessage" && people.length === 0) return
    const sent = this.#chats.bring(this.id, (state) => fitted(this.#chats, event, state, people))
    const outcome = await sent.then(
      (state) => ({ state }),
      () => undefined,
    )
    if (outcome === undefined) {
      const reason = await refusal(sent)
      if (reason instanceof CommandRefused) return
      throw new Error(`${event.event.type} broke`, { cause: reason })
    }
    this.#state = outcome.state
    this.events += 1
  }

  async #userMessages(): Promise<ReadonlyArray<number>> {
    const rows = await this.#chats.query<{ readonly id: number }>(
      (sql) => sql`select id from chat_messages where chat_id = ${this.id} and role = 'user'
        and removed_version is null and visibility <> 'model' order by id`,
    )
    return rows.map(({ id }) => id)
  }

  /** The model says something, if it is at it. */
  async say(text: string): Promise<void> {
    const { activity, generation_attempt } = this.#state.row
    if (activity !== "running.generating" || generation_attempt === 0) return
    const channels = await this.#chats.run(LiveChannels)
    const channel = channels.retain(this.id)
    channel.push("assistant", { type: "text", text })
    channel.flush()
    channels.release(this.id)
  }

  async come(held: ReferenceReader, how: "after_id" | "nothing", lasts: number): Promise<void> {
    await held.disconnect()
    this.returns += 1
    held.connect(this.#chats, this.id, { type: "snapshot", afterId: how === "after_id" ? held.afterId : 0 }, lasts)
  }

  async #do(what: Deed): Promise<void> {
    if (what.do === "event") return this.happen(what.step)
    if (what.do === "say") return this.say(what.text)
    const held = this.#returning[what.reader]
    if (held === undefined) return
    if (what.do === "come") return this.come(held, what.with, what.lasts)
    if (what.do === "leave") return held.disconnect()
    if (what.do === "stall") return held.stall()
    held.drain()
  }

  async live({ turns, deeds }: Life): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) {
      for (const type of ["Admit", "FinishTurn", "SendMessage"] as const) await this.happen(stepOf(type))
    }
    for (const what of deeds) await this.#do(what)
    for (const [index, held] of this.#returning.entries()) {
      await this.come(held, index % 2 === 0 ? "after_id" : "nothing", FOR_EVER)
    }
    // What comes before a last message has come when that has; an archived chat or a full queue takes none.
    await this.happen(stepOf("SendMessage"))
  }

  /** The first reader that does not hold what it has to, with both. */
  async difference(): Promise<Difference | undefined> {
    const truth = await truthOf(this.#chats, this.id)
    for (const [index, held] of this.readers.entries()) {
      if (await held.until((now) => isDeepStrictEqual(heldBy(now, truth), truth), PATIENCE_MS)) continue
      const reader = index === 0 ? "that was always there" : "that came back"
      return { reader, expected: truth, found: heldBy(held, truth) }
    }
    return undefined
  }

  async end(): Promise<void> {
    for (const held of this.readers) await held.disconnect()
  }
}

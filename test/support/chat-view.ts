import { Effect, Fiber, Predicate, Schema } from "effect"
import { afterEach, expect } from "vitest"
import { parseCursor } from "../../src/actors/streams/cursor.ts"
import { followChat, type ReaderSink, type ReaderStart } from "../../src/actors/streams/chat-reader.ts"
import type { ChatError, RetryState } from "../../src/contract/chat-error.ts"
import type { Message, QueuedMessage } from "../../src/contract/chats.ts"
import type { Part } from "../../src/contract/parts.ts"
import { ChatStreamEvent } from "../../src/contract/stream.ts"
import { joinParts } from "../../src/turn/interruption.ts"
import type { Engine } from "./engine.ts"
import { wordsOf } from "./part-words.ts"

const decodeFrame = Schema.decodeUnknownSync(Schema.parseJson(Schema.Array(ChatStreamEvent)))

/** JSON text with its keys in order: jsonb, from which a reader catches up, does not keep theirs. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    Predicate.isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

/** What a client knows of a chat after the events it was sent, by the rules of the stream. Breaches are collected. */
export class ChatView {
  readonly messages = new Map<number, Message>()
  readonly events: Array<ChatStreamEvent> = []
  readonly retries: Array<RetryState> = []
  /** Texts of the parts by (history version, attempt, seq), of all episodes. */
  readonly parts = new Map<string, string>()
  readonly breaches: Array<string> = []
  queue: ReadonlyArray<QueuedMessage> = []
  activity = ""
  error: ChatError | undefined
  cursor: string | undefined
  /** Parts since the last reset. */
  preview: Array<{ readonly role: Message["role"]; readonly part: Part }> = []
  #episode = ""
  #seq = 0

  apply(event: ChatStreamEvent): void {
    this.events.push(event)
    this.cursor = event.cursor
    switch (event.type) {
      case "message":
        this.messages.set(event.message.id, event.message)
        return
      case "history_reset":
        for (const id of this.messages.keys()) if (id >= event.history_reset.from_id) this.messages.delete(id)
        return
      case "message_part":
        return this.#part(event.message_part)
      case "preview_reset":
        this.preview = []
        this.#seq = 0
        this.#episode = ""
        return
      case "status":
        this.activity = event.status.activity
        if (event.status.status !== "error") this.error = undefined
        return
      case "queue_update":
        this.queue = event.queued_messages
        return
      case "error":
        this.error = event.error
        return
      case "retry":
        this.retries.push(event.retry)
        return
      case "action_required":
        return
    }
  }

  #part(part: Extract<ChatStreamEvent, { type: "message_part" }>["message_part"]): void {
    const episode = `${part.history_version}.${part.generation_attempt}`
    const name = `${episode}.${part.seq}`
    if (this.#episode !== "" && episode !== this.#episode) this.breaches.push(`${name} without a reset`)
    if (part.seq !== this.#seq + 1) this.breaches.push(`${name} after ${this.#seq} of ${this.#episode}`)
    this.#episode = episode
    this.#seq = part.seq
    const json = canonical(part.part)
    const before = this.parts.get(name)
    if (before !== undefined && before !== json) this.breaches.push(`${name} means two texts`)
    this.parts.set(name, json)
    this.preview.push({ role: part.role, part: part.part })
  }

  /** Messages in order. */
  get transcript(): ReadonlyArray<Message> {
    return [...this.messages.values()].toSorted((a, b) => a.id - b.id)
  }

  /** `role: text` of each message; calls and results by the tool's name. */
  get lines(): ReadonlyArray<string> {
    return this.transcript.map(({ role, content }) => `${role}: ${content.map(wordsOf).join(" ")}`)
  }

  /** Text of the message being written. */
  get shown(): string {
    return joinParts(this.preview).map(wordsOf).join(" ")
  }
}

interface TestReaderOptions {
  readonly start?: ReaderStart
  readonly view?: ChatView
  readonly sink?: Partial<ReaderSink>
}

/** A reader of a chat's stream in this process, with the view that its events add up to. */
export class TestReader {
  readonly view: ChatView
  readonly #fiber: Fiber.RuntimeFiber<void>
  readonly #waiting = new Set<() => void>()
  #cut = Number.POSITIVE_INFINITY

  constructor(engine: Engine, chatId: string, { start, view, sink }: TestReaderOptions = {}) {
    this.view = view ?? new ChatView()
    const write: ReaderSink["write"] = (events, frame) => {
      const decoded = decodeFrame(frame)
      if (decoded.length !== events.length || decoded.length === 0 || decoded.length > 256) {
        this.view.breaches.push(`a frame of ${decoded.length} events`)
      }
      for (const event of decoded) {
        if (this.#cut === 0) break
        this.#cut -= 1
        this.view.apply(event)
        if (parseCursor(event.cursor) === undefined) this.view.breaches.push(`bad cursor ${event.cursor}`)
      }
      this.#wake()
    }
    const whole: ReaderSink = { write, bufferedBytes: () => 0, onDrain: () => undefined, inspects: false, ...sink }
    const from = start ?? this.#startOf(this.view)
    this.#fiber = engine.runtime.runFork(followChat(chatId, from, whole))
  }

  #startOf(view: ChatView): ReaderStart {
    const cursor = view.cursor === undefined ? undefined : parseCursor(view.cursor)
    return cursor === undefined ? { type: "snapshot", afterId: 0 } : { type: "cursor", cursor }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** After so many more events nothing reaches the view any more, even in the middle of a frame. */
  cutAfter(events: number): void {
    this.#cut = events
  }

  get isCut(): boolean {
    return this.#cut === 0
  }

  async until(holds: (view: ChatView) => boolean): Promise<ChatView> {
    while (!holds(this.view)) await new Promise<void>((resolve) => this.#waiting.add(resolve))
    return this.view
  }

  /** The chat has come to rest: it waits, has failed, or wants something. */
  idle(): Promise<ChatView> {
    return this.until(({ activity }) => activity !== "" && !/^(pending|running)/.test(activity))
  }

  activity(activity: string): Promise<ChatView> {
    return this.until((view) => view.activity === activity)
  }

  /** Resolves when the text of the message being written contains this. */
  shown(words: string): Promise<ChatView> {
    return this.until((view) => view.shown.includes(words))
  }

  async close(): Promise<void> {
    await Effect.runPromise(Fiber.interrupt(this.#fiber))
  }
}

/** Readers that are closed after each test, which fails when one was told something against the rules of the stream. */
export const useReaders = (): ((engine: Engine, chatId: string, options?: TestReaderOptions) => TestReader) => {
  const readers: Array<TestReader> = []
  afterEach(async () => {
    const breaches: Array<string> = []
    for (const reader of readers.splice(0)) {
      await reader.close()
      breaches.push(...reader.view.breaches)
    }
    expect(breaches).toEqual([])
  })
  return (engine, chatId, options) => {
    const reader = new TestReader(engine, chatId, options)
    readers.push(reader)
    return reader
  }
}

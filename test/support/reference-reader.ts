import { Effect, Fiber } from "effect"
import { followChat, type ReaderSink, type ReaderStart } from "../../src/actors/streams/chat-reader.ts"
import type { Message, QueuedMessage } from "../../src/contract/chats.ts"
import type { ChatStreamEvent } from "../../src/contract/stream.ts"
import type { InertChats } from "./inert-chats.ts"

/**
 * A reader that knows the events of the reference and nothing of ours: no cursor, no partial reset. What it holds outlives its
 * connections, and all it can say when it comes back is the highest id of a message that it holds.
 */
export class ReferenceReader {
  readonly messages = new Map<number, Message>()
  queue: ReadonlyArray<QueuedMessage> = []
  status = ""
  /** Text of the parts since the last reset. */
  preview = ""
  #fiber: Fiber.RuntimeFiber<void> | undefined
  /** Events that still reach it over its connection. */
  #lasts = 0
  #stalled = false
  #drained: () => void = () => undefined
  #look: () => void = () => undefined

  apply(event: ChatStreamEvent): void {
    switch (event.type) {
      case "message":
        this.messages.set(event.message.id, event.message)
        return
      case "history_reset":
        return this.messages.clear()
      case "queue_update":
        this.queue = event.queued_messages
        return
      case "status":
        this.status = event.status.status
        return
      case "preview_reset":
        this.preview = ""
        return
      case "message_part": {
        const { part } = event.message_part
        this.preview += part.type === "text" ? part.text : ""
        return
      }
      default:
        // Errors, retries and what the reference does not know change nothing that is compared.
        return
    }
  }

  /** The highest id of a message that it holds; 0 for none. */
  get afterId(): number {
    return Math.max(0, ...this.messages.keys())
  }

  get transcript(): ReadonlyArray<Message> {
    return [...this.messages.values()].toSorted((a, b) => a.id - b.id)
  }

  get isConnected(): boolean {
    return this.#fiber !== undefined
  }

  /** Connects; after so many events nothing reaches it any more, even in the middle of a change. */
  connect(chats: InertChats, chatId: string, start: Extract<ReaderStart, { type: "snapshot" }>, lasts: number): void {
    this.#lasts = lasts
    this.#stalled = false
    const sink: ReaderSink = {
      inspects: false,
      bufferedBytes: () => (this.#stalled ? Number.POSITIVE_INFINITY : 0),
      onDrain: (callback) => {
        this.#drained = callback
      },
      write: (_, frame) => {
        for (const event of JSON.parse(frame) as ReadonlyArray<ChatStreamEvent>) {
          if (this.#lasts === 0) return
          this.#lasts -= 1
          this.apply(event)
        }
        this.#look()
      },
    }
    this.#fiber = chats.fork(followChat(chatId, start, sink))
  }

  async disconnect(): Promise<void> {
    const fiber = this.#fiber
    this.#fiber = undefined
    if (fiber !== undefined) await Effect.runPromise(Fiber.interrupt(fiber))
  }

  /** Takes nothing from its socket until it drains. */
  stall(): void {
    this.#stalled = true
  }

  drain(): void {
    this.#stalled = false
    this.#drained()
    this.#drained = () => undefined
  }

  /** Waits until it holds what `holds` says; false when that has not come after `patienceMs`. */
  async until(holds: (reader: ReferenceReader) => boolean, patienceMs: number): Promise<boolean> {
    if (holds(this)) return true
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(holds(this)), patienceMs)
      this.#look = () => {
        if (!holds(this)) return
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}

import { Schema } from "effect"
import { once } from "node:events"
import { WebSocket } from "ws"
import type { Message, QueuedMessage } from "../../src/contract/chats.ts"
import type { ChatError, RetryState } from "../../src/contract/chat-error.ts"
import { ChatStreamEvent, type MessagePartEvent } from "../../src/contract/stream.ts"

/** One reader of a chat's stream, over WebSocket or as server-sent events, and what a person would see there. */

type ShownPart = (typeof MessagePartEvent.Type)["message_part"]

/** Names a part for ever: no two of a chat have the same. */
export const partKey = (part: ShownPart): string => `${part.history_version}.${part.generation_attempt}.${part.seq}`

const Frame = Schema.parseJson(Schema.Array(ChatStreamEvent).pipe(Schema.minItems(1), Schema.maxItems(256)))
const decodeFrame = Schema.decodeUnknownSync(Frame)
const decodeEvent = Schema.decodeUnknownSync(Schema.parseJson(ChatStreamEvent))

/** Long enough to mean "it will not come". */
const PATIENCE_MS = 15_000

export class ChatReader {
  readonly events: Array<ChatStreamEvent> = []
  /** All parts this reader was sent, in order, with the time of their arrival (`performance.now()`). */
  readonly parts: Array<ShownPart & { readonly at: number }> = []
  /** What is on the screen: messages by id, then the parts of the one being written. */
  readonly messages = new Map<number, Message>()
  preview: Array<ShownPart> = []
  queue: ReadonlyArray<QueuedMessage> = []
  status = ""
  activity = ""
  error: ChatError | undefined
  retry: RetryState | undefined
  cursor = ""
  /** The close code and reason of a WebSocket; 0 for server-sent events. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #end: () => void
  readonly #listeners = new Set<() => void>()

  constructor(end: () => void, closed: ChatReader["closed"]) {
    this.#end = end
    this.closed = closed
  }

  /** The text of the message being written. */
  get text(): string {
    return this.preview.map(({ part }) => (part.type === "text" ? part.text : "")).join("")
  }

  get lastMessage(): Message | undefined {
    return [...this.messages.values()].at(-1)
  }

  take(event: ChatStreamEvent): void {
    this.events.push(event)
    this.cursor = event.cursor
    switch (event.type) {
      case "message_part":
        this.parts.push({ ...event.message_part, at: performance.now() })
        this.preview.push(event.message_part)
        break
      case "message":
        this.messages.set(event.message.id, event.message)
        break
      case "preview_reset":
        this.preview = []
        break
      case "history_reset":
        for (const id of this.messages.keys()) if (id >= event.history_reset.from_id) this.messages.delete(id)
        break
      case "status":
        this.status = event.status.status
        this.activity = event.status.activity
        break
      case "queue_update":
        this.queue = event.queued_messages
        break
      case "error":
        this.error = event.error
        break
      case "retry":
        this.retry = event.retry
        break
      case "action_required":
        break
    }
    for (const listener of this.#listeners) listener()
  }

  /** Waits until what this reader has seen so far satisfies the predicate. Longer patience is for chats that stand in a line. */
  async until(predicate: (reader: ChatReader) => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const settle = (done: () => void) => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        done()
      }
      const look = () => {
        if (predicate(this)) settle(resolve)
      }
      const timer = setTimeout(() => {
        const seen = JSON.stringify(this.events.slice(-8), null, 1)
        settle(() => reject(new Error(`This never came: ${String(predicate)}\nThe last events: ${seen}`)))
      }, patienceMs)
      this.#listeners.add(look)
      look()
    })
  }

  /** Waits for the end of the turn: the last message is the model's and the chat waits. */
  untilAnswered(messages: number): Promise<void> {
    return this.until((seen) => seen.messages.size >= messages && seen.status === "waiting")
  }

  async close(): Promise<void> {
    this.#end()
    await this.closed
  }
}

/** The bare socket, for those who want to pause it or write to it. Listen before you wait for anything. */
export const webSocket = (
  url: string,
  headers: Readonly<Record<string, string>>,
  options: { readonly autoPong?: boolean } = {},
): WebSocket => new WebSocket(url.replace(/^http/, "ws"), { headers, perMessageDeflate: false, ...options })

/** Reads a socket that is being opened; rejects when the server refuses it. */
export const readWebSocket = async (socket: WebSocket): Promise<ChatReader> => {
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  const reader = new ChatReader(() => socket.close(), closed)
  // Before the wait: the first frame may come with the answer to the upgrade.
  socket.on("message", (data) => decodeFrame(String(data)).forEach((event) => reader.take(event)))
  await once(socket, "open")
  // From here on an error is a close without a handshake, and `closed` tells of it.
  socket.on("error", () => undefined)
  return reader
}

export const openServerSentEvents = async (
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<ChatReader> => {
  const abort = new AbortController()
  const response = await fetch(url, { headers: { ...headers, accept: "text/event-stream" }, signal: abort.signal })
  if (response.status !== 200 || response.body === null) throw new Error(`The stream was refused: ${response.status}`)
  let finish: () => void = () => undefined
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    finish = () => resolve({ code: 0, reason: "" })
  })
  const reader = new ChatReader(() => abort.abort(), closed)
  const body = response.body.pipeThrough(new TextDecoderStream())
  const read = async () => {
    let text = ""
    for await (const chunk of body) {
      const blocks = (text + chunk).split("\n\n")
      text = blocks.pop() ?? ""
      for (const block of blocks.filter((each) => !each.startsWith(":"))) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1]
        const event = decodeEvent(field("data"))
        if (field("id") !== event.cursor || field("event") !== event.type) {
          throw new Error(`An event whose id and event are not those of its data: ${block}`)
        }
        reader.take(event)
      }
    }
  }
  const ignoreAbort = (error: unknown) => {
    if (!abort.signal.aborted) throw error
  }
  void read().catch(ignoreAbort).finally(finish)
  return reader
}

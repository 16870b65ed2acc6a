import { classifyFailure, type FailureContext, incompleteStream, notAStream, pastLimit } from "./classify.ts"
import { EventStreamParser } from "./event-stream.ts"
import { asString, isRecord, type JsonRecord, parseJson } from "./json.ts"
import { MAX_DOCUMENT_BYTES } from "./reply-limits.ts"

/**
 * Reads the body of a reply by its content, not by its label: an event stream, a whole reply in one JSON document, a list of
 * them, one on each line; or a page or words, which are no reply. Servers send all of these under any content type.
 */

/** What is done with the events of a body. */
export interface BodySink {
  /** One event, or one document. May throw a ProviderError when it reports a failure. */
  readonly accept: (event: unknown) => void
  /** The body has said that the reply is complete: `[DONE]`, or the end of a document. */
  readonly done: () => void
  /** Whether a document is a reply of this protocol. */
  readonly isReply: (document: JsonRecord) => boolean
}

/** OpenAI's end of a stream; servers that copy the protocol may send it or not. */
const DONE = "[DONE]"
/** Of a body that is no reply: enough to say what it is. */
const SAMPLE_BYTES = 16 * 1024
const SAMPLE_CHARACTERS = 600

type Shape = "unknown" | "events" | "json" | "words"

/** White space and the byte order mark say nothing of what follows. */
const isPadding = (byte: number): boolean =>
  byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf

/** By the first letter: a stream begins with a comment or one of the fields data, event, id and retry. */
const shapeOf = (byte: number): Shape => {
  const first = String.fromCharCode(byte)
  if (":deir".includes(first)) return "events"
  return "{[".includes(first) ? "json" : "words"
}

/** Providers report a failure in mid-stream as an event with an `error`, or as one that is an error. */
const isFailure = (event: JsonRecord): boolean => {
  const { error } = event
  if (isRecord(error)) return Object.keys(error).length > 0
  if (typeof error === "string" ? error !== "" : error !== undefined && error !== null && error !== false) return true
  return event["object"] === "error" || event["type"] === "error"
}

export class ReplyBody {
  readonly #context: FailureContext
  readonly #headers: Headers
  readonly #sink: BodySink
  readonly #parser = new EventStreamParser()
  readonly #chunks: Array<Uint8Array> = []
  #shape: Shape = "unknown"
  #bytes = 0

  constructor(context: FailureContext, headers: Headers, sink: BodySink) {
    this.#context = context
    this.#headers = headers
    this.#sink = sink
  }

  /** Throws a ProviderError, or a SyntaxError for an event that is no JSON. */
  push(chunk: Uint8Array): void {
    if (this.#shape === "unknown") {
      const first = chunk.find((byte) => !isPadding(byte))
      if (first === undefined) return
      this.#shape = shapeOf(first)
    }
    if (this.#shape === "events") return this.#parser.push(chunk, this.#onData)
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#shape === "words" && this.#bytes > SAMPLE_BYTES) throw this.#noReply(this.#text())
    if (this.#bytes > MAX_DOCUMENT_BYTES) throw pastLimit(this.#context, "a document of more than 8 MiB")
  }

  /** Reads what is left when the body has ended by itself. Throws as `push` does. */
  end(): void {
    if (this.#shape === "events") return this.#parser.end(this.#onData)
    if (this.#shape === "words") throw this.#noReply(this.#text())
    if (this.#shape === "json") this.#document(this.#text())
  }

  readonly #onData = (data: string): void => {
    if (data.startsWith(DONE)) return this.#sink.done()
    this.#accept(JSON.parse(data))
  }

  #accept(event: unknown): void {
    if (isRecord(event) && isFailure(event)) {
      throw classifyFailure(this.#context, {
        message: asString(event["message"]) ?? "",
        error: event,
        headers: this.#headers,
      })
    }
    this.#sink.accept(event)
  }

  #document(text: string): void {
    const whole = parseJson(text)
    const documents = whole === undefined ? text.split("\n").map(parseJson) : Array.isArray(whole) ? whole : [whole]
    let replies = 0
    for (const document of documents) {
      if (!isRecord(document)) continue
      if (isFailure(document)) this.#accept(document)
      if (!this.#sink.isReply(document)) continue
      this.#accept(document)
      replies++
    }
    // Lines may go on, and a document that is cut is no line.
    if (whole === undefined) return
    if (replies === 0) throw this.#noReply(text)
    this.#sink.done()
  }

  #text(): string {
    return Buffer.concat(this.#chunks).toString("utf8").trim()
  }

  #noReply(text: string) {
    return text === "" ? incompleteStream(this.#context) : notAStream(this.#context, text.slice(0, SAMPLE_CHARACTERS))
  }
}

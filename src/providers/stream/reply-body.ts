import { classifyFailure, type FailureContext, incompleteStream, notAStream, unreadableStream } from "../classify.ts"
import type { ProviderError } from "../errors.ts"
import { EventStreamParser } from "./event-stream.ts"
import { asNumber, asString, isRecord, type JsonRecord, parseJson, withoutNoNumbers } from "../json.ts"
import { failedEnd } from "./reply-ends.ts"
import { MAX_DOCUMENT_BYTES, pastLimit } from "./reply-limits.ts"

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
/** Of the longest name of a field, with its colon. */
const MOST_LETTERS = 6
/** Data that is no JSON is judged so often: it costs more than what is read from it. */
const MOST_ODDITIES = 20

type Shape = "unknown" | "events" | "json" | "words"

/** White space and the byte order mark say nothing of what follows. */
const isPadding = (byte: number): boolean =>
  byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf

const FIELDS = ["data:", "event:", "id:", "retry:"]

/** By the first letters, without padding: a stream begins with a comment or one of the fields of an event. */
const shapeOf = (head: string): Shape => {
  if (head.startsWith(":") || FIELDS.some((field) => head.startsWith(field))) return "events"
  if (/^[{[]/.test(head)) return "json"
  return FIELDS.some((field) => field.startsWith(head)) ? "unknown" : "words"
}

/** Providers report a failure in mid-stream as an event with an `error`, or as one that is an error. */
const isFailure = (event: JsonRecord): boolean => {
  const { base_resp: minimax, error } = event
  if (isRecord(minimax) && (asNumber(minimax["status_code"]) ?? 0) !== 0) return true
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
  #oddities = 0

  constructor(context: FailureContext, headers: Headers, sink: BodySink) {
    this.#context = context
    this.#headers = headers
    this.#sink = sink
  }

  /** Throws a ProviderError, or a SyntaxError for an event that is too long. */
  push(chunk: Uint8Array): void {
    if (this.#shape !== "unknown") return this.#take(chunk)
    if (this.#chunks.length === 0 && chunk.every(isPadding)) return
    this.#chunks.push(chunk)
    const begun = Buffer.concat(this.#chunks)
    const from = begun.findIndex((byte) => !isPadding(byte))
    this.#shape = shapeOf(begun.toString("latin1", from, from + MOST_LETTERS))
    if (this.#shape === "unknown") return
    this.#chunks.length = 0
    this.#take(begun)
  }

  #take(chunk: Uint8Array): void {
    if (this.#shape === "events") return this.#parser.push(chunk, this.#onData)
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#shape === "words" && this.#bytes > SAMPLE_BYTES) throw this.#noReply(this.#text())
    if (this.#bytes > MAX_DOCUMENT_BYTES) throw pastLimit(this.#context, "a document of more than 8 MiB")
  }

  /** Reads what is left when the body has ended by itself. Throws as `push` does. */
  end(): void {
    if (this.#shape === "events") return this.#parser.end(this.#onData)
    if (this.#shape === "words" || (this.#chunks.length > 0 && this.#shape === "unknown"))
      throw this.#noReply(this.#text())
    if (this.#shape === "json") this.#document(this.#text())
  }

  readonly #onData = (data: string, isError: boolean): void => {
    if (data.startsWith(DONE)) return this.#sink.done()
    const event = parseJson(data)
    if (event === undefined) return this.#odd(data.trim(), isError)
    if (isError && !(isRecord(event) && isFailure(event))) throw failedEnd(this.#context, "error", event)
    this.#accept(event)
  }

  /** Data that is no JSON: nearly, torn, words of a failure, or nothing that matters. */
  #odd(data: string, isError: boolean): void {
    if (data.startsWith(DONE)) return this.#sink.done()
    if (/^[{[]/.test(data)) {
      return this.#accept(this.#nearlyJson(data))
    }
    if (isError || /^(?:error|exception|traceback|fail(?:ed|ure)?)\b/i.test(data)) {
      throw failedEnd(this.#context, "error", data)
    }
    if (++this.#oddities > MOST_ODDITIES) return
    const told = this.#failureIn(data.slice(0, SAMPLE_CHARACTERS))
    if (told !== undefined) throw told
  }

  /** What lacks only its end was torn on the way; what is wrong in the middle comes so from the server, and would again. */
  #nearlyJson(data: string): unknown {
    try {
      return JSON.parse(withoutNoNumbers(data))
    } catch (error) {
      const words = error instanceof Error ? error.message : ""
      throw unreadableStream(this.#context, words, /end of JSON|unterminated/i.test(words))
    }
  }

  /** The failure that words, or a document, tell of; undefined where they tell of none that is known. */
  #failureIn(error: unknown): ProviderError | undefined {
    const told = classifyFailure(this.#context, { message: "", error, headers: this.#headers })
    return told.retryable || told.kind !== "generic" ? told : undefined
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
    if (replies === 0) throw this.#failureIn(whole) ?? this.#noReply(text)
    this.#sink.done()
  }

  #text(): string {
    return Buffer.concat(this.#chunks).toString("utf8").trim()
  }

  #noReply(text: string): ProviderError {
    if (text === "") return incompleteStream(this.#context)
    const sample = text.slice(0, SAMPLE_CHARACTERS)
    // A page has many words, of which none is about this request.
    const told = text.length > SAMPLE_CHARACTERS || /^[<{[]/.test(text) ? undefined : this.#failureIn(text)
    return told ?? notAStream(this.#context, sample)
  }
}

import { isRecord, parseJson } from "../json.ts"

/**
 * The longest event that is read. A step holds 2 MiB of text, which are 12 MiB where each character is escaped, and the event
 * that closes an answer holds all of it once more.
 */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024

/** What is kept between two events for the next one that the network cuts. */
const IDLE_BYTES = 4 * 1024

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58

/** OpenAI's end of a stream; servers that copy the protocol may send it or not. */
const DONE = "[DONE]"

/** A buffer searches a hundred times faster than other arrays of bytes. */
const lastIndexOf = (bytes: Uint8Array, byte: number): number =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(byte)

const refuseAbove = (length: number): void => {
  if (length <= MAX_EVENT_BYTES) return
  throw new SyntaxError(`One event of the stream is longer than ${MAX_EVENT_BYTES / 1024 / 1024} MiB.`)
}

/** An event that lacks nothing: what every protocol sends, as opposed to the beginning of it. */
const isWhole = (data: string): boolean => data.trim() === DONE || isRecord(parseJson(data))

/** `isError`: the event is named `error`. */
export type OnData = (data: string, isError: boolean) => void

/**
 * Reads server-sent events as model providers send them: the `data` of each event, in order. Ids, comments and names of
 * events are passed over, because the data says by itself what it is; but not all errors do. Where a server leaves out the blank line between two
 * events, each line that is a whole one counts as one.
 *
 * Our own few lines instead of the SDKs' streams, which pass each event through four asynchronous generators: here the
 * events of one network read are handed on in one go, at about half the CPU time per token. The work is linear in the bytes,
 * however they are cut: only the unfinished line is kept, as bytes, and no byte is searched or decoded twice.
 */
export class EventStreamParser {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  /** The first `#kept` bytes are the line that has not ended. */
  #line = new Uint8Array(IDLE_BYTES)
  #kept = 0
  /** The first line of data of the event that has not ended, the other ones, and what they take. */
  #data: string | undefined
  readonly #more: Array<string> = []
  #dataLength = 0
  #isError = false
  #started = false
  #afterCr = false

  /**
   * Calls `onData` for each event that is complete. An unfinished one waits for its end. Throws a SyntaxError when an event is
   * longer than 16 MiB.
   */
  push(chunk: Uint8Array, onData: OnData): void {
    const from = this.#afterCr && chunk[0] === LF ? 1 : 0
    if (chunk.length > 0) this.#afterCr = chunk[chunk.length - 1] === CR
    const cr = lastIndexOf(chunk, CR)
    const end = Math.max(lastIndexOf(chunk, LF), cr) + 1
    if (end > from) {
      const text = this.#decode(chunk.subarray(from, end))
      this.#lines(cr === -1 ? text : text.replace(/\r\n?/g, "\n"), onData)
    }
    this.#keep(chunk.subarray(Math.max(from, end)))
  }

  /**
   * The stream is over: hands on what was pending if it is a whole event, whose end a server that closes at once leaves out.
   * The beginning of an event is dropped.
   */
  end(onData: OnData): void {
    const rest = this.#decode(new Uint8Array(0))
    if (rest !== "") this.#field(rest, 0, rest.length, onData)
    const isError = this.#isError
    const data = this.#take()
    if (data !== undefined && (isError || isWhole(data))) onData(data, isError)
  }

  /** The unfinished line and what ends it, as text. */
  #decode(bytes: Uint8Array): string {
    let text: string
    if (this.#kept === 0) text = this.#decoder.decode(bytes)
    else {
      this.#keep(bytes)
      text = this.#decoder.decode(this.#line.subarray(0, this.#kept))
      this.#kept = 0
      if (this.#line.length > IDLE_BYTES) this.#line = new Uint8Array(IDLE_BYTES)
    }
    if (this.#started) return text
    this.#started = text !== ""
    return text.startsWith("\uFEFF") ? text.slice(1) : text
  }

  /** Room grows by doubling, so that each byte is copied three times at most. */
  #keep(bytes: Uint8Array): void {
    const length = this.#kept + bytes.length
    refuseAbove(length + this.#dataLength)
    if (length > this.#line.length) {
      const larger = new Uint8Array(Math.max(length, this.#line.length * 2))
      larger.set(this.#line.subarray(0, this.#kept))
      this.#line = larger
    }
    this.#line.set(bytes, this.#kept)
    this.#kept = length
  }

  #lines(text: string, onData: OnData): void {
    for (let start = 0, stop = 0; start < text.length; start = stop + 1) {
      stop = text.indexOf("\n", start)
      this.#field(text, start, stop, onData)
    }
  }

  #field(text: string, start: number, stop: number, onData: OnData): void {
    if (start === stop) {
      const isError = this.#isError
      const data = this.#take()
      if (data !== undefined && data !== "") onData(data, isError)
    } else if (text.startsWith("event", start)) {
      this.#isError = /^event: ?error\s*$/.test(text.slice(start, stop))
    } else if (text.startsWith("data", start) && (start + 4 === stop || text.charCodeAt(start + 4) === COLON)) {
      const from = Math.min(start + 5, stop)
      const value = text.slice(from < stop && text.charCodeAt(from) === SPACE ? from + 1 : from, stop)
      // Only the first line is asked: the lines of an event that is spread over many are not read again and again.
      if (this.#data !== undefined && this.#more.length === 0 && isWhole(this.#data)) {
        onData(this.#data, this.#isError)
        this.#data = undefined
        this.#isError = false
      }
      if (this.#data === undefined) this.#data = value
      else this.#more.push(value)
      this.#dataLength += value.length + 1
      refuseAbove(this.#dataLength)
    }
  }

  #take(): string | undefined {
    const data = this.#more.length === 0 ? this.#data : [this.#data, ...this.#more.splice(0)].join("\n")
    this.#data = undefined
    this.#dataLength = 0
    this.#isError = false
    return data
  }
}

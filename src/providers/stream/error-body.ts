import { nestsDeeper } from "../../contract/json-depth.ts"
import { EventStreamParser } from "./event-stream.ts"
import { parseJson } from "../json.ts"

/**
 * The SDKs keep of the body of a failed answer only the field `error`, and OpenAI's only when it is an object. Servers say
 * what is wrong in many other shapes, so the whole body is put where both look.
 */

export interface BodyLimits {
  readonly bytes: number
  /** For all of it, in milliseconds. */
  readonly waitMs: number
}

/** Far more than any person reads, and enough for a server that repeats the request in its answer behind its words. */
const LIMITS: BodyLimits = { bytes: 64 * 1024, waitMs: 10_000 }

/** The beginning of a body, also of one that breaks off or does not end. */
const readBeginning = async (
  body: ReadableStream<Uint8Array>,
  { bytes, waitMs }: BodyLimits,
  signal: AbortSignal | null | undefined,
): Promise<string> => {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  // Who waits for the next piece is then told that there is none.
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), waitMs)
  try {
    while (size < bytes) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value.subarray(0, bytes - size), { stream: true })
      size += value.length
    }
  } catch (error) {
    if (signal?.aborted === true) throw error
  } finally {
    clearTimeout(timer)
    void reader.cancel().catch(() => undefined)
  }
  return text
}

/** An error that comes as an event, since a stream was asked for. */
const dataOf = (text: string): string => {
  if (!/^(?:data|event|id|:)/.test(text)) return text
  const events: Array<string> = []
  const parser = new EventStreamParser()
  parser.push(Buffer.from(text), (data) => events.push(data))
  parser.end((data) => events.push(data))
  return events[0] ?? text
}

/** What nests too deeply for whoever writes it out again stays text. */
const asJson = (text: string): string => {
  const body = parseJson(text)
  return body === undefined || nestsDeeper(body) ? JSON.stringify(text) : text
}

/** A fetch whose failed answers have the body `{"error": ...}`, with what the server sent in it: its JSON, or its text. */
export const withErrorBody =
  (inner: typeof fetch, limits: BodyLimits = LIMITS): typeof fetch =>
  async (input, init) => {
    const response = await inner(input, init)
    const { status, statusText } = response
    // A response with one of the other statuses cannot be made.
    if (response.ok || status < 400 || status > 599) return response
    const text = response.body === null ? "" : await readBeginning(response.body, limits, init?.signal)
    const headers = new Headers(response.headers)
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name)
    headers.set("content-type", "application/json")
    return new Response(`{"error":${asJson(dataOf(text.trim()))}}`, { status, statusText, headers })
  }

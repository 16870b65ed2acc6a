import { Effect } from "effect"
import {
  classifyFailure,
  type FailureContext,
  incompleteStream,
  notAStream,
  silentStream,
  unreadableStream,
} from "./classify.ts"
import type { ProviderError } from "./errors.ts"
import { EventStreamParser } from "./event-stream.ts"
import { isRecord, parseJson } from "./json.ts"
import type { GenerateResult } from "./provider.ts"
import { readBody } from "./response-body.ts"

/** A provider that said "finished" but keeps the connection open is given this long for trailing usage. */
const LINGER_MS = 5_000
const SAMPLE_CHARACTERS = 600

/** One protocol's reading of one stream. Called for each event, in order, on the hot path. */
export interface StreamReader {
  /** May throw a ProviderError when the event itself reports a failure. */
  readonly accept: (event: unknown) => void
  /** Whether the provider has said that the reply is complete. Asked after each event. */
  readonly finished: () => boolean
  /** The whole reply. Asked once, when it is finished. */
  readonly result: () => GenerateResult
}

export interface StreamCall<Client> {
  readonly context: FailureContext
  /** Longest silence, in milliseconds, before the first event and between events. */
  readonly streamSilenceMs: number
  /** Loads the SDK, which the silence timer does not count. */
  readonly client: () => Promise<Client>
  /** Starts the request and resolves when the response headers are there. */
  readonly open: (client: Client, signal: AbortSignal) => Promise<Response>
  /** A fresh reader: the effect may be run again for a retry. */
  readonly reader: () => StreamReader
}

/** A 200 that is not an event stream. Its body may still say what went wrong. */
const refuseDocument = async (context: FailureContext, response: Response): Promise<void> => {
  const type = response.headers.get("content-type") ?? ""
  if (!/\b(?:html|json)\b/i.test(type)) return
  const body = await response.text()
  const parsed = parseJson(body)
  if (isRecord(parsed) && parsed["error"] !== undefined) {
    throw classifyFailure(context, { message: "", error: parsed, headers: response.headers })
  }
  throw notAStream(context, body.slice(0, SAMPLE_CHARACTERS))
}

/** OpenAI's end of a stream; servers that copy the protocol may send it or not. */
const DONE = "[DONE]"

/** The event in `data`. Providers report a failure in mid-stream as an event with an `error`. */
const parseEvent = (context: FailureContext, data: string): unknown => {
  const event: unknown = JSON.parse(data)
  if (!isRecord(event) || event["error"] === undefined || event["error"] === null) return event
  throw classifyFailure(context, { message: "", error: event })
}

const read = async <Client>(call: StreamCall<Client>, controller: AbortController): Promise<GenerateResult> => {
  const { context, streamSilenceMs } = call
  const reader = call.reader()
  const parser = new EventStreamParser()
  const client = await call.client()
  let events = 0
  let silent = false
  const giveUp = () => {
    silent = true
    controller.abort()
  }
  const accept = (data: string) => {
    if (data.startsWith(DONE)) return
    reader.accept(parseEvent(context, data))
    events++
  }
  let timer = setTimeout(giveUp, streamSilenceMs)
  try {
    const response = await call.open(client, controller.signal)
    await refuseDocument(context, response)
    let lingering = false
    await readBody(response, (chunk) => {
      if (controller.signal.aborted) return
      const before = events
      parser.push(chunk, accept)
      if (!lingering && reader.finished()) {
        lingering = true
        clearTimeout(timer)
        timer = setTimeout(giveUp, Math.min(LINGER_MS, streamSilenceMs))
      } else if (events > before) timer.refresh()
    })
    if (reader.finished()) return reader.result()
    throw incompleteStream(context)
  } catch (cause) {
    // An event that cannot be read ends the call, and nobody takes what else comes.
    controller.abort()
    if (reader.finished()) return reader.result()
    if (silent) throw silentStream(context, streamSilenceMs, events > 0)
    if (cause instanceof SyntaxError) throw unreadableStream(context, cause.message)
    throw classifyFailure(context, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** Runs one streamed model call. Interruption aborts the request and waits until it is closed: no event follows it. */
export const streamCall = <Client>(call: StreamCall<Client>): Effect.Effect<GenerateResult, ProviderError> =>
  Effect.async<GenerateResult, ProviderError>((resume) => {
    const controller = new AbortController()
    const closed = read(call, controller).then(
      (result) => resume(Effect.succeed(result)),
      (cause: unknown) => resume(Effect.fail(classifyFailure(call.context, cause))),
    )
    return Effect.suspend(() => {
      controller.abort()
      return Effect.promise(() => closed)
    })
  })

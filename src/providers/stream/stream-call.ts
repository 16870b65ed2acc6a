import { Effect } from "effect"
import { classifyFailure, type FailureContext, incompleteStream, silentStream, unreadableStream } from "../classify.ts"
import type { ProviderError } from "../errors.ts"
import type { GenerateResult } from "../provider.ts"
import { type BodySink, ReplyBody } from "./reply-body.ts"
import { readBody } from "./response-body.ts"

/** A provider that said "finished" but keeps the connection open is given this long for trailing usage. */
const LINGER_MS = 5_000

/**
 * How far a reply is, by the provider's own words (`reply-ends.ts`). `ended`: nothing but usage is to come, and whatever
 * becomes of the connection, the reply is whole. `reopened`: more came after an end was said, so only a body that ends as it
 * should makes the reply whole.
 */
export type ReplyState = "open" | "ended" | "reopened"

/** One protocol's reading of one stream. Called for each event, in order, on the hot path. */
export interface StreamReader extends BodySink {
  /** Asked after each network read. */
  readonly state: () => ReplyState
  /** The whole reply. Asked once, when it is not open any more. */
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

const read = async <Client>(call: StreamCall<Client>, controller: AbortController): Promise<GenerateResult> => {
  const { context, streamSilenceMs } = call
  const reader = call.reader()
  const client = await call.client()
  let arrived = false
  let silent = false
  const giveUp = () => {
    silent = true
    controller.abort()
  }
  let timer = setTimeout(giveUp, streamSilenceMs)
  try {
    const response = await call.open(client, controller.signal)
    const body = new ReplyBody(context, response.headers, reader)
    let lingering = false
    const take = (chunk: Uint8Array) => {
      if (controller.signal.aborted) return
      arrived = true
      body.push(chunk)
      // Any byte is a sign of life, comments and pings too, until the reply has ended: then it is only waited for a little.
      if ((reader.state() === "ended") === lingering) {
        if (!lingering) timer.refresh()
        return
      }
      lingering = !lingering
      clearTimeout(timer)
      timer = setTimeout(giveUp, lingering ? Math.min(LINGER_MS, streamSilenceMs) : streamSilenceMs)
    }
    await readBody(response, take, controller.signal)
    body.end()
    if (reader.state() !== "open") return reader.result()
    throw incompleteStream(context)
  } catch (cause) {
    // An event that cannot be read ends the call, and nobody takes what else comes.
    controller.abort()
    if (reader.state() === "ended") return reader.result()
    if (silent) throw silentStream(context, streamSilenceMs, arrived)
    if (cause instanceof SyntaxError) throw unreadableStream(context, cause.message)
    throw classifyFailure(context, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** What a provider sent in place of a count is told to whoever runs the server: the chat has only the lack of it. */
const logDropped = (context: FailureContext, { droppedCounts = [] }: GenerateResult) =>
  droppedCounts.length === 0
    ? Effect.void
    : Effect.logWarning("A provider sent token counts that are none; they were dropped.").pipe(
        Effect.annotateLogs({
          provider: context.connection.displayName,
          counts: droppedCounts.slice(0, 20).join(", "),
        }),
      )

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
  }).pipe(Effect.tap((result) => logDropped(call.context, result)))

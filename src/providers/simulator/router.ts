import { createHash, timingSafeEqual } from "node:crypto"
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises"
import express, { type Response, Router } from "express"
import { asArray, asRecord, asString, type JsonRecord } from "../json.ts"
import { scriptFor, SIMULATOR_MODELS, type SimulatedReply } from "./script.ts"

/**
 * The simulator's endpoint: an OpenAI-compatible Chat Completions server (streaming only) and `GET /models`, so that a
 * chat with it takes the same way as a chat with any provider. Mount it before any body parser of the application.
 */

const MAX_BODY = "64mb"
/** Without pauses, let other streams of the process run after this many words. */
const WORDS_PER_WRITE = 50
const ARGUMENT_PIECE = 24

const sendError = (response: Response, status: number, type: string, message: string): void => {
  response.status(status).json({ error: { message, type, code: null, param: null } })
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Each word with the white space before it, so that joining them gives the text. */
const wordsOf = (text: string): ReadonlyArray<string> => text.match(/\s*\S+(?:\s+$)?/g) ?? []

const piecesOf = (text: string): ReadonlyArray<string> =>
  text.match(new RegExp(`[\\s\\S]{1,${ARGUMENT_PIECE}}`, "g")) ?? []

type Delta = Readonly<Record<string, unknown>>

/** `position` is the place in the conversation: with it, ids of calls do not repeat within a chat. */
const deltasOf = (reply: SimulatedReply, position: number): ReadonlyArray<Delta> => [
  ...wordsOf(reply.reasoning).map((reasoning_content) => ({ reasoning_content })),
  ...wordsOf(reply.text).map((content) => ({ content })),
  ...reply.calls.flatMap(({ args, tool }, index) => [
    {
      tool_calls: [
        { index, id: `call_sim_${position}_${index}`, type: "function", function: { name: tool, arguments: "" } },
      ],
    },
    ...piecesOf(args).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ]),
]

interface Envelope {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
}

const drained = (response: Response): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off("drain", done)
      response.off("close", done)
      resolve()
    }
    response.on("drain", done)
    response.on("close", done)
  })

/** Streams until the end or until the client has gone. */
const stream = async (response: Response, envelope: Envelope, reply: SimulatedReply, deltas: ReadonlyArray<Delta>) => {
  const chunk = (delta: Delta, finish: string | null): string =>
    `data: ${JSON.stringify({ ...envelope, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  response.write(chunk({ role: "assistant", content: "" }, null))
  const step = reply.delayMs === 0 ? WORDS_PER_WRITE : 1
  const began = performance.now()
  let sent = 0
  while (sent < deltas.length && !response.destroyed) {
    const due = Math.floor((deltas.length * (performance.now() - began)) / reply.withinMs)
    const batch = deltas.slice(sent, Math.max(sent + step, due))
    sent += batch.length
    if (!response.write(batch.map((delta) => chunk(delta, null)).join("")) && !response.destroyed) {
      await drained(response)
    }
    await (reply.delayMs === 0 ? nextTurn() : pause(reply.delayMs))
  }
  response.write(chunk({}, reply.calls.length > 0 ? "tool_calls" : "stop"))
}

const usageOf = (body: JsonRecord, tokens: number) => {
  const prompt = Math.ceil(JSON.stringify(body["messages"] ?? []).length / 4)
  return { prompt_tokens: prompt, completion_tokens: tokens, total_tokens: prompt + tokens }
}

/** Counts how often a request has failed on purpose. Bounded: old entries are forgotten. */
class FailureCounter {
  readonly #counts = new Map<string, number>()

  /** True when this request is to fail once more. */
  failsAgain(body: JsonRecord, times: number): boolean {
    const key = digest(JSON.stringify(body["messages"] ?? [])).toString("base64")
    const failed = this.#counts.get(key) ?? 0
    this.#counts.delete(key)
    if (failed >= times) return false
    this.#counts.set(key, failed + 1)
    const oldest = this.#counts.keys().next()
    if (this.#counts.size > 1000 && !oldest.done) this.#counts.delete(oldest.value)
    return true
  }
}

const complete = async (body: JsonRecord, id: number, reply: SimulatedReply, response: Response): Promise<void> => {
  const envelope: Envelope = {
    id: `chatcmpl-sim-${id}`,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model: asString(body["model"]) ?? "",
  }
  const deltas = deltasOf(reply, asArray(body["messages"]).length)
  await stream(response, envelope, reply, deltas)
  if (response.destroyed) return
  if (asRecord(body["stream_options"])?.["include_usage"] === true) {
    response.write(`data: ${JSON.stringify({ ...envelope, choices: [], usage: usageOf(body, deltas.length) })}\n\n`)
  }
  response.end("data: [DONE]\n\n")
}

/** `apiKey` is made anew by each process: nobody outside can use the endpoint. */
export const simulatorRouter = (apiKey: string): Router => {
  const router = Router()
  const expected = digest(`Bearer ${apiKey}`)
  const failures = new FailureCounter()
  let requests = 0

  router.use((request, response, next) => {
    if (timingSafeEqual(digest(request.get("authorization") ?? ""), expected)) next()
    else sendError(response, 401, "authentication_error", "The simulator serves this server only.")
  })

  router.get("/models", (_request, response) => {
    const data = SIMULATOR_MODELS.map((model) => ({ ...model, object: "model", owned_by: "troupe" }))
    response.json({ object: "list", data })
  })

  router.post("/chat/completions", express.json({ limit: MAX_BODY }), (request, response) => {
    const body = asRecord(request.body) ?? {}
    const script = scriptFor(body)
    if (!script) {
      sendError(response, 404, "invalid_request_error", "The simulator has no such model: model not found.")
    } else if (body["stream"] !== true) {
      sendError(response, 400, "invalid_request_error", "The simulator only streams.")
    } else if (script.failure && failures.failsAgain(body, script.failure.times)) {
      response.set("retry-after", "1")
      sendError(response, script.failure.status, "simulated", "The simulator was asked to fail.")
    } else complete(body, ++requests, script.reply, response).catch(() => response.destroy())
  })

  return router
}

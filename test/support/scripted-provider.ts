import { readFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { setTimeout as pause } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import type { ProviderType } from "../../src/contract/models.ts"
import type { ProviderConnection } from "../../src/providers/provider.ts"
import { ChatWriter, refuseChat } from "./scripted-provider/chat.ts"
import { FRAMES, framesOf } from "./aws-frames.ts"
import { isObject } from "./scripted-provider/checks.ts"
import { GoogleWriter } from "./scripted-provider/google-writer.ts"
import { refuseGoogle } from "./scripted-provider/google.ts"
import { MessagesWriter } from "./scripted-provider/messages-writer.ts"
import { refuseMessages } from "./scripted-provider/messages.ts"
import { ResponsesWriter } from "./scripted-provider/responses-writer.ts"
import { refuseResponses, responsesErrorFields } from "./scripted-provider/responses.ts"
import { errorBody, keyIn, refuseBedrock, routeOf, withModel } from "./scripted-provider/routes.ts"
import {
  type Item,
  Issued,
  type RecordedRequest,
  type ScriptedUsage,
  type Step,
  type Writer,
} from "./scripted-provider/script.ts"

/**
 * A scripted model provider over real HTTP, which speaks OpenAI Chat Completions, OpenAI Responses, Anthropic Messages, the same
 * on Bedrock, and Google's Gemini, and refuses what the real ones refuse (400 with their words): unanswered tool calls, unknown fields, `required: null`,
 * changed thinking, reasoning without its item, a paused reply that is not sent back as it was, a previous response that
 * was not stored, blank text.
 *
 *     const provider = await ScriptedProvider.start()
 *     const gate = openGate()                       // { wait, open }
 *     provider.script(
 *       { items: [{ text: ["Hel", "lo"] }, { gate: gate.wait }, { calls: [{ tool: "execute", args: { command: "ls" } }] }] },
 *       { status: 429, headers: { "retry-after": "1" } },
 *       { items: [{ text: "half" }, { cut: "reset" }] },
 *       { items: [{ text: "done" }], when: "a text of the request", repeat: true },
 *     )
 *     const request = await provider.requestArrived(1)   // event, not a sleep
 *     gate.open()
 *     await request.closed                               // true: sent whole; false: the client went or we cut
 *     await provider.close()
 *
 * Each valid request takes the first step that is left and whose `when` holds. A request without a step is refused with
 * 400, so that a test sees it at once. `refusals` must be empty at the end of a good test.
 *
 * As a separate process: `node --import tsx test/support/scripted-provider.ts --script steps.json --port 0` prints its
 * base URL (`http://127.0.0.1:PORT`; OpenAI clients add `/v1`). The file is a JSON array of steps.
 */

export interface ScriptedProviderOptions {
  /** Default: any free port. */
  readonly port?: number
  /** Default `scripted-key`. Another key is answered with 401. */
  readonly apiKey?: string
  /** Models listed by `GET /v1/models`. */
  readonly models?: ReadonlyArray<string>
  /** Chat Completions fields beyond OpenAI's that are taken, such as OpenRouter's `reasoning`. */
  readonly extraChatFields?: ReadonlyArray<string>
}

export interface Gate {
  readonly wait: Promise<void>
  readonly open: () => void
}

/** A promise that the test resolves. */
export const openGate = (): Gate => {
  let open: () => void = () => undefined
  const wait = new Promise<void>((resolve) => {
    open = resolve
  })
  return { wait, open }
}

const DEFAULT_USAGE: ScriptedUsage = { input: 10, output: 5 }

const readBody = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"))
  return isObject(body) ? body : {}
}

export class ScriptedProvider {
  readonly requests: Array<RecordedRequest> = []
  readonly apiKey: string
  readonly #server: Server
  readonly #options: ScriptedProviderOptions
  readonly #issued = new Issued()
  readonly #steps: Array<Step> = []
  readonly #waiting = new Set<() => void>()

  private constructor(options: ScriptedProviderOptions) {
    this.#options = options
    this.apiKey = options.apiKey ?? "scripted-key"
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy())
    })
  }

  static async start(options: ScriptedProviderOptions = {}): Promise<ScriptedProvider> {
    const provider = new ScriptedProvider(options)
    await new Promise<void>((resolve, reject) => {
      provider.#server.once("error", reject)
      provider.#server.listen(options.port ?? 0, "127.0.0.1", resolve)
    })
    return provider
  }

  /** `http://127.0.0.1:PORT`, the base URL for Anthropic clients; OpenAI's is this with `/v1`. */
  get url(): string {
    const address = this.#server.address()
    return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : ""
  }

  connection(type: ProviderType): ProviderConnection {
    const baseUrl = ["anthropic", "bedrock", "google"].includes(type) ? this.url : `${this.url}/v1`
    return { type, displayName: "Scripted", baseUrl, apiKey: this.apiKey, headers: {} }
  }

  /** Adds steps at the end. */
  script(...steps: ReadonlyArray<Step>): void {
    this.#steps.push(...steps)
  }

  /** Forgets the steps that are left, so that a failed test does not break the next. */
  reset(): void {
    this.#steps.length = 0
  }

  /** Loses all stored responses, as the real one does after some weeks. */
  forgetResponses(): void {
    this.#issued.responses.clear()
  }

  /** Steps that no request has taken. */
  get left(): number {
    return this.#steps.filter((step) => step.repeat !== true).length
  }

  /** Resolves once requests have taken all steps, so that none is left for a turn it was not written for. */
  async taken(): Promise<void> {
    while (this.left > 0) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  get refusals(): ReadonlyArray<string> {
    return this.requests.flatMap((request) => request.refusal ?? [])
  }

  /** Resolves with the n-th request (from 1) once it is there. */
  async requestArrived(number: number): Promise<RecordedRequest> {
    for (;;) {
      const request = this.requests[number - 1]
      if (request) return request
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname
    const authorized = keyIn(request.headers) === this.apiKey
    if (request.method === "GET" && path === "/v1/models") {
      const data = (this.#options.models ?? ["scripted"]).map((id) => ({ id, object: "model" }))
      return authorized ? sendJson(response, 200, { object: "list", data }) : refuseKey(response)
    }
    if (request.method === "GET" && path === "/v1beta/models") {
      const models = (this.#options.models ?? ["scripted"]).map((id) => ({ name: `models/${id}` }))
      return authorized ? sendJson(response, 200, { models }) : refuseKey(response)
    }
    const route = routeOf(path)
    if (request.method !== "POST" || route === undefined) {
      return sendJson(response, 404, {
        error: { message: `No route ${request.method ?? ""} ${path}`, type: "not_found_error" },
      })
    }
    const { model, protocol } = route
    const body = withModel(await readBody(request), model)
    const refusal = authorized ? this.#refusal(protocol, request, body) : "Incorrect API key provided."
    const recorded: RecordedRequest = {
      number: this.requests.length + 1,
      protocol,
      headers: request.headers,
      body,
      refusal,
      closed: new Promise((resolve) => response.once("close", () => resolve(response.writableFinished))),
    }
    this.requests.push(recorded)
    const step = refusal === undefined ? this.#take(recorded) : undefined
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
    if (!authorized) return refuseKey(response)
    if (refusal !== undefined) return sendError(response, protocol, 400, refusal)
    if (step === undefined) return sendError(response, protocol, 400, "The script has no step left for this request.")
    await this.#answer(response, recorded, step)
  }

  #refusal(
    protocol: RecordedRequest["protocol"],
    request: IncomingMessage,
    body: RecordedRequest["body"],
  ): string | undefined {
    switch (protocol) {
      case "chat":
        return refuseChat(body, this.#options.extraChatFields ?? [])
      case "responses":
        return refuseResponses(body, this.#issued)
      case "messages":
        return request.headers["anthropic-version"] === undefined
          ? "anthropic-version: header is required"
          : refuseMessages(body, request.headers["anthropic-version"], this.#issued)
      case "bedrock":
        return refuseBedrock(body, this.#issued)
      case "google": {
        const { model, ...sent } = body
        const isOurs = (signature: string) => this.#issued.thinking.has(signature)
        return refuseGoogle(sent, { isOurs, wanted: String(model).startsWith("gemini-3") })
      }
    }
  }

  #take(request: RecordedRequest): Step | undefined {
    const text = JSON.stringify(request.body)
    const at = this.#steps.findIndex(({ when }) => {
      if (when === undefined) return true
      return typeof when === "string" ? text.includes(when) : when(request)
    })
    const step = this.#steps[at]
    if (step !== undefined && step.repeat !== true) this.#steps.splice(at, 1)
    return step
  }

  async #answer(response: ServerResponse, request: RecordedRequest, step: Step): Promise<void> {
    await step.after
    if ("silence" in step) return undefined
    if ("status" in step) {
      for (const [name, value] of Object.entries(step.headers ?? {})) response.setHeader(name, value)
      if (step.body === undefined)
        return sendError(response, request.protocol, step.status, step.message ?? "The script says so.")
      response.writeHead(step.status)
      response.end(step.body)
      return undefined
    }
    if ("document" in step) {
      response.writeHead(200, { "content-type": step.contentType })
      response.end(step.document)
      return undefined
    }
    const writer = this.#writer(request)
    const inFrames = request.protocol === "bedrock"
    response.writeHead(200, {
      "content-type": inFrames ? FRAMES : "text/event-stream",
      "cache-control": "no-cache",
    })
    response.flushHeaders()
    const encode = (text: string) => (inFrames ? framesOf(text) : text)
    response.write(encode(writer.open()))
    for (const item of step.items) {
      if (!(await play(response, writer, item, encode))) return undefined
    }
    const calls = step.items.some((item) => "calls" in item)
    const usage = step.usage === undefined ? DEFAULT_USAGE : step.usage
    response.end(encode(writer.close(step.finish ?? (calls ? "tool-calls" : "stop"), usage)))
    return undefined
  }

  #writer({ body, number, protocol }: RecordedRequest): Writer {
    switch (protocol) {
      case "chat":
        return new ChatWriter(number, body)
      case "responses":
        return new ResponsesWriter(number, body, this.#issued)
      case "messages":
      case "bedrock":
        return new MessagesWriter(number, body, this.#issued)
      case "google":
        return new GoogleWriter(number, this.#issued)
    }
  }
}

const deltasOf = (text: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  typeof text === "string" ? [text] : text

/** Says nothing on any wire. */
const CUT = ': cut\ndata: {"type":"ping"}\n\n'

/** False when the item ended the response. */
const play = async (
  response: ServerResponse,
  writer: Writer,
  item: Item,
  encode: (text: string) => string | Uint8Array,
): Promise<boolean> => {
  const write = (text: string) => {
    if (text !== "") response.write(encode(text))
  }
  if ("text" in item) for (const delta of deltasOf(item.text)) write(writer.text(delta))
  else if ("reasoning" in item) for (const delta of deltasOf(item.reasoning)) write(writer.reasoning(delta, item))
  else if ("redacted" in item) write(writer.redacted(item.redacted))
  else if ("calls" in item) for (const text of writer.calls(item.calls)) write(text)
  else if ("search" in item) write(writer.search(item.search, item.results))
  else if ("found" in item) write(writer.found(item.found))
  else if ("event" in item) write(writer.event(item.event))
  else if ("raw" in item) write(item.raw)
  else if ("gate" in item) await item.gate
  else if ("pauseMs" in item) await pause(item.pauseMs)
  else if ("silence" in item) return false
  else {
    // A reset must not overtake what was written before it.
    await new Promise<void>((resolve) => response.write(encode(CUT), () => resolve()))
    if (item.cut === "end") response.end()
    else response.destroy()
    return false
  }
  return !response.destroyed
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

const refuseKey = (response: ServerResponse): void =>
  sendJson(response, 401, {
    error: { message: "Incorrect API key provided.", type: "authentication_error", code: "invalid_api_key" },
  })

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
}

const sendError = (
  response: ServerResponse,
  protocol: RecordedRequest["protocol"],
  status: number,
  message: string,
): void => {
  const error = { type: ERROR_TYPES[status] ?? "api_error", message }
  const more = protocol === "chat" || protocol === "responses" ? responsesErrorFields(message) : {}
  sendJson(response, status, errorBody(protocol, status, { ...error, ...more }))
}

const runAsProcess = async (): Promise<void> => {
  const { values } = parseArgs({ options: { script: { type: "string" }, port: { type: "string", default: "0" } } })
  const provider = await ScriptedProvider.start({ port: Number(values.port) })
  if (values.script !== undefined) {
    const steps: ReadonlyArray<Step> = JSON.parse(await readFile(values.script, "utf8"))
    provider.script(...steps)
  }
  process.stdout.write(`${provider.url}\n`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await runAsProcess()

import { readFileSync } from "node:fs"
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { isObject } from "./scripted-provider/checks.ts"

/**
 * A model provider that answers with bytes as they are, over real HTTP: for what real servers send and none should. The
 * scripted provider beside it speaks the protocols well; this one says whatever a test gives it.
 *
 *     const provider = await RawProvider.start()
 *     provider.answer(caseFile("03-done-without-finish/text.sse"), (request) => ({ status: 400, body: "no" }))
 *     provider.requests[0].body
 */

export interface RawRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
}

export interface RawAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Written in one piece, or piece by piece; a piece that is a function is awaited and nothing is written for it. */
  readonly body: string | Uint8Array | ReadonlyArray<string | Uint8Array | (() => Promise<void>)>
  /** `close`: the body ends as HTTP wants it. `reset`: the connection breaks behind the last piece. Default `close`. */
  readonly end?: "close" | "reset"
}

export type RawStep = RawAnswer | ((request: RawRequest) => RawAnswer)

const FIXTURES = fileURLToPath(new URL("../fixtures/provider-cases/", import.meta.url))

/** The answer in a file of `test/fixtures/provider-cases/`, with the status and headers that stand beside it. */
export const caseFile = (name: string): RawAnswer => {
  const file = path.join(FIXTURES, name)
  const { status, ...headers } = JSON.parse(readFileSync(`${file}.head.json`, "utf8")) as { status: number }
  return { status, headers: headers as Readonly<Record<string, string>>, body: readFileSync(file) }
}

/** Server-sent events of JSON values, or of texts as they are. */
export const sse = (...events: ReadonlyArray<unknown>): RawAnswer => ({
  headers: { "content-type": "text/event-stream" },
  body: events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join(""),
})

/** A good Chat Completions answer of one text. */
export const chatText = (text: string): RawAnswer =>
  sse(
    { id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta: { role: "assistant", content: text } }] },
    { id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
    "[DONE]",
  )

export class RawProvider {
  readonly requests: Array<RawRequest> = []
  readonly #steps: Array<RawStep> = []
  readonly #server: Server
  #always: RawStep | undefined

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8")
        const parsed: unknown = text === "" ? {} : JSON.parse(text)
        const body = isObject(parsed) ? parsed : {}
        const recorded = { path: request.url ?? "/", headers: request.headers, body }
        this.requests.push(recorded)
        const step = this.#steps.shift() ??
          this.#always ?? { status: 400, body: '{"error":{"message":"no step left"}}' }
        send(response, typeof step === "function" ? step(recorded) : step).catch(() => response.destroy())
      })
    })
  }

  static async start(): Promise<RawProvider> {
    const provider = new RawProvider()
    await new Promise<void>((resolve, reject) => {
      provider.#server.once("error", reject)
      provider.#server.listen(0, "127.0.0.1", resolve)
    })
    return provider
  }

  /** `http://127.0.0.1:PORT`, the base URL for Anthropic clients; OpenAI's is this with `/v1`. */
  get url(): string {
    const address = this.#server.address()
    return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : ""
  }

  /** Adds answers, one for each request to come. */
  answer(...steps: ReadonlyArray<RawStep>): void {
    this.#steps.push(...steps)
  }

  /** The answer to every request for which no other is left. */
  always(step: RawStep | undefined): void {
    this.#always = step
  }

  /** Answers that no request has taken. */
  get left(): number {
    return this.#steps.length
  }

  /** Forgets answers and requests. */
  reset(): void {
    this.#steps.length = 0
    this.requests.length = 0
    this.#always = undefined
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}

const send = async (response: ServerResponse, answer: RawAnswer): Promise<void> => {
  response.writeHead(answer.status ?? 200, answer.headers ?? { "content-type": "application/json" })
  const pieces = typeof answer.body === "string" || answer.body instanceof Uint8Array ? [answer.body] : answer.body
  for (const piece of pieces) {
    if (typeof piece === "function") await piece()
    // Until it is with the system: a connection that is reset loses what is not.
    else await new Promise<void>((resolve) => response.write(piece, () => resolve()))
  }
  if (answer.end === "reset") response.destroy()
  else response.end()
}

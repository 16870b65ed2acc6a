import { createServer, type ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { failureOf, requestTo, user } from "../../../test/support/provider-call.ts"
import { caseFile, type RawAnswer, RawProvider } from "../../../test/support/raw-provider.ts"
import type { ProviderType } from "../../contract/models.ts"
import { withErrorBody } from "./error-body.ts"
import type { ProviderError } from "../errors.ts"

let provider: RawProvider

beforeAll(async () => {
  provider = await RawProvider.start()
})
afterEach(() => provider.reset())
afterAll(() => provider.close())

const protocols: ReadonlyArray<readonly [type: ProviderType, model: string]> = [
  ["openai-compat", "any"],
  ["openai", "gpt-5.2"],
  ["anthropic", "claude-test-4-5"],
]

const failure = (answer: RawAnswer, [type, model]: (typeof protocols)[number]): Promise<ProviderError> => {
  provider.always(answer)
  const baseUrl = type === "anthropic" ? provider.url : `${provider.url}/v1`
  const connection = { type, displayName: "Acme", baseUrl, apiKey: "sk-raw-key", headers: {} }
  return failureOf(requestTo(connection, [user("hi")], { model }))
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): RawAnswer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
})

const raw = (status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): RawAnswer => ({
  status,
  headers,
  body,
})

const shapes: ReadonlyArray<readonly [name: string, answer: RawAnswer, detail: string, kind: string]> = [
  [
    "Gemini's list",
    caseFile("07-error-body-shapes/err-array.json"),
    "API key not valid. Please pass a valid API key.",
    "auth",
  ],
  [
    "Databricks",
    caseFile("07-error-body-shapes/err-databricks.json"),
    "This model is not in your subscription tier",
    "auth",
  ],
  [
    "FastAPI's list",
    caseFile("07-error-body-shapes/err-fastapi.json"),
    "Extra inputs are not permitted (body.stream_options)",
    "config",
  ],
  [
    "Mistral",
    caseFile("07-error-body-shapes/err-mistral.json"),
    "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.",
    "config",
  ],
  [
    "a rate limit that calls itself a bad request",
    caseFile("07-error-body-shapes/err-ratelimit-msg.json"),
    "Requests rate limit exceeded",
    "rate_limit",
  ],
  ["a text in `detail`", json(422, { detail: "no such field" }), "no such field", "config"],
  [
    "a text in `error`",
    json(404, { error: "model 'x' not found, try pulling it first" }),
    "model 'x' not found, try pulling it first",
    "config",
  ],
  ["a text in `message`", json(500, { message: "it broke" }), "it broke", "generic"],
  ["the message inside an object", json(400, { message: { error: { msg: "deep words" } } }), "deep words", "config"],
  [
    "a list of texts",
    json(400, { statusCode: 400, message: ["first", "second"], error: "Bad Request" }),
    "first",
    "config",
  ],
  ["`errors`", json(400, { errors: [{ message: "one of them" }] }), "one of them", "config"],
  [
    "RFC 7807",
    json(400, { type: "about:blank", title: "Bad Request", detail: "words that help" }),
    "words that help",
    "config",
  ],
  ["capitals", json(403, { __type: "AccessDenied", Message: "User is not allowed" }), "User is not allowed", "auth"],
  [
    "MiniMax",
    json(400, { base_resp: { status_code: 2013, status_msg: "invalid params" } }),
    "invalid params",
    "config",
  ],
  [
    "JSON in a text: the provider behind a gateway",
    json(400, {
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: {
          raw: JSON.stringify({ error: { message: "prompt is too long: 9 tokens > 8 maximum" } }),
          provider_name: "A",
        },
      },
    }),
    "prompt is too long: 9 tokens > 8 maximum",
    "context_overflow",
  ],
  [
    "JSON twice",
    json(429, { error: JSON.stringify({ message: JSON.stringify({ msg: "slow down" }) }) }),
    "slow down",
    "rate_limit",
  ],
  ["fields nobody knows", json(400, { foo: "bar", count: 3 }), "foo: bar, count: 3", "config"],
  ["a text", raw(503, "upstream sulks", { "content-type": "text/plain" }), "upstream sulks", "timeout"],
  [
    "a page",
    raw(502, "<html><body><h1>Bad Gateway</h1></body></html>", { "content-type": "text/html" }),
    "Bad Gateway",
    "timeout",
  ],
  [
    "JSON with another label",
    raw(400, '{"message":"not labelled"}', { "content-type": "text/html" }),
    "not labelled",
    "config",
  ],
  [
    "an event",
    raw(429, 'data: {"error":{"message":"as an event"}}\n\n', { "content-type": "text/event-stream" }),
    "as an event",
    "rate_limit",
  ],
  [
    "packed",
    raw(422, gzipSync('{"detail":"was packed"}'), { "content-type": "application/json", "content-encoding": "gzip" }),
    "was packed",
    "config",
  ],
  ["JSON that is cut off", raw(400, '{"error":{"message":"half \\"of\\" it","param":"mess'), 'half "of" it', "config"],
  ["JSON of no bottom", raw(400, `{"message":"deep","x":${"[".repeat(9_000)}${"]".repeat(9_000)}}`), "deep", "config"],
]

describe.each(protocols)("the words of a failed answer reach the user: %s", (...protocol) => {
  test.each(shapes)("%s", async (_name, answer, detail, kind) => {
    expect(await failure(answer, protocol)).toMatchObject({ kind, detail, statusCode: answer.status })
  })

  test("an answer without words has no detail, and no number stands in for one", async () => {
    for (const body of ["", "{}", "[]", "null", '""']) {
      const error = await failure(raw(500, body), protocol)
      expect(error).toMatchObject({
        kind: "generic",
        retryable: true,
        message: "Acme reported an error.",
        statusCode: 500,
      })
      expect(error.detail).toBeUndefined()
    }
  })

  test("what the answer repeats of the request is neither shown nor judged", async () => {
    const item = { type: "extra_forbidden", loc: ["body", "x"], msg: "Extra inputs are not permitted" }
    const echoes = [
      { detail: [{ ...item, input: "my rate limit and quota, overloaded: unauthorized" }] },
      { error: { message: "odd", failed_generation: "rate limit, quota, prompt is too long" } },
      { message: "odd", request: { messages: ["context_length_exceeded"] } },
    ]
    for (const echo of echoes) {
      const error = await failure(json(422, echo), protocol)
      expect(error).toMatchObject({ kind: "config", retryable: false })
      expect(error.detail).not.toMatch(/quota|rate limit|context/)
    }
  })
})

test("a server that does not know stream_options is asked without them, whatever the shape of its words", async () => {
  // Which server refused them is remembered by its address.
  await provider.close()
  provider = await RawProvider.start()
  provider.answer(caseFile("07-error-body-shapes/err-fastapi-usage.json"))
  await failure(json(500, { message: "the second answer" }), ["openai-compat", "no-usage"])
  expect(provider.requests.map(({ body }) => "stream_options" in body)).toEqual([true, false])
})

describe("a body without an end", () => {
  let closed: Promise<void>
  const answers: Record<string, (response: ServerResponse) => void> = {
    "/much": (response) => {
      response.writeHead(400, { "content-type": "application/json" })
      const pour = () => {
        let room = true
        while (room && !response.destroyed) room = response.write("x".repeat(16 * 1024))
      }
      response.write('{"message":"first words","x":"')
      response.on("drain", pour)
      pour()
    },
    "/never": (response) => {
      response.writeHead(500, { "content-type": "text/plain" })
      response.write("first words")
    },
    "/cut": (response) => {
      response.writeHead(500, { "content-type": "text/plain", "content-length": "100" })
      response.write("first words", () => response.destroy())
    },
  }
  const server = createServer((request, response) => {
    closed = new Promise((resolve) => response.once("close", resolve))
    answers[request.url ?? ""]?.(response)
  })
  let url = ""
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : ""
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test("is read to the limit of bytes, and the connection is closed", async () => {
    const response = await withErrorBody(fetch, { bytes: 1_000, waitMs: 60_000 })(`${url}/much`)
    const { error } = (await response.json()) as { error: string }
    expect(error).toMatch(/^\{"message":"first words"/)
    expect(error).toHaveLength(1_000)
    await closed
  })

  test("is waited for as long as the limit says", async () => {
    const response = await withErrorBody(fetch, { bytes: 1_000, waitMs: 200 })(`${url}/never`)
    expect(await response.json()).toEqual({ error: "first words" })
    await closed
  })

  test("that breaks off keeps what came", async () => {
    const response = await withErrorBody(fetch)(`${url}/cut`)
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: "first words" })
  })

  test("ends with the request", async () => {
    const controller = new AbortController()
    server.once("request", () => setImmediate(() => controller.abort()))
    const reading = withErrorBody(fetch, { bytes: 1_000, waitMs: 60_000 })(`${url}/never`, {
      signal: controller.signal,
    })
    await expect(reading).rejects.toMatchObject({ name: "AbortError" })
  })
})

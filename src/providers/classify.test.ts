import { expect, test } from "vitest"
import { PROVIDERS } from "./catalog.ts"
import { classifyFailure, type FailureContext, incompleteStream, silentStream } from "./classify.ts"
import { retryAfterMs } from "./failure-facts.ts"

const context: FailureContext = {
  operation: "Providers.generate",
  connection: {
    type: "openai",
    displayName: "Acme AI",
    apiKey: "sk-secret-value-123",
    headers: { "x-token": "hidden-header" },
  },
}

/** As the OpenAI SDK throws it; Anthropic's has the whole body in `error`. */
const apiError = (status: number | undefined, message: string, extra: object = {}) =>
  Object.assign(new Error(`${status ?? ""} ${message}`.trim()), { status, error: { message, ...extra } })

const anthropicError = (status: number | undefined, type: string, message: string) =>
  Object.assign(new Error(message), { status, error: { type: "error", error: { type, message } } })

const network = (code: string, message: string) =>
  Object.assign(new Error("Connection error."), {
    cause: Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(message), { code }) }),
  })

test.each<[string, unknown, string, boolean]>([
  // status codes
  ["400", apiError(400, "bad"), "config", false],
  ["401", apiError(401, "no"), "auth", false],
  ["402", apiError(402, "pay"), "usage_limit", false],
  ["403", apiError(403, "no"), "auth", false],
  ["404", apiError(404, "nothing here"), "config", false],
  ["408", apiError(408, "slow"), "timeout", true],
  ["413", apiError(413, "large"), "context_overflow", false],
  ["422", apiError(422, "odd"), "config", false],
  ["429", apiError(429, "slow down"), "rate_limit", true],
  ["500", apiError(500, "oops"), "generic", true],
  ["502", apiError(502, "oops"), "timeout", true],
  ["503", apiError(503, "oops"), "timeout", true],
  ["504", apiError(504, "oops"), "timeout", true],
  ["520, an unclassified 5xx", apiError(520, "oops"), "generic", true],
  ["529", apiError(529, "oops"), "overloaded", true],
  ["418, anything else", apiError(418, "teapot"), "generic", false],
  // texts
  ["overloaded", anthropicError(undefined, "overloaded_error", "Overloaded"), "overloaded", true],
  ["quota", new Error("You exceeded your current quota"), "usage_limit", false],
  ["billing", new Error("See Plans & Billing"), "usage_limit", false],
  ["payment required", new Error("payment required"), "usage_limit", false],
  ["authentication", anthropicError(undefined, "authentication_error", "bad key"), "auth", false],
  ["unauthorized", new Error("Unauthorized"), "auth", false],
  ["invalid api key", new Error("Invalid API key"), "auth", false],
  ["forbidden", new Error("Forbidden"), "auth", false],
  ["rate limit", new Error("Rate limit reached"), "rate_limit", true],
  ["rate_limit_error", anthropicError(undefined, "rate_limit_error", "slow down"), "rate_limit", true],
  ["too many requests", new Error("Too many requests"), "rate_limit", true],
  ["timed out", new Error("Request timed out."), "timeout", true],
  ["unavailable", new Error("service unavailable"), "timeout", true],
  ["connection reset", network("ECONNRESET", "read ECONNRESET"), "timeout", true],
  ["connection refused", network("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:429"), "timeout", true],
  ["unknown host", network("ENOTFOUND", "getaddrinfo ENOTFOUND x.invalid"), "timeout", true],
  ["unexpected eof", new Error("unexpected EOF"), "timeout", true],
  ["no eof in typeof", new Error("typeof is not callable"), "generic", false],
  ["broken pipe", new Error("write: broken pipe"), "timeout", true],
  ["bad gateway", new Error("Bad Gateway"), "timeout", true],
  ["goaway", new Error("http2: server sent GOAWAY"), "timeout", true],
  ["socket cut", new TypeError("terminated", { cause: new Error("other side closed") }), "timeout", true],
  ["invalid model", new Error("invalid model: x"), "config", false],
  ["model not found", apiError(404, "The model `x` does not exist", { code: "model_not_found" }), "config", false],
  ["unsupported model", new Error("unsupported model"), "config", false],
  [
    "context length",
    apiError(400, "maximum context length is 8192", { code: "context_length_exceeded" }),
    "context_overflow",
    false,
  ],
  [
    "prompt too long",
    anthropicError(400, "invalid_request_error", "prompt is too long: 210000 tokens"),
    "context_overflow",
    false,
  ],
  ["unsupported parameter", new Error("Unsupported parameter: 'max_tokens'"), "config", false],
  ["malformed config", new Error("malformed config"), "config", false],
  ["invalid request in a stream", anthropicError(undefined, "invalid_request_error", "messages: odd"), "config", false],
  ["server error", new Error("The server had an error: server error"), "generic", true],
  ["api_error in a stream", anthropicError(undefined, "api_error", "Internal"), "generic", true],
  ["provider disabled", new Error("provider is disabled"), "provider_disabled", false],
  ["anything", new Error("surprise"), "generic", false],
  ["a text", "surprise", "generic", false],
  ["nothing", undefined, "generic", false],
  // precedence
  ["insufficient_quota on 429", apiError(429, "check your plan", { code: "insufficient_quota" }), "usage_limit", false],
  ["overloaded before quota", apiError(429, "overloaded; quota"), "overloaded", true],
  ["strong auth before config", apiError(400, "invalid api key"), "auth", false],
  ["config before weak auth", apiError(403, "model not found or no access"), "config", false],
  ["overflow before rate limit", apiError(429, "maximum context length"), "context_overflow", false],
  ["config before timeout", apiError(400, "invalid value: timeout"), "config", false],
  ["rate limit before timeout", apiError(429, "timeout"), "rate_limit", true],
  ["timeout before 500", apiError(500, "upstream timed out"), "timeout", true],
  // status in the text
  ["status in words", new Error("request failed: status 503"), "timeout", true],
  ["HTTP status line", new Error("HTTP/1.1 429"), "rate_limit", true],
  ["a lone code", new Error("upstream said 529 again"), "overloaded", true],
  ["a port is no status", new Error("cannot reach example.com:429"), "generic", false],
  ["a stream id is no status", new Error("stream id 503 odd"), "generic", false],
  ["a code in the body", apiError(undefined, "Provider returned error", { code: 502 }), "timeout", true],
  // HTTP/2 resets
  ["reset by the peer", new Error("stream error: stream ID 5; INTERNAL_ERROR; received from peer"), "timeout", true],
  [
    "reset of another kind",
    new Error("stream error: stream ID 5; PROTOCOL_ERROR; received from peer; connection reset"),
    "generic",
    false,
  ],
  ["our own reset", new Error("stream error: stream ID 5; CANCEL; connection reset"), "generic", false],
  // aborts
  ["an abort that is not ours", new DOMException("aborted", "AbortError"), "timeout", true],
  // continuity
  ["missing output", apiError(400, "No tool output found for function call call_abc."), "generic", false],
  [
    "missing reasoning",
    apiError(400, "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1'."),
    "generic",
    false,
  ],
  ["broken chain", apiError(400, "Previous response with id 'resp_1' not found."), "generic", true],
])("%s", (_name, cause, kind, retryable) => {
  expect(classifyFailure(context, cause)).toMatchObject({ kind, retryable, provider: "openai" })
})

test("our own interruption is generic and final, whatever was thrown", () => {
  const error = classifyFailure({ ...context, interrupted: true }, apiError(503, "timeout"))
  expect(error).toMatchObject({ kind: "generic", retryable: false })
})

test("a broken stream and silence", () => {
  expect(incompleteStream(context)).toMatchObject({ kind: "timeout", retryable: true })
  expect(silentStream(context, 600_000, false)).toMatchObject({
    kind: "startup_timeout",
    retryable: true,
    detail: "Nothing arrived within 10 min.",
  })
})

test("the message names the provider and never the status; the status and the words stand apart", () => {
  const error = classifyFailure(context, apiError(503, "upstream sulks"))
  expect(error.message).toContain("Acme AI")
  expect(error.message).not.toMatch(/503|sulks/)
  expect(error).toMatchObject({ statusCode: 503, detail: "upstream sulks" })
  const nameless = classifyFailure(
    { ...context, connection: { ...context.connection, displayName: "" } },
    apiError(529, "x"),
  )
  expect(nameless.message).toBe("The AI provider is overloaded right now.")
})

test("every kind has a sentence that starts with a capital, ends with a stop and names the provider", () => {
  for (const status of [400, 401, 402, 429, 500, 503, 529]) {
    const { message } = classifyFailure(context, apiError(status, "x"))
    expect(message).toMatch(/^[A-Z].*\.$/)
    expect(message).toContain("Acme AI")
  }
})

test("credentials never reach the detail", () => {
  const words = "key sk-secret-value-123, header hidden-header, Bearer abcdefghijkl, other sk-proj-abc***xyz"
  const { detail } = classifyFailure(context, apiError(401, words))
  expect(detail).toBe("key [redacted], header [redacted], Bearer [redacted], other [redacted]")
})

test("the detail is at most 500 characters, cut between characters, and readable when it was a page", () => {
  const long = Array.from(classifyFailure(context, apiError(500, "🙂".repeat(600))).detail ?? "")
  expect(long).toHaveLength(500)
  expect(long.at(-1)).toBe("…")
  expect(long.at(-2)).toBe("🙂")
  const page = Object.assign(
    new Error("502 <html><head><style>b{}</style></head><body><h1>Bad  Gateway</h1></body></html>"),
    { status: 502 },
  )
  expect(classifyFailure(context, page).detail).toBe("Bad Gateway")
})

test("the reason below `fetch failed` is what a person reads", () => {
  expect(classifyFailure(context, network("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1")).detail).toBe(
    "connect ECONNREFUSED 127.0.0.1:1",
  )
})

test("continuity diagnostics show no provider ids", () => {
  const error = classifyFailure(context, apiError(400, "No tool output found for function call call_abc."))
  expect(`${error.message} ${error.detail ?? ""}`).not.toContain("call_abc")
})

const now = Date.parse("2026-06-01T00:00:00Z")

test.each([
  [{ "retry-after": "7" }, 7_000],
  [{ "retry-after": "1.5" }, 1_500],
  [{ "retry-after-ms": "250", "retry-after": "7" }, 250],
  [{ "retry-after": "Mon, 01 Jun 2026 00:00:09 GMT" }, 9_000],
  [{ "retry-after": "Sun, 31 May 2026 00:00:00 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("Retry-After %j", (headers, expected) => {
  expect(retryAfterMs(new Headers(headers), now)).toBe(expected)
  expect(retryAfterMs(headers, now)).toBe(expected)
})

test("Retry-After is on the error", () => {
  const cause = Object.assign(apiError(429, "x"), { headers: new Headers({ "retry-after": "3" }) })
  expect(classifyFailure(context, cause).retryAfterMs).toBe(3_000)
})

test("each type of provider is known by name", () => {
  for (const [type, info] of Object.entries(PROVIDERS))
    expect(info).toMatchObject({ type, displayName: expect.stringMatching(/\S/) })
})

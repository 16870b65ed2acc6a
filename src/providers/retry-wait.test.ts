import { expect, test } from "vitest"
import { classifyFailure, type FailureContext } from "./classify.ts"

const context: FailureContext = {
  operation: "Providers.generate",
  connection: { type: "openai", displayName: "Acme", apiKey: "", headers: {} },
}

/** The wait is read from `headers`, `message` and further fields of the body of a failed answer; in milliseconds. */
const waitOf = (given: {
  headers?: Readonly<Record<string, string>>
  message?: string
  body?: object
  status?: number
}) => {
  const error = { message: given.message ?? "slow down", ...given.body }
  const cause = Object.assign(new Error("x"), {
    status: given.status ?? 429,
    error: { error },
    headers: new Headers(given.headers ?? {}),
  })
  return classifyFailure(context, cause)
}

/** What is counted from now, to ten seconds: the test takes time, too. */
const tens = (ms: number | undefined): number => Math.round((ms ?? Number.NaN) / 10_000)

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000)

test.each([
  ["seconds", { "retry-after": "7" }, 7_000],
  ["parts of seconds", { "retry-after": "1.5" }, 1_500],
  ["blanks", { "retry-after": " 7 " }, 7_000],
  ["milliseconds first", { "retry-after-ms": "250", "retry-after": "7" }, 250],
  ["parts of milliseconds", { "retry-after-ms": "249.2" }, 250],
  ["a span", { "retry-after": "1m30s" }, 90_000],
  ["a date in the past", { "retry-after": "Sun, 31 May 2020 00:00:00 GMT" }, 0],
  ["a point of time in the past, as a number", { "retry-after": "1500000000" }, 0],
  ["a limit that is used up", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s" }, 360_000],
  [
    "the longer of two limits",
    {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "12ms",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "2s",
    },
    2_000,
  ],
  ["a limit with no remainder beside it", { "x-ratelimit-reset": "30" }, 30_000],
  ["what is asked for, before the limits", { "retry-after": "2", "x-ratelimit-reset": "30" }, 2_000],
])("a wait in the headers: %s", (_name, headers, expected) => {
  expect(waitOf({ headers }).retryAfterMs).toBe(expected)
})

test.each([
  ["no number", { "retry-after": "soon" }],
  ["a negative number", { "retry-after": "-5" }],
  ["not a number", { "retry-after": "NaN" }],
  ["no end", { "retry-after": "Infinity" }],
  ["more than any time", { "retry-after": "9".repeat(400) }],
  ["nothing", { "retry-after": "" }],
  ["a limit that is not used up", { "x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "6m0s" }],
  ["none", {}],
])("no wait in the headers: %s", (_name, headers) => {
  const error = waitOf({ headers })
  expect(error).toMatchObject({ kind: "rate_limit", retryable: true })
  expect(error.retryAfterMs).toBeUndefined()
  expect(error.retryAt).toBeUndefined()
})

test("limits come with every answer and say nothing of other failures", () => {
  const headers = { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s" }
  expect(waitOf({ headers, status: 500 }).retryAfterMs).toBeUndefined()
})

test("a point of time: as a date, as seconds and milliseconds since 1970, as RFC 3339", () => {
  const then = inSeconds(60)
  const epoch = Math.ceil(then.getTime() / 1000)
  const limit = { "anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": then.toISOString() }
  const waits = [
    waitOf({ headers: { "retry-after": then.toUTCString() } }),
    waitOf({ headers: { "retry-after": String(epoch) } }),
    waitOf({ headers: { "retry-after": String(then.getTime()) } }),
    waitOf({ headers: limit }),
    waitOf({ body: { resets_at: epoch } }),
    waitOf({ message: `usage limit reached|${epoch}` }),
    waitOf({ message: `Your limit resets at ${then.toISOString()}.` }),
  ]
  expect(waits.map(({ retryAfterMs }) => tens(retryAfterMs))).toEqual([6, 6, 6, 6, 6, 6, 6])
})

test.each([
  [
    "OpenAI",
    "Rate limit reached for m: Limit 3, Used 3. Please try again in 20s. Visit https://x.example/billing",
    20_000,
  ],
  ["OpenAI, short", "Please try again in 6ms.", 6],
  ["Groq", "Rate limit reached on tokens per day (TPD): Limit 100000. Please try again in 14m24.5s.", 864_500],
  ["Azure", "Please retry after 7 seconds. Go to https://aka.ms/oai/quotaincrease to increase the quota.", 7_000],
  ["Gemini", "You exceeded your current quota, see billing details. Please retry in 34.074824224s.", 34_075],
  ["long units", "Your quota will reset after 2 hours, 3 minutes", 7_380_000],
  ["days", "Quota resets in 1d 2h", 93_600_000],
])("a wait in words: %s", (_who, message, expected) => {
  expect(waitOf({ message })).toMatchObject({ kind: "rate_limit", retryable: true, retryAfterMs: expected })
})

test.each([
  ["later", "Please try again later."],
  ["a number that is no time", "Please try again with less than 4096 tokens"],
  ["an hour of the day", "Try again at 5pm"],
])("no wait in words: %s", (_name, message) => {
  expect(waitOf({ message }).retryAfterMs).toBeUndefined()
})

test.each([
  ["Google", { details: [{ "@type": "x/google.rpc.RetryInfo", retryDelay: "34s" }] }, 34_000],
  ["a number of seconds", { retry_after: 12.5 }, 12_500],
  ["milliseconds", { retry_after_ms: 1_500 }, 1_500],
  ["a window of use", { resets_in_seconds: 90 }, 90_000],
  ["a model that is loaded", { estimated_time: 20 }, 20_000],
  [
    "headers that a gateway hands on",
    { metadata: { headers: { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "5" } } },
    5_000,
  ],
])("a wait in the body: %s", (_who, body, expected) => {
  expect(waitOf({ body }).retryAfterMs).toBe(expected)
})

test("a wait of a year is a timer that fires, and the end of it is still told", () => {
  const error = waitOf({ headers: { "retry-after": "31536000" } })
  expect(error.retryAfterMs).toBe(2_147_483_647)
  expect(tens(Date.parse(error.retryAt ?? "") - Date.now())).toBe(3_153_600)
  const soon = waitOf({ headers: { "retry-after": "70" } })
  expect(tens(Date.parse(soon.retryAt ?? "") - Date.now())).toBe(7)
})

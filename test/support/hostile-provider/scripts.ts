import fc from "fast-check"
import { isObject } from "../scripted-provider/checks.ts"
import { oddText, oddValue, writeJson } from "../fuzz/odd-values.ts"
import { type Protocol, type ReplyContent, type ReplyEvent, replyEvents, writeEvent } from "./replies.ts"

/** What a hostile provider does with one request. */
export interface HostileScript {
  readonly kind: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Bytes of one write, and the pause behind it in milliseconds. */
  readonly pieceBytes: number
  readonly pauseMs: number
  /** Behind the body: an end as HTTP wants it, a broken connection, nothing at all, or the body again and again. */
  readonly end: "close" | "reset" | "silence" | "again"
  /** Requests of a turn that are answered so; those behind them get a good answer. */
  readonly times: number
}

const SSE = { "content-type": "text/event-stream" }
const NEWLINES = ["\n", "\n", "\n", "\r\n", "\r"]

const content: fc.Arbitrary<ReplyContent> = fc.record({
  reasoning: fc.oneof(fc.constant(""), oddText),
  texts: fc.array(fc.oneof(fc.constantFrom("Hello", " world", "", "\n"), oddText), { maxLength: 12 }),
  calls: fc.array(
    fc.record({
      id: fc.constantFrom("call_1", "call_1", "", "call_2", "x".repeat(300)),
      name: fc.oneof(fc.constantFrom("lookup", "lookup", "", "execute", "a b<|channel|>"), oddText),
      args: fc.oneof(fc.constant({ q: 1 }), oddValue),
    }),
    { maxLength: 3 },
  ),
})

const manyCalls: fc.Arbitrary<ReplyContent> = fc.constantFrom(20, 255, 257, 2_000).map((count) => ({
  reasoning: "",
  texts: ["So many"],
  calls: Array.from({ length: count }, (_, index) => ({ id: `call_${index}`, name: "lookup", args: { index } })),
}))

const hugeContent: fc.Arbitrary<ReplyContent> = fc
  .constantFrom(100_000, 1_000_000, 3_000_000, 9_000_000)
  .map((size) => ({
    reasoning: "",
    texts: ["z".repeat(size)],
    calls: [],
  }))

/** Puts another value into one of the fields of an event. */
const spoil = ({ data, event }: ReplyEvent, place: number, odd: unknown): ReplyEvent => {
  const into = (value: unknown, at: number): unknown => {
    if (Array.isArray(value)) return value.map((entry, index) => (index === 0 ? into(entry, at) : entry))
    if (!isObject(value)) return odd
    const names = Object.keys(value)
    const name = names[at % Math.max(1, names.length)] ?? "x"
    const inner = value[name]
    return { ...value, [name]: at % 3 === 0 ? odd : into(inner, Math.floor(at / 3)) }
  }
  return { ...(event === undefined ? {} : { event }), data: into(data, place) }
}

type Change = (events: ReadonlyArray<ReplyEvent>, at: number, odd: unknown) => ReadonlyArray<ReplyEvent>

const CHANGES: Readonly<Record<string, Change>> = {
  "an event is missing": (events, at) => events.filter((_, index) => index !== at),
  "an event comes twice": (events, at) => events.flatMap((event, index) => (index === at ? [event, event] : [event])),
  "events in another order": (events, at) => [...events.slice(at), ...events.slice(0, at)],
  "an event with another value": (events, at, odd) =>
    events.map((event, index) => (index === at ? spoil(event, at * 7 + index, odd) : event)),
  "an event that is garbage": (events, at) => events.toSpliced(at, 0, { data: '{"choices":[{' }),
  "an error in the middle": (events, at) =>
    events.toSpliced(at, 0, {
      event: "error",
      data: { type: "error", error: { message: "Upstream went away", code: 502 } },
    }),
  "the end is missing": (events, at) => events.slice(0, Math.max(1, at)),
  nothing: (events) => events,
}

/** Not for ever: an answer that calls a tool would be given again after its result. */
const times = fc.constantFrom(1, 1, 2, 3)
const pieces = fc.constantFrom(1, 7, 64, 1_024, 65_536, 1_000_000)

/** An answer of which something is wrong. */
const spoiltReply = (protocol: Protocol): fc.Arbitrary<HostileScript> =>
  fc
    .record({
      content: fc.oneof(
        { weight: 10, arbitrary: content },
        { weight: 1, arbitrary: manyCalls },
        { weight: 1, arbitrary: hugeContent },
      ),
      changes: fc.array(fc.tuple(fc.constantFrom(...Object.keys(CHANGES)), fc.nat(), oddValue), { maxLength: 3 }),
      lineEnd: fc.constantFrom(...NEWLINES),
      prefix: fc.constantFrom("", "", "\ufeff", ": ping\n\n", "\n\n\n", "retry: 5\nid: 7\n\n"),
      cut: fc.oneof(
        { weight: 3, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
      ),
      type: fc.constantFrom("text/event-stream", "text/event-stream", "text/plain", "application/json", ""),
      pieceBytes: pieces,
      end: fc.constantFrom("close" as const, "close" as const, "reset" as const, "silence" as const),
      times,
    })
    .map(({ changes, content: reply, cut, end, lineEnd, pieceBytes, prefix, times: often, type }) => {
      const events = changes.reduce(
        (before, [name, at, odd]) => CHANGES[name]?.(before, at % Math.max(1, before.length), odd) ?? before,
        replyEvents(protocol, reply, writeJson),
      )
      const whole = Buffer.from(prefix + events.map((event) => writeEvent(event, lineEnd, writeJson)).join(""))
      const body = whole.subarray(0, Math.floor(whole.length * cut))
      return {
        kind: `reply: ${changes.map(([name]) => name).join(", ") || "as it is"}`,
        status: 200,
        headers: type === "" ? {} : { "content-type": type },
        body,
        pieceBytes: Math.max(pieceBytes, Math.ceil(body.length / 10_000)),
        pauseMs: body.length / pieceBytes < 100 ? 5 : 0,
        end,
        times: end === "silence" ? 1 : often,
      }
    })

const errorBody = fc.oneof(
  fc.constantFrom(
    "",
    "no",
    "<html>502 Bad Gateway</html>",
    '{"error":"overloaded"}',
    '{"detail":[{"msg":"field required","loc":["body","model"]}]}',
    '[{"error":{"code":400,"message":"Invalid argument"}}]',
    '{"error":{"message":null}}',
    '{"message":"maximum context length is 500 tokens, 429 of them yours"}',
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
  ),
  oddValue.map((value) => writeJson({ error: value })),
  oddText,
)

const refusal: fc.Arbitrary<HostileScript> = fc
  .record({
    status: fc.constantFrom(400, 401, 403, 404, 408, 409, 413, 418, 422, 429, 500, 502, 503, 504, 529),
    body: errorBody,
    wait: fc.constantFrom("", "0", "1", "-5", "soon", "86400", "31536000", "1e30", "Thu, 01 Jan 1970 00:00:00 GMT"),
    type: fc.constantFrom("application/json", "text/html", ""),
    times: fc.oneof(times, fc.constant(Number.POSITIVE_INFINITY)),
  })
  .map(({ body, status, times: often, type, wait }) => ({
    kind: `refusal ${status}`,
    status,
    headers: { ...(type === "" ? {} : { "content-type": type }), ...(wait === "" ? {} : { "retry-after": wait }) },
    body: Buffer.from(body),
    pieceBytes: 65_536,
    pauseMs: 0,
    end: "close" as const,
    times: often,
  }))

const redirect: fc.Arbitrary<HostileScript> = fc
  .tuple(
    fc.constantFrom(301, 302, 303, 307, 308),
    fc.constantFrom(
      "/elsewhere",
      "http://127.0.0.1:1/v1",
      "//localhost:1/",
      "",
      "http://[",
      "?again",
      "file:///etc/passwd",
    ),
  )
  .map(([status, location]) => ({
    kind: `redirect ${status}`,
    status,
    headers: { location },
    body: Buffer.alloc(0),
    pieceBytes: 1,
    pauseMs: 0,
    end: "close" as const,
    times: Number.POSITIVE_INFINITY,
  }))

const endless = (protocol: Protocol): fc.Arbitrary<HostileScript> =>
  fc
    .constantFrom(
      ["comments", ": still here\n\n"],
      ["empty lines", "\n"],
      ["one line", "data: x".repeat(500)],
      [
        "words",
        writeEvent(
          replyEvents(protocol, { reasoning: "", texts: ["word ".repeat(800)], calls: [] })[1] ?? { data: "" },
        ),
      ],
      ["nothing", ""],
    )
    .map(([kind, body]) => ({
      kind: `endless ${kind}`,
      status: 200,
      headers: SSE,
      body: Buffer.from(body ?? ""),
      pieceBytes: 4_096,
      pauseMs: 1,
      end: body === "" ? ("silence" as const) : ("again" as const),
      times: 1,
    }))

const garbage: fc.Arbitrary<HostileScript> = fc
  .tuple(
    fc.uint8Array({ maxLength: 5_000 }),
    fc.constantFrom<Readonly<Record<string, string>>>(
      SSE,
      { ...SSE, "content-encoding": "gzip" },
      { ...SSE, "content-length": "10000" },
      { "content-type": "application/json" },
      { "content-type": "text/html" },
    ),
    pieces,
    times,
  )
  .map(([body, headers, pieceBytes, often]) => ({
    kind: "garbage",
    status: 200,
    headers,
    body,
    pieceBytes,
    pauseMs: 0,
    end: "close" as const,
    times: "content-length" in headers ? 1 : often,
  }))

/** One script in any of the ways in which a provider can be bad. */
export const hostileScript = (protocol: Protocol): fc.Arbitrary<HostileScript> =>
  fc.oneof(
    { weight: 12, arbitrary: spoiltReply(protocol) },
    { weight: 4, arbitrary: refusal },
    { weight: 1, arbitrary: redirect },
    { weight: 1, arbitrary: endless(protocol) },
    { weight: 2, arbitrary: garbage },
  )

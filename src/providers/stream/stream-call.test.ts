import { once } from "node:events"
import { setImmediate } from "node:timers/promises"
import { Effect, Exit, Fiber } from "effect"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { callProvider, failureOf, generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { openGate, ScriptedProvider } from "../../../test/support/scripted-provider.ts"
import type { ProviderType } from "../../contract/models.ts"
import type { GenerateRequest, GenerateResult, StreamEvent } from "../provider.ts"
import { streamCall } from "./stream-call.ts"

/** What goes wrong on the wire is the same for the three protocols, seen through the service. */

let provider: ScriptedProvider

beforeEach(async () => {
  provider = await ScriptedProvider.start()
})

afterEach(async () => {
  await provider.close()
})

const protocols: ReadonlyArray<readonly [protocol: string, type: ProviderType, model: string]> = [
  ["chat", "openai-compat", "any"],
  ["responses", "openai", "gpt-5.2"],
  ["messages", "anthropic", "claude-test-4-5"],
]

const textOf = (result: GenerateResult): string =>
  result.parts.map((part) => (part.type === "text" ? part.text : "")).join("")

describe.each(protocols)("%s", (protocol, type, model) => {
  const request = (text = "hi"): GenerateRequest => requestTo(provider.connection(type), [user(text)], { model })

  test("goes to its own path", async () => {
    provider.script({ items: [{ text: "ok" }] })
    await generate(request())
    expect(provider.requests[0]?.protocol).toBe(protocol)
  })

  test.each(["reset", "end"] as const)(
    "a stream that breaks off (%s) is a retryable failure, not an answer",
    async (cut) => {
      provider.script({ items: [{ text: ["one", " two"] }, { cut }] })
      const events: Array<StreamEvent> = []
      const exit = await Effect.runPromiseExit(callProvider(request(), (event) => events.push(event)))
      expect(exit).toMatchObject({ _tag: "Failure", cause: { error: { kind: "timeout", retryable: true } } })
      expect(events).toEqual([
        { type: "text", text: "one" },
        { type: "text", text: " two" },
      ])
    },
  )

  test("a call cut in the middle of its arguments is no call", async () => {
    provider.script({ items: [{ calls: [{ tool: "execute", args: { command: "rm -rf a" } }] }, { cut: "end" }] })
    expect(await failureOf(request())).toMatchObject({ kind: "timeout", retryable: true })
  })

  test("silence before the answer ends the call and the request", async () => {
    provider.script({ silence: true })
    const failure = failureOf(request(), 300)
    const arrived = await provider.requestArrived(1)
    expect(await failure).toMatchObject({
      kind: "startup_timeout",
      retryable: true,
      detail: "Nothing arrived within 0.3 s.",
    })
    expect(await arrived.closed).toBe(false)
  })

  test("silence in the middle does, too", async () => {
    provider.script({ items: [{ text: "one" }, { silence: true }] })
    expect(await failureOf(request(), 300)).toMatchObject({
      kind: "startup_timeout",
      detail: "Nothing more arrived for 0.3 s.",
    })
  })

  test.each([
    [401, {}, { kind: "auth", retryable: false }],
    [403, {}, { kind: "auth", retryable: false }],
    [404, {}, { kind: "config", retryable: false }],
    [429, { "retry-after": "7" }, { kind: "rate_limit", retryable: true, retryAfterMs: 7_000 }],
    [500, {}, { kind: "generic", retryable: true }],
    [503, { "retry-after-ms": "20" }, { kind: "timeout", retryable: true, retryAfterMs: 20 }],
    [529, {}, { kind: "overloaded", retryable: true }],
  ])("status %d", async (status, headers, expected) => {
    provider.script({ status, headers, message: "in its own words" })
    expect(await failureOf(request())).toMatchObject({ ...expected, statusCode: status, detail: "in its own words" })
    // The SDKs' own retries are off: retrying is the turn's business.
    expect(provider.requests).toHaveLength(1)
  })

  test("a web page instead of a stream says to check the base URL", async () => {
    provider.script({ document: "<html><body><h1>Welcome</h1></body></html>", contentType: "text/html" })
    expect(await failureOf(request())).toMatchObject({
      kind: "config",
      retryable: false,
      message: expect.stringContaining("base URL"),
      detail: "Welcome",
    })
  })

  test("an error document with status 200 is that error", async () => {
    const document = JSON.stringify({ error: { type: "overloaded_error", message: "Overloaded, sorry" } })
    provider.script({ document, contentType: "application/json" })
    expect(await failureOf(request())).toMatchObject({ kind: "overloaded", detail: "Overloaded, sorry" })
  })

  test("an event that is no JSON is a clear, final failure", async () => {
    provider.script({ items: [{ text: "one" }, { raw: "event: message_delta\ndata: {oops\n\n" }, { text: "two" }] })
    expect(await failureOf(request())).toMatchObject({
      kind: "generic",
      retryable: false,
      message: "Scripted sent a reply that cannot be read.",
    })
  })

  test("an error event in the stream is that error, also when it is only a text", async () => {
    const step = (error: unknown) => ({ items: [{ text: "one" }, { event: { type: "error", error } }] })
    provider.script(step({ type: "overloaded_error", message: "Overloaded" }), step("Rate limit reached"))
    expect(await failureOf(request())).toMatchObject({ kind: "overloaded", retryable: true, detail: "Overloaded" })
    expect(await failureOf(request())).toMatchObject({
      kind: "rate_limit",
      retryable: true,
      detail: "Rate limit reached",
    })
  })

  test("events that are JSON but nonsense are passed over", async () => {
    const nonsense = [
      {},
      { type: 5 },
      { choices: 7 },
      { choices: [null] },
      { choices: [{ delta: { tool_calls: [4, {}] } }] },
    ]
    provider.script({ items: [...nonsense.map((event) => ({ event })), { text: "ok" }] })
    expect(textOf(await generate(request()))).toBe("ok")
  })

  test("interrupting closes the request before the effect ends; no event follows", async () => {
    const gate = openGate()
    provider.script({ items: [{ text: "one" }, { gate: gate.wait }, { text: "two" }] })
    const events: Array<StreamEvent> = []
    const fiber = await new Promise<Fiber.RuntimeFiber<GenerateResult, unknown>>((resolve) => {
      const running = Effect.runFork(
        callProvider(request(), (event) => {
          events.push(event)
          resolve(running)
        }),
      )
    })
    const exit = await Effect.runPromise(Fiber.interrupt(fiber))
    expect(Exit.isInterrupted(exit)).toBe(true)
    const arrived = await provider.requestArrived(1)
    expect(await arrived.closed).toBe(false)
    gate.open()
    expect(events).toEqual([{ type: "text", text: "one" }])
  })

  test("streams at once do not mix", async () => {
    const gate = openGate()
    const names = Array.from({ length: 20 }, (_, index) => `chat-${index}-`)
    provider.script(
      ...names.map((name) => ({
        when: name,
        items: [{ text: [name, "a"] }, { gate: gate.wait }, { text: ["b", name] }],
      })),
    )
    const results = Promise.all(names.map((name) => generate(request(name))))
    await provider.requestArrived(names.length)
    gate.open()
    expect((await results).map(textOf)).toEqual(names.map((name) => `${name}ab${name}`))
  })
})

test("an interrupted call ends only when its stream is closed", async () => {
  const reading = openGate()
  let closed = false
  const body = (signal: AbortSignal) =>
    new ReadableStream<Uint8Array>({
      pull: async (stream) => {
        reading.open()
        await once(signal, "abort")
        await setImmediate()
        closed = true
        stream.close()
      },
    })
  const call = streamCall({
    context: { operation: "test", connection: provider.connection("openai") },
    streamSilenceMs: 10_000,
    client: () => Promise.resolve(undefined),
    open: (_client, signal) => Promise.resolve(new Response(body(signal))),
    reader: () => ({
      accept: () => undefined,
      done: () => undefined,
      isReply: () => false,
      state: () => "open",
      result: () => ({ parts: [], finishReason: "stop", usage: {} }),
    }),
  })
  const fiber = Effect.runFork(call)
  await reading.wait
  await Effect.runPromise(Fiber.interrupt(fiber))
  expect(closed).toBe(true)
})

test("each event gives the silence a new start", async () => {
  const beat = { pauseMs: 300 }
  provider.script({
    items: [{ text: "a" }, beat, { text: "b" }, beat, { text: "c" }, beat, { text: "d" }, beat, { text: "e" }],
  })
  const call = callProvider(requestTo(provider.connection("openai-compat"), [user("hi")]), undefined, 1_000)
  expect(textOf(await Effect.runPromise(call))).toBe("abcde")
})

test("a server that is not there", async () => {
  const connection = provider.connection("openai-compat")
  await provider.close()
  const error = await failureOf(requestTo(connection, [user("hi")]))
  expect(error).toMatchObject({
    kind: "timeout",
    retryable: true,
    message: "The connection to Scripted failed or took too long.",
  })
  expect(error.detail).toContain("ECONNREFUSED")
})

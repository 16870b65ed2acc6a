import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type Dialect, DIALECTS } from "../../test/support/dialects.ts"
import { answered, failureOf, generate, requestTo, user } from "../../test/support/provider-call.ts"
import { type RawAnswer, RawProvider } from "../../test/support/raw-provider.ts"
import { callsOf, textOf, thoughtsOf } from "../../test/support/raw-reply.ts"
import { ScriptedProvider } from "../../test/support/scripted-provider.ts"
import type { GenerateRequest, StreamEvent } from "./provider.ts"

/** What every adapter does, whichever wire it speaks: the same reply is the same, and the same failure is the same. */

let scripted: ScriptedProvider
let raw: RawProvider

beforeAll(async () => {
  raw = await RawProvider.start()
})
beforeEach(async () => {
  scripted = await ScriptedProvider.start()
})
afterEach(async () => {
  raw.reset()
  await scripted.close()
})
afterAll(() => raw.close())

const callTo = (url: string, { base, config = {}, model, type }: Dialect): GenerateRequest =>
  requestTo(
    { type, displayName: "Mine", baseUrl: `${url}${base}`, apiKey: "scripted-key", headers: {} },
    [user("hi")],
    { model, config },
  )

const TEXT = ["Grüße", ", 世界", " 😀."]

/** The bytes of a reply: what is said, and how it ends. */
const wholeReply = ({ bytes, writer }: Dialect) => {
  const written = writer()
  const said = [written.open(), ...TEXT.map((text) => written.text(text))].map((text) => bytes(text))
  return { said: Buffer.concat(said), closing: bytes(written.close("stop", { input: 3, output: 2 })) }
}

const answer = ({ contentType }: Dialect, body: RawAnswer["body"], more: Partial<RawAnswer> = {}): RawAnswer => ({
  headers: { "content-type": contentType },
  body,
  ...more,
})

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))("%s", (_, dialect) => {
  it("streams text and thinking, and counts", async () => {
    scripted.script({
      items: [{ reasoning: ["Let me", " see."] }, { text: TEXT }],
      usage: { input: 100, output: 20, cached: 30, reasoning: 5 },
    })
    const events: Array<StreamEvent> = []
    const reply = await generate(callTo(scripted.url, dialect), events)
    expect(scripted.refusals).toEqual([])
    expect(textOf(reply)).toBe(TEXT.join(""))
    expect(thoughtsOf(reply)).toBe("Let me see.")
    expect(events.flatMap((event) => (event.type === "text" ? [event.text] : []))).toEqual(TEXT)
    expect(reply.finishReason).toBe("stop")
    expect(reply.responseId).toMatch(/1|msg|resp|chatcmpl/)
    expect(reply.usage.output_tokens).toBe(20)
    expect(reply.usage.cache_read_tokens).toBe(30)
  })

  it("reads calls, several and without arguments, and takes their results back", async () => {
    const calls = [{ tool: "execute", args: { command: "echo 'Grüße, 世界'" } }, { tool: "read_file" }]
    scripted.script({ items: [{ text: "I look." }, { calls }] }, { items: [{ text: "Done." }] })
    const request = callTo(scripted.url, dialect)
    const events: Array<StreamEvent> = []
    const reply = await generate(request, events)
    expect(reply.finishReason).toBe("tool-calls")
    const made = reply.parts.flatMap((part) => (part.type === "tool-call" ? [part] : []))
    expect(made.map(({ args, tool_name }) => [tool_name, args])).toEqual([
      ["execute", { command: "echo 'Grüße, 世界'" }],
      ["read_file", {}],
    ])
    const shown = events.flatMap((event) => (event.type === "tool-call-delta" ? [event] : []))
    expect(
      shown
        .filter(({ id }) => id === made[0]?.tool_call_id)
        .map(({ delta }) => delta)
        .join(""),
    ).toBe(JSON.stringify(calls[0]?.args))
    const next = await generate({ ...request, messages: [...request.messages, ...answered(reply, { output: "ok" })] })
    expect(scripted.refusals).toEqual([])
    expect(textOf(next)).toBe("Done.")
  })

  it("keeps arguments that are no JSON as the text that they are", async () => {
    scripted.script(
      { items: [{ calls: [{ tool: "execute", args: '{"command": "l' }] }] },
      { items: [{ text: "Sorry." }] },
    )
    const request = callTo(scripted.url, dialect)
    const reply = await generate(request)
    expect(callsOf(reply).map((call) => call.replace(/^\S+ /, ""))).toEqual(['execute `{"command": "l`'])
    const more = answered(reply, { error: "These are no arguments." })
    expect(textOf(await generate({ ...request, messages: [...request.messages, ...more] }))).toBe("Sorry.")
  })

  it("marks a reply that was cut at the limit, and one that was declined", async () => {
    scripted.script({ items: [{ text: "As long as" }], finish: "length" }, { items: [], finish: "content-filter" })
    expect(await generate(callTo(scripted.url, dialect))).toMatchObject({ finishReason: "length" })
    const declined = await generate(callTo(scripted.url, dialect))
    expect(["refusal", "content-filter"]).toContain(declined.finishReason)
  })

  it.each([
    [429, "rate_limit", true],
    [500, "generic", true],
    [502, "timeout", true],
    [503, "timeout", true],
    [529, "overloaded", true],
    [401, "auth", false],
    [400, "config", false],
    [404, "config", false],
  ])("judges a failure with status %i as %s", async (status, kind, retryable) => {
    scripted.script({ status, message: "It says so.", headers: { "retry-after": "2" } })
    const error = await failureOf(callTo(scripted.url, dialect))
    expect(error).toMatchObject({ kind, retryable, statusCode: status, detail: "It says so.", retryAfterMs: 2_000 })
  })

  it("refuses a wrong key in words that do not repeat it", async () => {
    const request = callTo(scripted.url, dialect)
    const error = await failureOf({ ...request, connection: { ...request.connection, apiKey: "sk-wrong-key" } })
    expect(error).toMatchObject({ kind: "auth", retryable: false })
    expect(JSON.stringify(error)).not.toContain("sk-wrong-key")
  })

  it("tries again what failed in the middle", async () => {
    for (const failure of dialect.failures) {
      raw.answer(answer(dialect, [wholeReply(dialect).said, failure]))
      const error = await failureOf(callTo(raw.url, dialect))
      const { message, retryable } = error
      expect([Buffer.from(failure).toString("latin1"), retryable]).toEqual([expect.any(String), true])
      expect(message).toMatch(/^[A-Z].*\.$/)
    }
  })

  it("is never satisfied with a reply that breaks off, at whichever byte", async () => {
    const { closing, said } = wholeReply(dialect)
    const whole = Buffer.concat([said, closing])
    // The end of what is said, a piece of which is more than one byte, and the beginning of how it ends.
    for (let at = said.length - 120; at < said.length + 20; at++) {
      const end = at % 2 === 0 ? "reset" : "close"
      raw.answer(answer(dialect, whole.subarray(0, at), { end }))
      const error = await failureOf(callTo(raw.url, dialect))
      expect(error, `${end} behind byte ${at}`).toMatchObject({ retryable: true })
    }
    raw.answer(answer(dialect, whole))
    expect(textOf(await generate(callTo(raw.url, dialect)))).toBe(TEXT.join(""))
  })

  it("reads the same in whichever pieces it comes", async () => {
    const { closing, said } = wholeReply(dialect)
    const whole = Buffer.concat([said, closing])
    for (const size of [1, 7, 64]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (__, at) =>
        whole.subarray(at * size, (at + 1) * size),
      )
      raw.answer(answer(dialect, pieces))
      expect(textOf(await generate(callTo(raw.url, dialect)))).toBe(TEXT.join(""))
    }
  })

  it("does not take a page for a reply", async () => {
    const page = "<!doctype html><html><body><h1>Sign in</h1></body></html>"
    for (const status of [200, 404]) {
      raw.answer({ status, headers: { "content-type": "text/html" }, body: page })
      const error = await failureOf(callTo(raw.url, dialect))
      expect(error).toMatchObject({ kind: "config", retryable: false, detail: "Sign in" })
    }
    // One that calls itself a stream is none either.
    raw.answer({ headers: { "content-type": dialect.contentType }, body: page })
    expect((await failureOf(callTo(raw.url, dialect))).detail ?? "").not.toMatch(/<|undefined/)
  })

  it("follows a redirect at home and none to elsewhere", async () => {
    const { closing, said } = wholeReply(dialect)
    raw.answer(
      ({ path }) => ({ status: 307, headers: { location: `/moved${path}` }, body: "" }),
      answer(dialect, [said, closing]),
    )
    expect(textOf(await generate(callTo(raw.url, dialect)))).toBe(TEXT.join(""))
    expect(raw.requests[1]?.path).toMatch(/^\/moved\//)
    raw.answer({ status: 302, headers: { location: "https://elsewhere.example/v1" }, body: "" })
    const error = await failureOf(callTo(raw.url, dialect))
    expect(error).toMatchObject({ kind: "config", retryable: false })
    expect(error.message).toContain("https://elsewhere.example")
  })

  it("waits for a slow first byte, and not for ever", async () => {
    const { closing, said } = wholeReply(dialect)
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    raw.answer(answer(dialect, [() => gate, said, closing]))
    const reply = generate(callTo(raw.url, dialect))
    go()
    expect(textOf(await reply)).toBe(TEXT.join(""))
    raw.answer(answer(dialect, [() => new Promise<void>(() => undefined)]))
    expect(await failureOf(callTo(raw.url, dialect), 100)).toMatchObject({ kind: "startup_timeout", retryable: true })
  })
})

describe.each(DIALECTS.filter(({ name }) => name !== "bedrock").map((dialect) => [dialect.name, dialect] as const))(
  "%s",
  (_, dialect) => {
    it.each(["text/plain", "application/json", "application/octet-stream"])(
      "reads a stream that calls itself %s",
      async (type) => {
        const { closing, said } = wholeReply(dialect)
        raw.answer({ headers: { "content-type": type }, body: [said, closing] })
        expect(textOf(await generate(callTo(raw.url, dialect)))).toBe(TEXT.join(""))
      },
    )
  },
)

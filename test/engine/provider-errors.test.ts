import { beforeAll, describe, expect, it } from "vitest"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"
import type { Step } from "../support/scripted-provider/script.ts"

const SILENCE_MS = 3_000

const engines = useEngines({ TROUPE_STREAM_SILENCE_MS: String(SILENCE_MS), TROUPE_RETRY_CAP_MS: "20" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

interface AttemptRow {
  readonly attempt: number
  readonly reason: string | null
  readonly text: string | null
}

/** Attempts that ended without a message, with the text they had shown. */
const attempts = (chatId: string) =>
  engines.query<AttemptRow>(
    (sql) => sql`
      select a.attempt, a.reason, string_agg(p.part ->> 'text', '' order by p.seq) as text
      from chat_attempts a left join chat_parts p using (chat_id, history_version, attempt)
      where a.chat_id = ${chatId} group by a.history_version, a.attempt, a.reason order by a.history_version, a.attempt`,
  )

/** A chat whose turn waits for its first answer, with a reader that is there before it: retries are told to those present. */
const turn = async (first: Step, ...rest: ReadonlyArray<Step>) => {
  const gate = openGate()
  engines.provider.script({ ...first, after: gate.wait }, ...rest)
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.activity("running.generating")
  gate.open()
  return { chatId, reader }
}

describe("a failure that a retry does not mend", () => {
  it("of the key ends the turn with what to do about it", async () => {
    engines.provider.script({ status: 401, message: "Incorrect API key provided: sk-scripted-123456789." })
    const chatId = await engine.create("go")
    const view = await follow(engine, chatId).activity("error")
    expect(view.error).toMatchObject({
      kind: "auth",
      retryable: false,
      status_code: 401,
      message: "Scripted refused the credentials. Check the API key and what it may access.",
    })
    expect(JSON.stringify(view.error)).not.toContain("123456789")
    expect(view.retries).toEqual([])
    expect(view.lines).toEqual(["user: go"])
    expect(await attempts(chatId)).toEqual([{ attempt: 1, reason: "error", text: null }])
  })

  it("of the content filter ends the turn", async () => {
    engines.provider.script({ items: [{ text: "I will" }], finish: "content-filter" })
    const chatId = await engine.create("go")
    const view = await follow(engine, chatId).activity("error")
    expect(view.error).toMatchObject({ kind: "content_filter", retryable: false })
    expect(view.error?.message).toMatch(/Rephrase the message/)
    expect(view.lines).toEqual(["user: go"])
  })

  it("of an address that is no API ends the turn", async () => {
    engines.provider.script({ document: "<html><b>hello</b></html>", contentType: "text/html" })
    const view = await follow(engine, await engine.create("go")).activity("error")
    expect(view.error).toMatchObject({ kind: "config", retryable: false })
    expect(JSON.stringify(view.error)).not.toContain("<b>")
  })

  it("of a stream that cannot be read ends the turn, and keeps what was shown as an attempt", async () => {
    engines.provider.script({ items: [{ text: "half" }, { raw: "data: {not json\n\n" }, { text: "more" }] })
    const chatId = await engine.create("go")
    const view = await follow(engine, chatId).activity("error")
    expect(view.error).toMatchObject({ message: "Scripted sent a reply that cannot be read.", retryable: false })
    expect(view.lines).toEqual(["user: go"])
    expect(await attempts(chatId)).toEqual([{ attempt: 1, reason: "error", text: "half" }])
  })

  it("is forgotten with the next message", async () => {
    engines.provider.script({ status: 400, message: "invalid model" }, { items: [{ text: "fine" }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("error")
    expect(reader.view.error).toMatchObject({ kind: "config" })
    await engine.send(chatId, "again")
    const view = await reader.activity("waiting")
    expect(view.error).toBeUndefined()
    const [row] = await engines.query((sql) => sql`select last_error from chats where id = ${chatId}`)
    expect(row).toEqual({ last_error: null })
  })
})

describe("a failure that passes", () => {
  it("waits at least as long as the provider asks for", async () => {
    const numbered = engines.provider.requests.length
    const { chatId, reader } = await turn(
      { status: 429, headers: { "retry-after": "1" }, message: "slow down" },
      { items: [{ text: "better" }] },
    )
    await engines.provider.requestArrived(numbered + 1)
    const refusedAt = performance.now()
    await engines.provider.requestArrived(numbered + 2)
    // A timer may fire a millisecond early.
    expect(performance.now() - refusedAt).toBeGreaterThan(990)
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: better"])
    expect(view.retries).toEqual([
      expect.objectContaining({ attempt: 1, delay_ms: 1000, kind: "rate_limit", status_code: 429 }),
    ])
    const [row] = await engines.query(
      (sql) => sql`select retry_state, generation_attempt from chats where id = ${chatId}`,
    )
    expect(row).toEqual({ retry_state: null, generation_attempt: 0 })
  })

  it.each([
    ["a status of 500", { status: 500, message: "oops" }, "generic"],
    ["a status of 529", { status: 529, message: "busy" }, "overloaded"],
    ["a break before the first event", { items: [{ cut: "reset" as const }] }, "timeout"],
    ["a reply of nothing", { items: [{ text: "" }] }, "generic"],
  ] as const)("is retried: %s", async (_, step, kind) => {
    const { reader } = await turn(step, { items: [{ text: "better" }] })
    const view = await reader.idle()
    expect(view.retries).toEqual([expect.objectContaining({ attempt: 1, kind })])
    expect(view.lines).toEqual(["user: go", "assistant: better"])
  })

  it.each(["reset", "end"] as const)(
    "in the middle of a reply keeps what was shown as an attempt (%s)",
    async (cut) => {
      const { chatId, reader } = await turn(
        { items: [{ text: "half a thought" }, { cut }] },
        { items: [{ text: "a whole one" }] },
      )
      const view = await reader.activity("waiting")
      expect(view.lines).toEqual(["user: go", "assistant: a whole one"])
      expect(view.retries).toEqual([expect.objectContaining({ attempt: 1, kind: "timeout" })])
      expect(await attempts(chatId)).toEqual([{ attempt: 1, reason: "retry", text: "half a thought" }])
    },
  )

  it("of a provider that falls silent is retried", async () => {
    const { reader } = await turn({ items: [{ text: "and" }, { silence: true }] }, { items: [{ text: "whole" }] })
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: whole"])
    expect(view.retries).toEqual([expect.objectContaining({ attempt: 1, kind: "startup_timeout" })])
  })

  it("again and again ends the turn after 25 attempts", async () => {
    const oops = (times: number) => ({ status: 500, message: `oops for the time number ${times}` })
    const { reader } = await turn(oops(1), ...Array.from({ length: 24 }, (_, index) => oops(index + 2)))
    const view = await reader.activity("error")
    expect(view.error).toMatchObject({ kind: "generic", retryable: true, status_code: 500, attempts: 25 })
    expect(view.retries.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1))
    expect(view.retries.slice(0, 3).map(({ delay_ms }) => delay_ms)).toEqual([10, 20, 20])
  })

  it("can be interrupted while the chat waits for its next attempt", async () => {
    engines.provider.script({ status: 429, headers: { "retry-after": "600" }, message: "slow down" })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.until(({ retries }) => retries.length === 1)
    await engine.interrupt(chatId)
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go"])
  })
})

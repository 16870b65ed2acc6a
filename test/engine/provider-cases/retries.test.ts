import { setImmediate } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { useRawChats } from "../../support/raw-chats.ts"
import { caseFile, chatText, type RawAnswer, type RawStep, sse } from "../../support/raw-provider.ts"
import { chunk } from "../../support/raw-reply.ts"
import { openGate } from "../../support/scripted-provider.ts"

/** How often a model call is made again, and how long is waited for it. */

const { begin, engine, engines, follow, model, provider, turn } = useRawChats({
  TROUPE_STREAM_SILENCE_MS: "2000",
  TROUPE_ATTEMPTS: "12",
})

const refusal = (message: string): RawAnswer => ({ status: 500, body: JSON.stringify({ error: { message } }) })

describe("a call is made again", () => {
  it("5 times when the refusal repeats itself word for word", async () => {
    provider().always(refusal("oops"))
    const view = await turn("openai-compat")
    expect(view.error).toMatchObject({ kind: "generic", status_code: 500 })
    expect(provider().requests).toHaveLength(5)
  })

  it("as often as the setting says when the words differ", async () => {
    provider().always(() => refusal(`oops ${"again ".repeat(provider().requests.length)}`))
    await turn("openai-compat")
    expect(provider().requests).toHaveLength(12)
  })

  it("with a new count when other words came in between", async () => {
    const view = await turn(
      "openai-compat",
      ...["a", "a", "a", "a", "b", "a", "a", "a", "a"].map(refusal),
      chatText("done"),
    )
    expect(view.lines.at(-1)).toBe("assistant: done")
    expect(provider().requests).toHaveLength(10)
  })

  it("5 times when the answer is cut again and again: it was paid for each time", async () => {
    provider().always(sse(chunk({ content: "half" })))
    await turn("openai-compat")
    expect(provider().requests).toHaveLength(5)
  })

  it("and the count outlives the server", async () => {
    const first = await engines.start()
    const held = openGate()
    const arrived = openGate()
    const hanging: RawStep = () => {
      arrived.open()
      return { ...refusal("oops"), body: [() => held.wait, "{}"] }
    }
    provider().answer(...Array.from({ length: 4 }, () => refusal("oops")), hanging)
    provider().always(refusal("oops"))
    const chatId = await first.create("go", { more: { model_config_id: model("openai-compat") } })
    await arrived.wait
    await first.crash()
    held.open()
    expect((await follow(engine(), chatId).activity("error")).error).toMatchObject({ status_code: 500 })
    // The one that the crash took, and the fifth refusal.
    expect(provider().requests).toHaveLength(6)
  })
})

describe("a wait that the provider asks for", () => {
  it.each([
    ["a day", "16-retry-after-unbounded/day.json", 86_400],
    ["a year", "16-retry-after-unbounded/year.json", 31_536_000],
  ])("of %s ends the turn, which says when to try again", async (_, file, seconds) => {
    const before = Date.now()
    const view = await turn("openai-compat", caseFile(file))
    expect(view.error).toMatchObject({ kind: "rate_limit", status_code: 429 })
    expect(view.error?.message).toMatch(/Try again after \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/)
    const retryAt = Date.parse(view.error?.retry_at ?? "")
    expect(retryAt - before).toBeGreaterThanOrEqual(seconds * 1000)
    expect(retryAt - Date.now()).toBeLessThanOrEqual(seconds * 1000)
    expect(provider().requests).toHaveLength(1)
  })

  it("of ten minutes is waited for", async () => {
    const { chatId, reader } = await begin("openai-compat", {
      ...refusal("later"),
      status: 429,
      headers: { "retry-after": "600" },
    })
    const view = await reader.until(({ retries }) => retries.length === 1)
    expect(view.retries[0]).toMatchObject({ delay_ms: 600_000 })
    await engine().interrupt(chatId)
    await reader.activity("waiting")
  })
})

describe("a provider that takes its time", () => {
  /** A piece each 0.4 s for longer than the silence that is borne. */
  const slowly = (piece: string) =>
    Array.from({ length: 8 }, () => [piece, () => new Promise<void>((resolve) => setTimeout(resolve, 400))]).flat()

  it.each([
    ["comments", ": keepalive\n\n"],
    ["pings", 'event: ping\ndata: {"type":"ping"}\n\n'],
    ["blank lines", "\n"],
  ])("is waited for while it sends %s", async (_, piece) => {
    const answer = sse(chunk({ content: "at last" }), chunk({}, "stop"))
    const view = await turn("openai-compat", { ...answer, body: [...slowly(piece), String(answer.body)] })
    expect(view.lines).toEqual(["user: go", "assistant: at last"])
    expect(provider().requests).toHaveLength(1)
  })

  it("is given up when it sends nothing", async () => {
    const silent: RawAnswer = { ...sse(), body: [": hello\n\n", () => new Promise<void>(() => undefined)] }
    const view = await turn("openai-compat", silent, chatText("better"))
    expect(view.retries).toMatchObject([{ kind: "startup_timeout" }])
    await setImmediate()
    expect(view.lines).toEqual(["user: go", "assistant: better"])
  })
})

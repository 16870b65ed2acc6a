import { describe, expect, it } from "vitest"
import { type Answer, CallRecord, defaultRecordLimits } from "./call-record.ts"

const call = (toolCallId: string, ageMs = 0) => ({ chatId: "chat", messageId: "1", toolCallId, ageMs })
const answer = (body: string) => async (): Promise<Answer> => ({ status: 200, body })
const never = (): Promise<Answer> => {
  throw new Error("must not run")
}

const recordAt = (start: number, limits = {}) => {
  const clock = { now: start }
  return { clock, record: new CallRecord({ ...defaultRecordLimits, ...limits }, () => clock.now) }
}

describe("CallRecord", () => {
  it("answers a repeat from the record and tells how long ago the call ran", async () => {
    const { clock, record } = recordAt(1000)
    expect(await record.answer(call("a"), "f", answer("one"))).toMatchObject({ runAgeMs: 0, repeated: false })
    clock.now = 1700
    expect(await record.answer(call("a", 900), "f", never)).toEqual({
      answer: { status: 200, body: "one" },
      runAgeMs: 700,
      repeated: true,
    })
  })

  it("keeps identities of chats and messages apart", async () => {
    const { record } = recordAt(0)
    await record.answer(call("a"), "f", answer("one"))
    const other = await record.answer({ ...call("a"), chatId: "other" }, "f", answer("two"))
    const later = await record.answer({ ...call("a"), messageId: "2" }, "f", answer("three"))
    expect([other.answer.body, later.answer.body]).toEqual(["two", "three"])
  })

  it("refuses a repeat with other input", async () => {
    const { record } = recordAt(0)
    await record.answer(call("a"), "f", answer("one"))
    await expect(record.answer(call("a"), "g", never)).rejects.toMatchObject({ status: 409, code: "input_mismatch" })
  })

  it("refuses a call made before its own start, unless it is a first run", async () => {
    const { record } = recordAt(500)
    await expect(record.answer(call("a", 501), "f", never)).rejects.toMatchObject({
      code: "agent_started_after_tool_call",
    })
    expect((await record.answer(call("a", 499), "f", answer("ran"))).answer.body).toBe("ran")
    expect((await record.answer(call("b", 0), "f", answer("ran"))).answer.body).toBe("ran")
  })

  it.each([
    ["count", { maxCalls: 2 }],
    ["size", { maxAnswerBytes: 2 }],
    ["age", { maxAgeMs: 250 }],
  ])("forgets by %s, and refuses what it may have forgotten", async (_, limits) => {
    const { clock, record } = recordAt(1000, limits)
    for (const id of ["a", "b", "c"]) {
      await record.answer(call(id), "f", answer("x"))
      clock.now += 200
    }
    await expect(record.answer(call("a", 610), "f", never)).rejects.toMatchObject({ code: "stale_tool_call" })
    expect(await record.answer(call("c", 210), "f", never)).toMatchObject({ repeated: true })
    expect(await record.answer(call("d", 100), "f", answer("new"))).toMatchObject({ repeated: false })
  })

  it("never runs a call canceled before, and tells of one canceled late", async () => {
    const { record } = recordAt(0)
    expect(record.cancel(call("a"))).toBeUndefined()
    await expect(record.answer(call("a"), "f", never)).rejects.toMatchObject({ code: "tool_call_canceled" })
    await record.answer(call("b"), "f", answer("one"))
    expect(await record.cancel(call("b"))).toEqual({ status: 200, body: "one" })
  })
})

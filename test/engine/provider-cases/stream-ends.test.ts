import { describe, expect, it } from "vitest"
import { useRawChats } from "../../support/raw-chats.ts"
import { caseFile, chatText, type RawAnswer, sse } from "../../support/raw-provider.ts"
import { chunk } from "../../support/raw-reply.ts"

/** How a turn takes the end of a reply: as a whole answer, as one with a mark, or as none. */

const { begin, engines, provider, turn } = useRawChats()

const call = sse(
  chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "read_file", arguments: '{"path":"/a"}' } }] }),
  chunk({}, "tool_calls"),
)
const thoughts = caseFile("25-silent-endings/reasoning-only.sse")
const nothing = sse(chunk({ content: "" }), chunk({}, "stop"))

describe("a whole answer is taken at once", () => {
  it.each([
    ["with [DONE] and no finish reason", caseFile("03-done-without-finish/text.sse")],
    ["with a last event without a line end", caseFile("04-last-event-unterminated/chat-no-newline.sse")],
    ["with a last event without a blank line", caseFile("04-last-event-unterminated/chat-one-newline.sse")],
  ])("%s", async (_, answer) => {
    const view = await turn("openai-compat", answer)
    expect(view.activity).toBe("waiting")
    expect(view.transcript).toHaveLength(2)
    expect(view.transcript[1]).not.toHaveProperty("finish_reason")
    expect(provider().requests).toHaveLength(1)
  })

  it("of Responses that closes behind its last event", async () => {
    const view = await turn("openai", caseFile("04-last-event-unterminated/responses.sse"))
    expect(view.lines).toEqual(["user: go", "assistant: whole"])
  })
})

describe("half an answer is never taken as a whole one", () => {
  it.each(["fin-abort", "fin-choice-error", "fin-dsres", "fin-error", "fin-malformed", "fin-net"])(
    "when the provider tells a failure as the reason of the end: %s",
    async (name) => {
      const view = await turn("openai-compat", caseFile(`06-finish-reason-failure/${name}.sse`), chatText("whole"))
      expect(view.lines).toEqual(["user: go", "assistant: whole"])
      expect(view.retries).toHaveLength(1)
    },
  )

  it("when the stream only closes", async () => {
    const view = await turn("openai-compat", sse(chunk({ content: "hal" })), chatText("whole"))
    expect(view.lines).toEqual(["user: go", "assistant: whole"])
  })
})

describe("an answer that is not whole says so in its message", () => {
  it.each<["openai-compat" | "anthropic", string, RawAnswer]>([
    ["openai-compat", "length", caseFile("25-silent-endings/length.sse")],
    ["openai-compat", "refusal", sse(chunk({ refusal: "I can't." }), chunk({}, "stop"))],
    [
      "anthropic",
      "length",
      sse(
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "so far" } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "model_context_window_exceeded" } },
        { type: "message_stop" },
      ),
    ],
  ])("%s: %s", async (type, finish_reason, answer) => {
    const view = await turn(type, answer)
    expect(view.activity).toBe("waiting")
    expect(view.transcript[1]).toMatchObject({ role: "assistant", finish_reason })
    expect(provider().requests).toHaveLength(1)
  })

  it("and a call that was cut off by the limit is not run, which the model is told", async () => {
    const half = { index: 0, id: "a", function: { name: "execute", arguments: "" } }
    const view = await turn("openai-compat", sse(chunk({ tool_calls: [half] }), chunk({}, "length")), chatText("ok"))
    expect(view.lines).toEqual(["user: go", "assistant: <execute>", "tool: <execute failed>", "assistant: ok"])
    expect(view.transcript[1]).toMatchObject({ finish_reason: "length" })
    expect(JSON.stringify(view.transcript[2])).toContain("were cut off")
  })

  it("of which thinking has left nothing ends the turn, with what to do", async () => {
    const view = await turn("openai-compat", sse(chunk({ content: "" }), chunk({}, "length")))
    expect(view.error).toMatchObject({ retryable: false })
    expect(view.error?.message).toMatch(/output limit .* Raise the limit/)
    expect(provider().requests).toHaveLength(1)
  })

  it("is ended by a content filter: what was shown is an attempt", async () => {
    const view = await turn("openai-compat", sse(chunk({ content: "I will" }), chunk({}, "SAFETY")))
    expect(view.error).toMatchObject({ kind: "content_filter" })
    expect(view.lines).toEqual(["user: go"])
  })
})

describe("an answer of nothing", () => {
  it.each([
    ["no words", nothing],
    ["blank lines", sse(chunk({ content: "\n\n" }), chunk({}, "stop"))],
    ["[DONE] alone", sse("[DONE]")],
  ])("is asked for again, and is an error if it stays: %s", async (_, answer) => {
    expect((await turn("openai-compat", answer, chatText("better"))).lines).toEqual(["user: go", "assistant: better"])
    provider().reset()
    const view = await turn("openai-compat", answer, answer, answer)
    expect(view.error?.message).toBe("Raw ended its reply without saying anything.")
    expect(view.lines).toEqual(["user: go"])
  })

  it("but thoughts is asked for again, and is kept with a mark if it stays", async () => {
    expect((await turn("openai-compat", thoughts, chatText("better"))).lines).toEqual(["user: go", "assistant: better"])
    provider().reset()
    const view = await turn("openai-compat", thoughts, thoughts, thoughts)
    expect(view.activity).toBe("waiting")
    expect(view.retries.map(({ error }) => error)).toEqual(Array(2).fill("Raw thought and gave no answer."))
    expect(view.transcript.at(-1)).toMatchObject({ finish_reason: "reasoning_only", content: [{ type: "reasoning" }] })
  })

  it("after the results of tools ends the turn well, and its tokens are counted", async () => {
    const { chatId, reader } = await begin(
      "openai-compat",
      call,
      sse(chunk({}, "stop"), { choices: [], usage: { prompt_tokens: 7, completion_tokens: 1 } }),
    )
    const view = await reader.idle()
    expect([view.activity, view.error]).toEqual(["waiting", undefined])
    expect(view.lines).toEqual(["user: go", "assistant: <read_file>", expect.stringMatching(/^tool: /)])
    expect(provider().requests).toHaveLength(2)
    const rows = await engines.query(
      (sql) => sql`
      select input_tokens, visibility from chat_messages where chat_id = ${chatId} order by id desc limit 1`,
    )
    expect(rows).toEqual([{ input_tokens: 7, visibility: "model" }])
  })

  it("after the results of tools, from Claude, too; and the chat goes on", async () => {
    const use = sse(
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "tool_use", id: "toolu_1", name: "read_file", input: { path: "/a" } },
      },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "tool_use" } },
      { type: "message_stop" },
    )
    expect((await turn("anthropic", use, caseFile("19-empty-end-turn/step2.sse"))).activity).toBe("waiting")
    expect(provider().requests).toHaveLength(2)
  })

  it("after the results of tools is asked for again where the provider gave no reason", async () => {
    const view = await turn("openai-compat", call, sse("[DONE]"), chatText("done"))
    expect(view.lines.at(-1)).toBe("assistant: done")
  })
})

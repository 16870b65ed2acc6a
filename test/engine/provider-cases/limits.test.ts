import { describe, expect, it } from "vitest"
import { useRawChats } from "../../support/raw-chats.ts"
import { chatText, type RawAnswer, sse } from "../../support/raw-provider.ts"
import { chunk } from "../../support/raw-reply.ts"

/** Replies that are larger, deeper or more than any that is meant. */

const { begin, engine, engines, provider, turn } = useRawChats()

const KIB = 1024
const piece = "x".repeat(64 * KIB)
/** So many events of 64 KiB, and an end. */
const pieces = (count: number, delta: (text: string) => object): RawAnswer =>
  sse(...Array.from({ length: count }, () => chunk(delta(piece))), chunk({}, "stop"), "[DONE]")
const call = (index: number, name: string, args: string) => ({
  tool_calls: [{ index, id: `c${index}`, function: { name, arguments: args } }],
})

describe("a reply past a limit ends its turn for good, and what was shown of it is kept", () => {
  it.each<[string, RawAnswer, RegExp]>([
    ["text", pieces(33, (content) => ({ content })), /more than 2 MiB in one reply/],
    ["reasoning", pieces(33, (reasoning) => ({ reasoning })), /more than 2 MiB in one reply/],
    [
      "arguments",
      sse(
        chunk(call(0, "execute", '{"command":"')),
        ...Array.from({ length: 33 }, () => chunk(call(0, "execute", piece))),
      ),
      /more than 2 MiB in one reply/,
    ],
    [
      "two-byte characters, of which half as many fit",
      pieces(17, () => ({ content: "é".repeat(64 * KIB) })),
      /more than 2 MiB in one reply/,
    ],
    [
      "calls",
      sse(chunk({ content: "so" }), ...Array.from({ length: 257 }, (_, index) => chunk(call(index, "execute", "{}")))),
      /more than 256 tool calls/,
    ],
    [
      "a tool's name",
      sse(chunk({ content: "so" }), chunk(call(0, "n".repeat(129), "{}"))),
      /a tool name of more than 128 characters/,
    ],
    [
      "sources",
      sse(
        chunk({ content: "so" }),
        ...Array.from({ length: 11 }, (_, page) =>
          chunk({
            annotations: Array.from({ length: 100 }, (_none, index) => ({
              url_citation: { url: `https://a.example/${page}/${index}` },
            })),
          }),
        ),
      ),
      /more than 1000 sources/,
    ],
    [
      "data of the provider's own",
      pieces(33, (text) => ({
        content: "so",
        reasoning_details: [{ type: "reasoning.encrypted", index: text.length, data: text }],
      })),
      /more than 2 MiB of data of its own/,
    ],
  ])("%s", async (_, answer, words) => {
    const { chatId, reader } = await begin("openai-compat", answer)
    const view = await reader.idle()
    expect(view.error).toMatchObject({ kind: "generic", retryable: false })
    expect(view.error?.message).toMatch(words)
    expect(view.lines).toEqual(["user: go"])
    expect(provider().requests).toHaveLength(1)
    const attempts = await engines.query(
      (sql) => sql`
      select a.reason, count(p.seq)::int > 0 as shown from chat_attempts a left join chat_parts p using (chat_id, history_version, attempt)
      where a.chat_id = ${chatId} group by a.reason`,
    )
    expect(attempts).toEqual([{ reason: "error", shown: true }])
  })

  it("and the chat goes on with the next message", async () => {
    const { chatId, reader } = await begin(
      "openai-compat",
      pieces(33, (content) => ({ content })),
      chatText("short"),
    )
    await reader.activity("error")
    await engine().send(chatId, "shorter, please")
    expect((await reader.activity("waiting")).lines.at(-1)).toBe("assistant: short")
  })
})

describe("a reply within the limits is taken", () => {
  it("2 MiB of text", async () => {
    const view = await turn(
      "openai-compat",
      pieces(32, (content) => ({ content })),
    )
    expect(view.transcript[1]?.content).toMatchObject([{ type: "text", text: piece.repeat(32) }])
  })

  it("256 calls", async () => {
    const calls = Array.from({ length: 256 }, (_, index) => chunk(call(index, "nobody_has_it", "{}")))
    const view = await turn("openai-compat", sse(...calls, chunk({}, "tool_calls")), chatText("done"))
    expect(view.lines.at(-1)).toBe("assistant: done")
  })

  it("the same sources again and again", async () => {
    const annotations = [{ url_citation: { url: "https://a.example", title: "A" } }]
    const view = await turn(
      "openai-compat",
      sse(...Array.from({ length: 1_001 }, () => chunk({ content: "a", annotations })), chunk({}, "stop")),
    )
    expect(view.transcript[1]?.content.filter(({ type }) => type === "source")).toHaveLength(1)
  })
})

describe("arguments that nest too deeply are no arguments, which the model is told", () => {
  const nested = (levels: number) => `{"command":${"[".repeat(levels)}${"]".repeat(levels)}}`
  it.each([
    ["6,000 levels in a text", call(0, "execute", nested(6_000))],
    ["101 levels in a text", call(0, "execute", nested(100))],
    [
      "6,000 levels in an object",
      {
        tool_calls: [
          { index: 0, id: "a", function: { name: "execute", arguments: JSON.parse(nested(3_000)) as unknown } },
        ],
      },
    ],
  ])("%s", async (_, delta) => {
    const { chatId, reader } = await begin("openai-compat", sse(chunk(delta), chunk({}, "tool_calls")), chatText("ok"))
    const view = await reader.idle()
    expect(view.lines).toEqual(["user: go", "assistant: <execute>", "tool: <execute failed>", "assistant: ok"])
    expect(JSON.stringify(view.transcript[2])).toContain("at most 100 levels")
    expect(provider().requests).toHaveLength(2)
    const rows = await engines.query(
      (sql) => sql`select args, args_text is not null as text from tool_calls where chat_id = ${chatId}`,
    )
    expect(rows).toEqual([{ args: null, text: true }])
  })

  it("100 levels are arguments", async () => {
    const { chatId, reader } = await begin(
      "openai-compat",
      sse(chunk(call(0, "read_file", nested(99))), chunk({}, "tool_calls")),
      chatText("ok"),
    )
    await reader.idle()
    const rows = await engines.query((sql) => sql`select args_text from tool_calls where chat_id = ${chatId}`)
    expect(rows).toEqual([{ args_text: null }])
  })

  it("and are kept as text when the user stops the reply", async () => {
    const delta = call(0, "execute", nested(6_000))
    const never = new Promise<void>(() => undefined)
    const { chatId, reader } = await begin("openai-compat", {
      ...sse(),
      body: [String(sse(chunk(delta)).body), () => never],
    })
    await reader.shown("<execute>")
    await engine().interrupt(chatId)
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: <execute>", "tool: <execute failed>"])
  })

  it("data of the provider's own that nests too deeply is left out, and the answer taken", async () => {
    const deep = "[".repeat(5_000) + "]".repeat(5_000)
    const event = `{"choices":[{"delta":{"content":"whole","reasoning_details":[{"type":"x","data":${deep}}]}}]}`
    const view = await turn("openai-compat", sse(event, chunk({}, "stop")))
    expect(view.lines).toEqual(["user: go", "assistant: whole"])
  })
})

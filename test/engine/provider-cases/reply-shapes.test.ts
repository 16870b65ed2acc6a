import { describe, expect, it } from "vitest"
import { type RawTurn, useRawChats } from "../../support/raw-chats.ts"
import { caseFile, chatText, sse, type RawAnswer } from "../../support/raw-provider.ts"
import { chunk } from "../../support/raw-reply.ts"

/** What becomes of odd but readable replies in a chat; how each is read is told in `src/providers/reply-shapes.test.ts`. */

const { begin, engines, provider, turn } = useRawChats()

const ended = new Map<string, number>()

/** The chat at rest, once these commands of its tools have been started and have ended. */
const afterCommands = async ({ reader }: RawTurn, ...commands: ReadonlyArray<string>) => {
  for (const command of commands) {
    const times = (ended.get(command) ?? 0) + 1
    ended.set(command, times)
    await engines.workspace.startedTimes(command, times)
    engines.workspace.end(command)
  }
  return reader.idle()
}

const anthropicText = sse(
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "done" } },
  { type: "message_delta", delta: { stop_reason: "end_turn" } },
  { type: "message_stop" },
)
const responsesText = sse({
  type: "response.completed",
  response: {
    status: "completed",
    output: [{ type: "message", id: "m", content: [{ type: "output_text", text: "done" }] }],
  },
})

describe("two calls with one id", () => {
  it.each<["openai-compat" | "openai" | "anthropic", string, RawAnswer, ReadonlyArray<string>]>([
    ["openai-compat", "chat", chatText("done"), ["echo one", "echo two"]],
    ["openai", "responses", responsesText, ["echo 0", "echo 1"]],
    ["anthropic", "anthropic", anthropicText, ["echo 1", "echo 2"]],
  ])("are two calls with two results (%s)", async (type, file, last, commands) => {
    const chat = await begin(type, caseFile(`08-duplicate-call-ids/${file}.sse`), last)
    const view = await afterCommands(chat, ...commands)
    expect(view.lines.at(-1)).toBe("assistant: done")
    const ids = view.transcript.flatMap(({ content }) =>
      content.flatMap((part) => ("tool_call_id" in part ? [part.tool_call_id] : [])),
    )
    expect(ids).toHaveLength(4)
    expect(new Set(ids).size).toBe(2)
    const rows = await engines.query(
      (sql) => sql`select provider_call_id from tool_calls where chat_id = ${chat.chatId}`,
    )
    expect(rows).toHaveLength(2)
  })
})

describe("counts that are none", () => {
  it.each<["openai-compat" | "openai" | "anthropic", string]>([
    ["openai-compat", "float"],
    ["openai-compat", "huge"],
    ["openai", "responses"],
    ["anthropic", "anthropic"],
  ])("do not cost the answer (%s, %s)", async (type, file) => {
    const view = await turn(type, caseFile(`14-usage-not-integer/${file}.sse`))
    expect(view.activity).toBe("waiting")
    expect(view.transcript).toHaveLength(2)
    expect(provider().requests).toHaveLength(1)
    const counts = Object.values(view.transcript[1]?.usage ?? {})
    expect(counts.length).toBeGreaterThan(0)
    expect(counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0)).toBe(true)
  })

  it("do not keep a tool from running", async () => {
    const chat = await begin("openai-compat", caseFile("14-usage-not-integer/tool-step.sse"), chatText("done"))
    const view = await afterCommands(chat, "echo hi")
    expect(view.lines.at(-1)).toBe("assistant: done")
    expect(provider().requests).toHaveLength(2)
  })
})

it("a whole reply in one document is an answer", async () => {
  const body = JSON.stringify({
    object: "chat.completion",
    choices: [{ message: { content: "whole" }, finish_reason: "stop" }],
  })
  const view = await turn("openai-compat", { headers: { "content-type": "application/json" }, body })
  expect(view.lines).toEqual(["user: go", "assistant: whole"])
})

it("content in lists is an answer with its reasoning", async () => {
  const view = await turn("openai-compat", caseFile("05-content-as-array/all-array.sse"))
  expect(view.transcript[1]?.content).toMatchObject([
    { type: "reasoning", text: "pondering more" },
    { type: "text", text: "Hello world" },
  ])
})

it("what a server puts on a call is kept with it and shown to nobody", async () => {
  const chat = await begin("openai-compat", caseFile("01-thought-signature/step1.sse"), chatText("done"))
  const view = await afterCommands(chat, "echo hi")
  expect(JSON.stringify(view.transcript)).not.toContain("SIG-1")
  const rows = await engines.query<{ readonly kept: unknown }>(
    (sql) => sql`
    select content -> 0 -> 'provider_metadata' as kept from chat_messages where chat_id = ${chat.chatId} and role = 'assistant' order by id limit 1`,
  )
  expect(rows[0]?.kept).toEqual({
    openai_chat: { call: { extra_content: { google: { thought_signature: "SIG-1" } } } },
  })
})

it("thoughts that a server sends with a call keep the field they came in", async () => {
  const call = { index: 0, id: "a", function: { name: "read_file", arguments: '{"path":"/a"}' } }
  const { chatId, reader } = await begin(
    "openai-compat",
    sse(chunk({ reasoning_content: "" }), chunk({ tool_calls: [call] }), chunk({}, "tool_calls")),
    chatText("done"),
  )
  await reader.idle()
  const rows = await engines.query(
    (sql) => sql`
    select content -> 0 -> 'provider_metadata' as kept from chat_messages where chat_id = ${chatId} and role = 'assistant' order by id limit 1`,
  )
  expect(rows).toEqual([{ kept: { openai_chat: { field: "reasoning_content" } } }])
})

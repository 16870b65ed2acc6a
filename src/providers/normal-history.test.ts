import { describe, expect, it } from "vitest"
import { requestTo, tool, user } from "../../test/support/provider-call.ts"
import type { Part, ToolCallPart } from "../contract/parts.ts"
import { cleanCallId } from "./call-names.ts"
import { type Dialect, normalHistory } from "./normal-history.ts"
import type { GenerateRequest, PromptMessage } from "./provider.ts"

const LOOSE: Dialect = { protocol: "ours", plain: ["field"], callId: cleanCallId, repliesToResults: false }
const STRICT: Dialect = { ...LOOSE, repliesToResults: true }

const connection = { type: "openai-compat", displayName: "X", baseUrl: "http://x", apiKey: "k", headers: {} } as const

const normal = (
  messages: ReadonlyArray<PromptMessage>,
  { dialect = LOOSE, ...more }: Partial<GenerateRequest> & { readonly dialect?: Dialect } = {},
) => normalHistory(requestTo(connection, messages, { tools: [tool("t")], ...more }), dialect)

const text = (words: string): Part => ({ type: "text", text: words })
const call = (id: string, more: Partial<ToolCallPart> = {}): Part => ({
  type: "tool-call",
  tool_call_id: id,
  tool_name: "t",
  args: {},
  ...more,
})
const result = (id: string, words: string = id): Part => ({
  type: "tool-result",
  tool_call_id: id,
  tool_name: "t",
  result: words,
})
const assistant = (...parts: ReadonlyArray<Part>): PromptMessage => ({ role: "assistant", parts })
const answers = (...parts: ReadonlyArray<Part>): PromptMessage => ({ role: "tool", parts })

/** The messages as `role: what is in them`. */
const outline = (messages: ReadonlyArray<PromptMessage>) =>
  messages.map(({ parts, role }) => {
    const said = parts.map((part) => {
      if (part.type === "tool-call") return `${part.tool_call_id}()`
      if (part.type === "tool-result")
        return `${part.tool_call_id}=${part.is_error === true ? "none" : String(part.result)}`
      return part.type === "text" ? part.text : part.type
    })
    return `${role}: ${said.join(" ")}`
  })

describe("calls and results", () => {
  it("stand behind one another, each call with one result in the order of the calls", () => {
    const messages = [
      user("go"),
      answers(result("before")),
      assistant(call("a"), call("b"), call("c")),
      answers(result("c"), result("other")),
      answers(result("a"), result("a", "again")),
      user("hm"),
      answers(result("b", "too late")),
      assistant(call("d")),
    ]
    expect(outline(normal(messages))).toEqual([
      "user: go",
      "assistant: a() b() c()",
      "tool: a=a b=none c=c",
      "user: hm",
      "assistant: d()",
      "tool: d=none",
    ])
  })

  it("belong together by their place when two calls of one reply have the same id", () => {
    const step = [assistant(call("x"), call("x")), answers(result("x", "first")), answers(result("x", "second"))]
    expect(outline(normal([user("go"), ...step, ...step]))).toEqual([
      "user: go",
      "assistant: x() x_2()",
      "tool: x=first x_2=second",
      "assistant: x_3() x_4()",
      "tool: x_3=first x_4=second",
    ])
  })

  it("have the same name, cleaned", () => {
    const name = "functions.t<|end|>"
    const [, made, answered] = normal([user("go"), assistant(call("a", { tool_name: name })), answers(result("a"))])
    expect([made?.parts[0], answered?.parts[0]]).toMatchObject([
      { tool_name: "functions_t_end_" },
      { tool_name: "functions_t_end_" },
    ])
  })

  it("take objects as arguments, nested no deeper than servers read", () => {
    let deep: unknown = "bottom"
    for (let level = 0; level < 20_000; level++) deep = { deep }
    const calls = [{ args: [1] }, { args: undefined, args_text: '{"a' }, { args: { deep } }]
    const [, made] = normal([user("go"), assistant(...calls.map((args, at) => call(`c${at}`, args)))])
    const [list, cut, nested] = (made?.parts ?? []).map((part) => (part.type === "tool-call" ? part.args : undefined))
    expect(list).toEqual({ invalid_arguments: [1] })
    expect(cut).toEqual({ invalid_arguments: '{"a' })
    expect(JSON.stringify(nested)).toMatch(/^(\{"deep":){100}"\[nested too deep to be shown\]"\}{100}$/)
  })

  it("need no result where the provider ran the call itself, and go as words to others", () => {
    const found = [{ title: "Cats", url: "https://cats.example" }]
    const search = assistant(call("s", { provider_executed: true, provider_metadata: { ours: {} } }), {
      type: "tool-result",
      tool_call_id: "s",
      tool_name: "web_search",
      provider_executed: true,
      result: found,
    })
    expect(outline(normal([user("go"), search, user("on")]))[1]).toContain("s() Web search results:")
    expect(outline(normal([user("go"), search, user("on")], { origin: "b/1" }))).toEqual([
      "user: go",
      "assistant: Web search results:\n- Cats https://cats.example",
      "user: on",
    ])
  })
})

describe("turns", () => {
  it("have neighbouring user messages joined, and blank ones left out", () => {
    const file: Part = { type: "file", media_type: "image/png", data: "aGk=" }
    const messages = [
      user("one"),
      user(" "),
      assistant(text(" ")),
      { role: "user", parts: [file] } as const,
      user("two"),
    ]
    expect(outline(normal(messages))).toEqual(["user: one \n\n file \n\n two"])
  })

  it("have a word of the assistant between results and a user, where a template wants it", () => {
    const messages = [user("go"), assistant(call("a")), answers(result("a")), user("stop")]
    expect(outline(normal(messages))).toHaveLength(4)
    const strict = normal(messages, { dialect: STRICT })
    expect(strict.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"])
  })

  it("begin with a user and end with somebody to answer, whatever is left of the chat", () => {
    expect(normal([assistant(text("so"))]).map(({ role }) => role)).toEqual(["user", "assistant", "user"])
    expect(normal([assistant(text("so")), assistant(text("and"))]).map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ])
    expect(outline(normal([]))).toEqual(["user: Go on."])
  })

  it("end with a paused reply that goes on", () => {
    const paused = assistant({ type: "reasoning", text: "hm", provider_metadata: { ours: { seal: 1 } } })
    expect(outline(normal([user("go"), paused], { goesOn: true }))).toEqual(["user: go", "assistant: reasoning"])
    expect(outline(normal([user("go"), paused]))).toEqual(["user: go"])
  })
})

describe("what a provider made", () => {
  const made = (origin: string | undefined): PromptMessage => ({
    role: "assistant",
    origin,
    parts: [
      { type: "reasoning", text: "sealed", provider_metadata: { ours: { seal: "s" } } },
      { type: "reasoning", text: "in a field", provider_metadata: { ours: { field: "f", seal: "s" } } },
      { type: "reasoning", text: "bare" },
      { type: "text", text: "said", provider_metadata: { ours: { seal: "s" } } },
      call("a", { provider_metadata: { ours: { seal: "s" } } }),
    ],
  })
  const sent = (origin: string | undefined, more: Partial<GenerateRequest> = {}) =>
    normal([user("go"), made(origin)], { origin: "endpoint/mine", ...more })[1]?.parts

  it("goes back to it as it came", () => {
    expect(sent("endpoint/mine")).toEqual(made(undefined).parts)
  })

  it("goes without its seals to another account of the same endpoint", () => {
    expect(sent("endpoint/theirs")).toEqual([
      { type: "reasoning", text: "in a field", provider_metadata: { ours: { field: "f" } } },
      { type: "reasoning", text: "bare" },
      text("said"),
      call("a"),
    ])
  })

  it.each([
    ["another endpoint", "elsewhere/mine", {}],
    ["one of which nothing is known", undefined, {}],
    ["a provider that refused it", "endpoint/mine", { reasoning: "omit" }],
  ] as const)("goes as what it said to %s", (_, origin, more) => {
    expect(sent(origin, more)).toEqual([text("said"), call("a")])
  })
})

it("texts are whole Unicode without NUL", () => {
  const bad = "a \0 b \ud83d"
  const messages = [
    user(bad),
    assistant(text(bad), call("a", { args: { bad } })),
    answers({ type: "tool-result", tool_call_id: "a", tool_name: "t", result: { bad } }),
  ]
  const sent = JSON.stringify(normal(messages))
  expect(sent).not.toMatch(/\\u0000|\\ud83d/)
  expect(sent.match(/a � b �/g)).toHaveLength(4)
})

import { describe, expect, it } from "vitest"
import { messageRow } from "../../test/support/message-row.ts"
import type { Part } from "../contract/parts.ts"
import type { MessageRow } from "../db/chats/rows.ts"
import { responseChain } from "./response-chain.ts"

const MODEL = { modelConfigId: "model-a", origin: "a/mine" }

const row = (role: MessageRow["role"], content: ReadonlyArray<Part>, more: Partial<MessageRow> = {}): MessageRow =>
  messageRow(role, content, { model_config_id: MODEL.modelConfigId, provider_origin: MODEL.origin, ...more })

const text = (words: string): Part => ({ type: "text", text: words })
const call = (more: object = {}): Part => ({ type: "tool-call", tool_call_id: "a", tool_name: "t", ...more })
const result: Part = { type: "tool-result", tool_call_id: "a", tool_name: "t", result: "ok" }

const user = (words: string, more: Partial<MessageRow> = {}) => row("user", [text(words)], more)
const answer = (more: Partial<MessageRow> = {}) =>
  row("assistant", [text("hello")], { provider_response_id: "resp_1", ...more })

const first = { turn_plan_mode: false, generation_attempt: 1 }

describe("a call goes on from the provider's last response", () => {
  it("with the user's messages since, as the prompt has them", () => {
    const rows = [row("system", [text("rules")]), user("hi"), answer(), user("and"), user(" "), user("now?")]
    expect(responseChain(rows, first, MODEL)).toEqual({
      previousResponseId: "resp_1",
      messages: [
        { role: "user", parts: [text("and")] },
        { role: "user", parts: [text(" ")] },
        { role: "user", parts: [text("now?")] },
      ],
    })
  })

  it("when that came after calls whose results the provider has seen, or was a search of its own", () => {
    const searched = answer({ content: [call({ provider_executed: true }), text("found")] })
    const rows = [user("go"), row("assistant", [call()]), row("tool", [result]), searched, user("on")]
    expect(responseChain(rows, first, MODEL)?.messages).toEqual([{ role: "user", parts: [text("on")] }])
  })
})

describe("a call carries the whole conversation", () => {
  it.each<readonly [string, ReadonlyArray<MessageRow>]>([
    ["at the start", [user("hi")]],
    ["without a response id", [user("hi"), answer({ provider_response_id: null }), user("on")]],
    ["after the reply of another model", [user("hi"), answer({ provider_origin: "b/mine" }), user("on")]],
    ["after the reply to another account", [user("hi"), answer({ provider_origin: "a/theirs" }), user("on")]],
    ["after a reply of before origins were kept", [user("hi"), answer({ provider_origin: null }), user("on")]],
    [
      "when an older response is the last with an id",
      [answer(), user("hi"), row("assistant", [text("cut")]), user("on")],
    ],
    ["with nothing new", [user("hi"), answer()]],
    ["with nothing new but blank text", [user("hi"), answer(), user("  ")]],
    ["within a turn, after a step with calls", [user("hi"), answer({ content: [call()] }), row("tool", [result])]],
    ["with a call that has no result", [user("hi"), answer({ content: [text("so"), call()] }), user("on")]],
    [
      "with a call that was interrupted",
      [user("hi"), answer({ content: [call()] }), row("tool", [result]), user("on")],
    ],
    ["after a summary", [user("hi"), answer(), user("what was", { compressed: true }), user("on")]],
  ])("%s", (_, rows) => {
    expect(responseChain(rows, first, MODEL)).toBeUndefined()
  })

  it("in plan mode, and from the second attempt on", () => {
    const rows = [user("hi"), answer(), user("on")]
    expect(responseChain(rows, first, MODEL)).toBeDefined()
    expect(responseChain(rows, { ...first, turn_plan_mode: true }, MODEL)).toBeUndefined()
    expect(responseChain(rows, { ...first, generation_attempt: 2 }, MODEL)).toBeUndefined()
  })
})

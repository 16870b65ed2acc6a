import { describe, expect, it } from "vitest"
import { messageRow } from "../../test/support/message-row.ts"
import type { Part } from "../contract/parts.ts"
import { buildPrompt } from "./prompt.ts"

const CALLED = { modelConfigId: "model-a", origin: "a/mine" }

const text = (words: string): Part => ({ type: "text", text: words })

describe("the prompt", () => {
  it("keeps system texts apart from the conversation, and blank ones out", () => {
    const rows = [
      messageRow("system", [text("rules")]),
      messageRow("user", [text("hi")]),
      messageRow("system", [text("more"), text(" ")]),
    ]
    expect(buildPrompt(rows, CALLED)).toEqual({
      system: ["rules", "more"],
      messages: [{ role: "user", parts: [text("hi")] }],
    })
  })

  it("says who made a reply: by what was kept, else by the model config", () => {
    const made = (provider_origin: string | null, model_config_id: string | null) =>
      messageRow("assistant", [text("so")], { provider_origin, model_config_id })
    const rows = [
      made("a/theirs", "model-a"),
      made("b/mine", "model-b"),
      made(null, "model-a"),
      made(null, "model-b"),
      made(null, null),
    ]
    const origins = buildPrompt(rows, CALLED).messages.map(({ origin }) => origin)
    expect(origins).toEqual(["a/theirs", "b/mine", "a/mine", undefined, undefined])
  })
})

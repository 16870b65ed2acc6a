import { renderToStaticMarkup } from "react-dom/server"
import { expect, it } from "vitest"
import type { Message } from "../../../src/contract/chats.ts"
import { MessageRow } from "./message-row.tsx"

const answer = (more: Partial<Message> = {}): Message => ({
  id: 2,
  chat_id: "6f0d9a3e-0000-4000-8000-000000000001",
  created_at: "2026-06-01T10:00:00Z",
  role: "assistant",
  content: [{ type: "reasoning", text: "hm" }],
  ...more,
})

const shown = (message: Message): string => renderToStaticMarkup(<MessageRow message={message} />)

it.each([
  [
    "length",
    "The reply was cut at the output limit. Send “continue”, or raise the limit in the model&#x27;s settings.",
  ],
  ["refusal", "The model declined to answer. Edit your message, or send another one."],
  ["reasoning_only", "The model thought and gave no answer. Send “continue” to ask for one."],
  ["paused", "The provider paused in the middle of its work. Send “continue” to let it go on."],
] as const)("an answer that ended with %s says so, and what to do", (finish_reason, words) => {
  expect(shown(answer({ finish_reason }))).toContain(words)
})

it("a whole answer says nothing of its end", () => {
  expect(shown(answer())).not.toMatch(/continue|cut|declined/)
})

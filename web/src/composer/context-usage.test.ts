import { expect, it } from "vitest"
import type { Message } from "../../../src/contract/chats.ts"
import type { Usage } from "../../../src/contract/parts.ts"
import { contextUsage, percentOf } from "./context-usage.ts"

const answer = (usage: Usage | undefined, tool?: string): Message => ({
  id: 1,
  chat_id: "c",
  created_at: "2026-06-01T10:00:00Z",
  role: "assistant",
  content: tool === undefined ? [] : [{ type: "tool-call", tool_call_id: "t", tool_name: tool, args: {} }],
  ...(usage === undefined ? {} : { usage }),
})
const prompt: Message = { ...answer(undefined), role: "user" }

it.each<[string, ReadonlyArray<Message>, number | undefined]>([
  ["is not known before an answer", [prompt], undefined],
  [
    "is that of the last answer",
    [answer({ input_tokens: 9 }), answer({ input_tokens: 20, output_tokens: 5 }), prompt],
    25,
  ],
  ["passes over an answer that tells nothing", [answer({ input_tokens: 20, output_tokens: 5 }), answer({})], 25],
  [
    "counts what was cached beside the input",
    [answer({ input_tokens: 5, output_tokens: 5, cache_read_tokens: 40, total_tokens: 50 })],
    50,
  ],
  [
    "is not known since the context began anew",
    [answer({ input_tokens: 20 }), answer(undefined, "chat_summarized")],
    undefined,
  ],
  ["nor since it was cleared", [answer({ input_tokens: 20 }), answer(undefined, "context_cleared"), prompt], undefined],
])("the use of the context %s", (_, messages, used) => {
  expect(contextUsage(messages, 100)?.used).toBe(used)
})

it("is told by the limit of the model that is asked next, else by that of the answer", () => {
  const messages = [answer({ input_tokens: 50, context_limit: 100 })]
  expect(contextUsage(messages, undefined)).toEqual({ used: 50, limit: 100 })
  expect(contextUsage(messages, 200)).toEqual({ used: 50, limit: 200 })
  expect([percentOf({ used: 50, limit: 200 }), percentOf({ used: 500, limit: 200 })]).toEqual([25, 100])
})

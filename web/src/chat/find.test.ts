import { expect, it } from "vitest"
import type { Message } from "../../../src/contract/chats.ts"
import { findMatches, placeOf } from "./find.ts"
import { resultsOf, timelineRows } from "./rows.ts"
import { turnRows } from "./turns.ts"

const message = (id: number, role: Message["role"], content: Message["content"]): Message => ({
  id,
  chat_id: "c",
  created_at: `2026-06-01T10:00:0${id}Z`,
  role,
  content,
})
const messages = [
  message(1, "user", [{ type: "text", text: "Find the Needle" }]),
  message(2, "assistant", [
    { type: "reasoning", text: "a needle, where" },
    { type: "tool-call", tool_call_id: "a", tool_name: "execute", args: { command: "grep -r needle" } },
  ]),
  message(3, "tool", [
    { type: "tool-result", tool_call_id: "a", tool_name: "execute", result: { success: true, output: "hay/stack" } },
  ]),
  message(4, "assistant", [{ type: "text", text: "It is in **hay**: Cafe\u0301" }]),
]
const find = (words: string) => findMatches(messages, resultsOf(messages), words)
const rowsWith = (unfolded: ReadonlyArray<string>) =>
  turnRows(timelineRows(messages, []), {
    allLoaded: true,
    attempts: [],
    preview: undefined,
    results: resultsOf(messages),
    running: false,
    unfolded: new Set(unfolded),
    writtenBy: new Map(),
  })

it("finds words in any case of letters, in what was said, thought, called and answered", () => {
  expect(find("needle").map(({ messageId, part, inside }) => [messageId, part, inside])).toEqual([
    [1, 0, undefined],
    [2, 0, "thoughts"],
    [2, 1, undefined],
  ])
  expect(find("HAY").map(({ messageId, inside, toolCallId }) => [messageId, inside, toolCallId])).toEqual([
    [2, "call", "a"],
    [4, undefined, undefined],
  ])
})

it("letters with marks are found however they are written", () => {
  expect(find("caf\u00e9").length).toBe(1)
})

it.each(["", "  ", "nothing of this"])("finds nothing for %j", (words) => {
  expect(find(words)).toEqual([])
})

it("what is folded is found in its fold, and in its row once that is open", () => {
  const [, , called] = find("needle")
  if (called === undefined) throw new Error("The call was not found")
  expect(placeOf(rowsWith([]), called)).toMatchObject({ kind: "fold", id: "m4" })
  expect(placeOf(rowsWith(["m4"]), called)).toMatchObject({ kind: "agent", key: "m2" })
})

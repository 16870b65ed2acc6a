import { expect, it } from "vitest"
import type { Message } from "../../../src/contract/chats.ts"
import { SNAPSHOT_MESSAGES } from "../stream/connection.ts"
import { editedContent, isReplaced } from "./editing.ts"

const reference = { type: "file-reference", file_name: "a.ts", start_line: 1, end_line: 3, content: "x" } as const
const message: Message = {
  id: 1,
  chat_id: "c",
  created_at: "2026-06-01T10:00:00Z",
  role: "user",
  content: [
    { type: "text", text: "old " },
    { type: "file", media_type: "image/png", file_id: "f1" },
    { type: "text", text: "words" },
    reference,
  ],
}

it("puts the new text in place of all text and keeps the files", () => {
  expect(editedContent(message, "new")).toEqual([
    { type: "text", text: "new" },
    { type: "file", file_id: "f1" },
    reference,
  ])
})

it("may be files alone", () => {
  expect(editedContent(message, "  ")).toEqual([{ type: "file", file_id: "f1" }, reference])
})

it("is replaced once it is gone from the transcript, not while it may stand further up", () => {
  const held = (...ids: ReadonlyArray<number>) => ids.map((id) => ({ ...message, id }))
  expect(isReplaced(held(1, 5, 6), 5)).toBe(false)
  expect(isReplaced(held(1, 8), 5)).toBe(true)
  // The first message of the chat.
  expect(isReplaced(held(8), 5)).toBe(true)
  expect(isReplaced([], 5)).toBe(false)
  expect(isReplaced(held(...Array.from({ length: SNAPSHOT_MESSAGES }, (_, index) => index + 10)), 5)).toBe(false)
})

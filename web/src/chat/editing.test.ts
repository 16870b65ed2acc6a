import { expect, it } from "vitest"
import type { Message } from "../../../src/contract/chats.ts"
import { editedContent } from "./editing.ts"

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

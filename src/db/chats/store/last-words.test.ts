import { expect, it } from "vitest"
import type { NewMessage } from "../../../machines/chat-events.ts"
import { lastWords } from "./last-words.ts"

const said = (...texts: ReadonlyArray<string>): NewMessage => ({
  role: "assistant",
  visibility: "both",
  content: texts.map((text) => ({ type: "text", text })),
})

it.each([
  ["the first line of the last text", [said("First.", "Done. All tests pass.\n\nMore.")], "Done. All tests pass."],
  ["the last message that has any", [said("One."), said("Two.")], "Two."],
  ["the text, without marks of Markdown", [said("## **Done**: `npm test` _passes_")], "Done: npm test passes"],
  ["names with underscores as they are", [said("- see snake_case here")], "see snake_case here"],
  ["the first line with words in it", [said("---\n```\nls -l\n```")], "ls -l"],
  ["the text before one that is empty", [said("Words.", " \n")], "Words."],
  ["nothing where there is no text", [said()], null],
  ["nothing of what only the model reads", [{ ...said("Hidden."), visibility: "model" }], null],
  ["nothing of a person", [{ ...said("Do it."), role: "user" }], null],
] as const)("are %s", (_, messages, words) => {
  expect(lastWords(messages)).toBe(words)
})

it("end in an ellipsis where they are cut, and no character is cut in two", () => {
  const words = lastWords([said("👍".repeat(400))]) ?? ""
  expect([...words].length).toBe(160)
  expect(words).toBe(`${"👍".repeat(159)}…`)
})

import type { Part } from "../contract/parts.ts"

const TITLE_WORDS = 6
const TITLE_CHARACTERS = 80

const textOf = (part: Part): string => {
  if (part.type === "text") return part.text
  if (part.type === "file-reference") return `${part.file_name} ${part.content}`
  return ""
}

/** The title of a chat until it gets a better one: the first words of its first message. */
export const fallbackTitle = (content: ReadonlyArray<Part>): string => {
  const words = content.map(textOf).join(" ").trim().split(/\s+/).filter(Boolean)
  if (words.length === 0) return "New Chat"
  const title = words.slice(0, TITLE_WORDS).join(" ") + (words.length > TITLE_WORDS ? "…" : "")
  return [...title].slice(0, TITLE_CHARACTERS).join("")
}

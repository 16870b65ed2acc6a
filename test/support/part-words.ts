import type { Part } from "../../src/contract/parts.ts"

/** The text of a part, or the name of the tool that it calls or that answers. */
export const wordsOf = (part: Part): string => {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text
    case "tool-call":
      return `<${part.tool_name}>`
    case "tool-result":
      return `<${part.tool_name} ${part.is_error === true ? "failed" : "done"}>`
    default:
      return `<${part.type}>`
  }
}

import type { Part } from "../contract/parts.ts"
import type { PromptMessage } from "../providers/provider.ts"
import { renderFileReference, resultText, textOfFile } from "../providers/transcript.ts"

/**
 * A conversation told in one text. It holds no call, no result and no turn that a provider could refuse, so a history that
 * is refused for whatever reason can still be summarised.
 */

const words = (part: Part): string => {
  switch (part.type) {
    case "text":
      return part.text
    case "tool-call":
      return `[called ${part.tool_name} with ${part.args_text ?? JSON.stringify(part.args) ?? "nothing"}]`
    case "tool-result":
      return `[${part.tool_name} answered] ${resultText(part)}`
    case "file":
      return textOfFile(part) ?? `[attached ${part.name ?? "a file"} (${part.media_type})]`
    case "file-reference":
      return renderFileReference(part)
    case "reasoning":
    case "source":
      return ""
  }
}

const SPEAKERS = { user: "User", assistant: "Assistant", tool: "Tools" } as const

export const toldPrompt = (messages: ReadonlyArray<PromptMessage>): PromptMessage => {
  const lines = messages.flatMap(({ parts, role }) => {
    const said = parts.map(words).filter((text) => text.trim() !== "")
    return said.length === 0 ? [] : [`${SPEAKERS[role]}: ${said.join("\n")}`]
  })
  return { role: "user", parts: [{ type: "text", text: `The conversation so far:\n\n${lines.join("\n\n")}` }] }
}

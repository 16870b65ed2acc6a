import type { Part, ToolCallPart, ToolResultPart } from "../contract/parts.ts"
import type { MessageRow } from "../db/chat-rows.ts"
import type { PromptMessage } from "../providers/provider.ts"

/**
 * From the transcript to the prompt. Whatever happened to the chat, the model gets a history that every provider accepts:
 * each tool call is followed by exactly one result, and nothing answers a call that was not made.
 */

export interface Prompt {
  readonly system: ReadonlyArray<string>
  readonly messages: ReadonlyArray<PromptMessage>
}

const blank = (part: Part): boolean => (part.type === "text" || part.type === "reasoning") && part.text.trim() === ""

/** What never goes back to the model: sources, and text that says nothing. Reasoning with raw provider data stays. */
const kept = (part: Part): boolean => {
  if (part.type === "source") return false
  return !blank(part) || ("provider_metadata" in part && part.provider_metadata !== undefined)
}

const missingResult = (call: ToolCallPart): ToolResultPart => ({
  type: "tool-result",
  tool_call_id: call.tool_call_id,
  tool_name: call.tool_name,
  result: { error: "There is no record of a result of this call." },
  is_error: true,
})

const localCalls = (parts: ReadonlyArray<Part>): ReadonlyArray<ToolCallPart> =>
  parts.filter((part): part is ToolCallPart => part.type === "tool-call" && part.provider_executed !== true)

export const buildPrompt = (rows: ReadonlyArray<MessageRow>): Prompt => {
  const system: Array<string> = []
  const messages: Array<PromptMessage> = []
  let unanswered: ReadonlyArray<ToolCallPart> = []

  const answerRest = () => {
    if (unanswered.length > 0) messages.push({ role: "tool", parts: unanswered.map(missingResult) })
    unanswered = []
  }

  for (const row of rows) {
    const parts = row.content.filter(kept)
    if (row.role === "system") {
      for (const part of parts) if (part.type === "text") system.push(part.text)
    } else if (row.role === "tool") {
      const open = new Map(unanswered.map((call) => [call.tool_call_id, call]))
      const results = parts.filter((part) => part.type === "tool-result" && open.delete(part.tool_call_id))
      if (results.length > 0) messages.push({ role: "tool", parts: results })
      unanswered = [...open.values()]
    } else {
      answerRest()
      if (parts.length === 0) continue
      messages.push({ role: row.role, parts })
      if (row.role === "assistant") unanswered = localCalls(parts)
    }
  }
  answerRest()
  return { system, messages }
}

import type { Part, ToolCallPart, ToolResultPart } from "../../../src/contract/parts.ts"

/** Arguments arrive as text pieces, then once more as a whole, which replaces them. */
const mergeToolCall = (held: ToolCallPart | undefined, next: ToolCallPart): ToolCallPart => {
  const { args_delta: delta, ...rest } = next
  if (delta === undefined) return rest
  const base = held ?? rest
  return { ...base, tool_name: base.tool_name || rest.tool_name, args_text: (held?.args_text ?? "") + delta }
}

const mergeToolResult = (held: ToolResultPart | undefined, next: ToolResultPart): ToolResultPart => {
  const { result_delta: delta, result_reset: reset, ...rest } = next
  if (delta === undefined) return rest
  const shown = reset === true || typeof held?.result !== "string" ? "" : held.result
  return { ...(held ?? rest), result: shown + delta }
}

/**
 * Adds one streamed part to those of the message being written. Text joins the text before it, reasoning the reasoning
 * before it; pieces of a tool call or result join the call or result of the same id.
 */
export const addPart = (parts: ReadonlyArray<Part>, part: Part): ReadonlyArray<Part> => {
  const last = parts.at(-1)
  if (part.type === "text" && last?.type === "text") {
    return parts.with(parts.length - 1, { ...last, text: last.text + part.text })
  }
  if (part.type === "reasoning" && last?.type === "reasoning" && last.completed_at === undefined) {
    return parts.with(parts.length - 1, { ...last, ...part, text: last.text + part.text })
  }
  if (part.type === "tool-call") {
    const index = parts.findIndex((held) => held.type === "tool-call" && held.tool_call_id === part.tool_call_id)
    const held = parts[index]
    const merged = mergeToolCall(held?.type === "tool-call" ? held : undefined, part)
    return index === -1 ? [...parts, merged] : parts.with(index, merged)
  }
  if (part.type === "tool-result") {
    const index = parts.findIndex((held) => held.type === "tool-result" && held.tool_call_id === part.tool_call_id)
    const held = parts[index]
    const merged = mergeToolResult(held?.type === "tool-result" ? held : undefined, part)
    return index === -1 ? [...parts, merged] : parts.with(index, merged)
  }
  return [...parts, part]
}

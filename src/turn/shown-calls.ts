import type { ToolCallId } from "../contract/ids.ts"
import type { Part, ToolCallPart, ToolResultPart } from "../contract/parts.ts"
import type { MessageRow, ToolCallRow } from "../db/chats/rows.ts"
import type { ShowLive } from "../tools/tool.ts"
import type { Redaction } from "./redaction.ts"
import type { TurnHost } from "./turn-host.ts"

/** What people see of the calls of a step while they are at work: output as it comes, and results. */
export interface ShownCalls {
  /** For one run of a call. */
  readonly liveOf: (call: ToolCallRow) => ShowLive
  /** A result is never shown before those of earlier calls. */
  readonly result: (call: ToolCallRow, part: ToolResultPart) => void
}

/** The call as its message has it, as far as it is shown. */
const callPart = (history: ReadonlyArray<MessageRow>, call: ToolCallRow): ToolCallPart => {
  const isIt = (part: Part): part is ToolCallPart =>
    part.type === "tool-call" && part.tool_call_id === call.provider_call_id
  const { provider_metadata: _, ...part } = history.find(({ id }) => id === call.message_id)?.content.find(isIt) ?? {
    type: "tool-call" as const,
    tool_call_id: call.provider_call_id,
    tool_name: call.tool_name,
    ...(call.args_text === null ? { args: call.args } : { args_text: call.args_text }),
    created_at: call.created_at.toISOString(),
  }
  return part
}

/** @param calls in the order in which they were made */
export const shownCalls = (
  host: TurnHost,
  calls: ReadonlyArray<ToolCallRow>,
  history: ReadonlyArray<MessageRow>,
  redaction: Redaction,
): ShownCalls => {
  const begun = new Set<ToolCallId>()
  const results = new Map<ToolCallId, ToolResultPart>()
  let shown = 0

  /**
   * With the first that is shown of a call comes the call once more: a reader has dropped it from the message being written when
   * the message was committed, and could draw what comes of it only without it.
   */
  const push = (call: ToolCallRow, part: ToolResultPart) => {
    if (!begun.has(call.id)) host.push("assistant", callPart(history, call))
    begun.add(call.id)
    host.push("tool", part)
  }

  return {
    liveOf: (call) => {
      const redacted = redaction.stream()
      const began = new Date().toISOString()
      return (text, how) => {
        const clean = redacted[how](text)
        if (clean === "" && how === "more") return
        push(call, {
          type: "tool-result",
          tool_call_id: call.provider_call_id,
          tool_name: call.tool_name,
          result_delta: clean,
          ...(how === "anew" && { result_reset: true }),
          created_at: call.started_at?.toISOString() ?? began,
        })
      }
    },
    result: (call, part) => {
      results.set(call.id, part)
      for (let next = calls[shown]; next !== undefined; next = calls[shown]) {
        const result = results.get(next.id)
        if (result === undefined) return
        push(next, result)
        shown += 1
      }
    },
  }
}

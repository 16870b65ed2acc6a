import type { CancelReason, NewMessage } from "../../../machines/chat-events.ts"
import type { ToolCallRow } from "../rows.ts"

/** How the transcript answers a call. */

const CANCELED: Record<CancelReason, string> = {
  interrupted: "The user stopped this before it returned a result.",
  superseded: "This was not waited for: the user sent another message instead.",
  retried: "The turn failed before this returned a result, and is tried again.",
  deadline: "No result arrived in time.",
}

/** The transcript row that answers a call: the tool's own result where there is one. */
export const resultMessage = (
  call: Pick<ToolCallRow, "id" | "provider_call_id" | "tool_name">,
  outcome: { readonly result: unknown; readonly isError: boolean; readonly at: string },
): NewMessage => ({
  role: "tool",
  visibility: "both",
  toolCallIds: [call.id],
  content: [
    {
      type: "tool-result",
      tool_call_id: call.provider_call_id,
      tool_name: call.tool_name,
      result: outcome.result,
      is_error: outcome.isError,
      created_at: outcome.at,
    },
  ],
})

/** The answer to a call that is not waited for any longer. */
export const answerTo = (call: ToolCallRow, reason: CancelReason, now: string): NewMessage =>
  call.state === "done"
    ? resultMessage(call, {
        result: call.result,
        isError: call.is_error ?? false,
        at: call.finished_at?.toISOString() ?? now,
      })
    : resultMessage(call, { result: { error: CANCELED[reason], canceled: reason }, isError: true, at: now })

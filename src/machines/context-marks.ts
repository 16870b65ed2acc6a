import type { NewMessage } from "./chat-events.ts"

/** The messages that tell where the prompt of a chat begins again; `turn/context-boundary.ts` says how they are read. */

/** A call and its result, of ours, which say to people what happened. */
export const mark = (
  name: "chat_summarized" | "context_cleared",
  callId: string,
  args: unknown,
  result: unknown,
  at: string,
): readonly [NewMessage, NewMessage] => [
  {
    role: "assistant",
    visibility: "user",
    compressed: true,
    content: [{ type: "tool-call", tool_call_id: callId, tool_name: name, args, created_at: at }],
  },
  {
    role: "tool",
    visibility: "user",
    compressed: true,
    content: [{ type: "tool-result", tool_call_id: callId, tool_name: name, result, is_error: false, created_at: at }],
  },
]

/** @param version of the transition that clears the context: it makes the id of the mark. */
export const clearedContext = (version: number, at: string): ReadonlyArray<NewMessage> => [
  { role: "user", visibility: "model", compressed: true, content: [] },
  ...mark("context_cleared", `context_cleared_${version}`, {}, { source: "manual" }, at),
]

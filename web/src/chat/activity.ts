import type { Message } from "../../../src/contract/chats.ts"
import type { ToolCallPart } from "../../../src/contract/parts.ts"
import { rendererOf } from "../tools/registry.ts"
import { toolCall } from "../tools/tool-call.ts"
import type { ChatStream } from "../stream/state.ts"
import { visibleText } from "../ui/visible-text.ts"
import { resultsOf } from "./rows.ts"

/** What a turn does just now, in plain words. Times are RFC 3339. */
export interface Activity {
  readonly words: string
  /** Since when, where that is known. */
  readonly since: string | undefined
}

const callsOf = ({ content }: Message): ReadonlyArray<ToolCallPart> =>
  content.flatMap((part) => (part.type === "tool-call" ? [part] : []))

/** Calls of the last step that have no result yet. */
const openCalls = (stream: ChatStream): ReadonlyArray<ToolCallPart> => {
  const last = stream.messages.findLast(({ role }) => role === "assistant")
  const results = resultsOf(stream.messages)
  return last === undefined ? [] : callsOf(last).filter(({ tool_call_id }) => !results.has(tool_call_id))
}

const titleOf = (part: ToolCallPart): string => {
  const renderer = rendererOf(part.tool_name)
  const facts = { result: undefined, turnRuns: true, asked: false, denied: false }
  return visibleText(renderer.title(toolCall(part, facts, renderer)))
}

/** The tools that run: `Running npm test`, `Running npm test and 2 more`. */
export const toolActivity = (stream: ChatStream): Activity => {
  const calls = openCalls(stream)
  const [first] = calls
  const lastMessage = stream.messages.at(-1)?.created_at
  if (first === undefined) return { words: "Running tools", since: lastMessage }
  const more = calls.length > 1 ? ` and ${calls.length - 1} more` : ""
  return { words: `${titleOf(first)}${more}`, since: first.created_at ?? lastMessage }
}

/** The step that is being made, by the last part that was streamed. */
export const writingActivity = (stream: ChatStream): Activity => {
  const last = stream.preview.findLast((part) => part.type !== "tool-result")
  const since = stream.messages.at(-1)?.created_at
  if (last?.type === "tool-call") return { words: titleOf(last), since }
  return { words: last?.type === "reasoning" ? "Thinking" : "Writing the answer", since }
}

/** The turn that goes on: when it began, and which answer of the model it is at. */
export const turnSoFar = (stream: ChatStream): { readonly began: string | undefined; readonly step: number } => {
  const { messages } = stream
  const prompt = messages.findLastIndex(({ role }) => role === "user")
  const answers = messages.slice(prompt + 1).filter(({ role }) => role === "assistant").length
  // Until its tools have answered, a step is not over.
  return { began: messages[prompt]?.created_at, step: openCalls(stream).length > 0 ? answers : answers + 1 }
}

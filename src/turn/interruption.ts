import { Effect } from "effect"
import type { MessageRole, Part, ToolCallPart } from "../contract/parts.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import { parsedArgs } from "../providers/call-arguments.ts"
import type { TurnHost } from "./turn-host.ts"

/** What is left of a step that the user stopped. */

const INTERRUPTED = "The user stopped this before it ran."

/** Arguments of a call that was cut off are kept as JSON where they happen to be, and else as text. */
const cutArgs = (text: string) => (text === "" ? { args_text: text } : parsedArgs(text))

/** What was shown of calls, by their ids: the text of their arguments so far, or the whole call that took its place. */
type ShownCalls = Map<string, string | ToolCallPart>

const withPiece = (held: string | ToolCallPart | undefined, { args_delta, ...call }: ToolCallPart) => {
  if (args_delta === undefined) return call
  return typeof held === "object" ? held : (held ?? "") + args_delta
}

/** Shown parts, which are deltas or whole, as the parts of one message. */
export const joinParts = (shown: ReadonlyArray<{ readonly role: MessageRole; readonly part: Part }>): Array<Part> => {
  const parts: Array<Part> = []
  const calls: ShownCalls = new Map()
  for (const { role, part } of shown) {
    if (role !== "assistant") continue
    const last = parts.at(-1)
    if (part.type === "tool-call") {
      const { tool_call_id, tool_name } = part
      if (!calls.has(tool_call_id)) parts.push({ type: "tool-call", tool_call_id, tool_name })
      calls.set(tool_call_id, withPiece(calls.get(tool_call_id), part))
    } else if (part.type === "text" && last?.type === "text") {
      parts[parts.length - 1] = { ...last, text: last.text + part.text }
    } else if (part.type === "reasoning" && last?.type === "reasoning") {
      parts[parts.length - 1] = { ...last, text: last.text + part.text }
    } else {
      parts.push(part)
    }
  }
  return parts.map((part) => {
    if (part.type !== "tool-call") return part
    const call = calls.get(part.tool_call_id) ?? ""
    return typeof call === "string" ? { ...part, ...cutArgs(call) } : call
  })
}

/**
 * The partial reply as a message, and an answer to every call in it: none of them was run. Calls that have been `recorded` are
 * in a message already, and were shown once more with their results.
 */
export const partialMessages = (
  shown: ReadonlyArray<{ readonly role: MessageRole; readonly part: Part }>,
  modelConfigId: string,
  at: string,
  recorded: ReadonlySet<string> = new Set(),
): ReadonlyArray<NewMessage> => {
  const content = joinParts(shown).filter((part) => part.type !== "tool-call" || !recorded.has(part.tool_call_id))
  if (content.length === 0) return []
  const results = content.flatMap((part): ReadonlyArray<NewMessage> =>
    part.type === "tool-call"
      ? [
          {
            role: "tool",
            visibility: "both",
            content: [
              {
                type: "tool-result",
                tool_call_id: part.tool_call_id,
                tool_name: part.tool_name,
                result: { error: INTERRUPTED, canceled: "interrupted" },
                is_error: true,
                created_at: at,
              },
            ],
          },
        ]
      : [],
  )
  const finishReason = "interrupted"
  return [
    { role: "assistant", visibility: "both", content, modelConfigId, runtimeMs: "step", finishReason },
    ...results,
  ]
}

/**
 * Runs when the effect before it has wound up: the provider's stream is closed and the tools are stopped. What was shown
 * becomes a message, read from the log, so that it is the same after a crash in between.
 */
export const finishInterruption = Effect.fn("Turn.finishInterruption")(
  function* (host: TurnHost) {
    const shown = yield* host.shownParts
    const { row, openCalls } = host.state()
    const recorded = new Set(openCalls.map((call) => call.provider_call_id))
    const messages = partialMessages(shown, row.last_model_config_id, new Date().toISOString(), recorded)
    yield* host.send({ type: "FinishInterruption", messages })
  },
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)

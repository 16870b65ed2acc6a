import { Effect } from "effect"
import { placeTooDeep } from "../contract/json-depth.ts"
import type { MessageRole, Part } from "../contract/parts.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import type { TurnHost } from "./turn-host.ts"

/** What is left of a step that the user stopped. */

const INTERRUPTED = "The user stopped this before it ran."

/** Arguments of a call that was cut off are kept as JSON where they happen to be that, in decent depth, and else as text. */
const cutArgs = (text: string): { args: unknown } | { args_text: string } => {
  try {
    const args = JSON.parse(text) as unknown
    return placeTooDeep(args) === undefined ? { args } : { args_text: text }
  } catch {
    return { args_text: text }
  }
}

/** Shown parts, which are deltas, as the parts of one message. */
export const joinParts = (shown: ReadonlyArray<{ readonly role: MessageRole; readonly part: Part }>): Array<Part> => {
  const parts: Array<Part> = []
  const args = new Map<string, string>()
  for (const { role, part } of shown) {
    if (role !== "assistant") continue
    const last = parts.at(-1)
    if (part.type === "tool-call") {
      if (!args.has(part.tool_call_id))
        parts.push({ type: "tool-call", tool_call_id: part.tool_call_id, tool_name: part.tool_name })
      args.set(part.tool_call_id, (args.get(part.tool_call_id) ?? "") + (part.args_delta ?? ""))
    } else if (part.type === "text" && last?.type === "text") {
      parts[parts.length - 1] = { ...last, text: last.text + part.text }
    } else if (part.type === "reasoning" && last?.type === "reasoning") {
      parts[parts.length - 1] = { ...last, text: last.text + part.text }
    } else {
      parts.push(part)
    }
  }
  return parts.map((part) =>
    part.type === "tool-call" ? { ...part, ...cutArgs(args.get(part.tool_call_id) ?? "") } : part,
  )
}

/** The partial reply as a message, and an answer to every call in it: none of them was run. */
export const partialMessages = (
  shown: ReadonlyArray<{ readonly role: MessageRole; readonly part: Part }>,
  modelConfigId: string,
  at: string,
): ReadonlyArray<NewMessage> => {
  const content = joinParts(shown)
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
  return [{ role: "assistant", visibility: "both", content, modelConfigId, runtimeMs: "step" }, ...results]
}

/**
 * Runs when the effect before it has wound up: the provider's stream is closed and the tools are stopped. What was shown
 * becomes a message, read from the log, so that it is the same after a crash in between.
 */
export const finishInterruption = Effect.fn("Turn.finishInterruption")(
  function* (host: TurnHost) {
    const shown = yield* host.shownParts
    const { row } = host.state()
    const messages = partialMessages(shown, row.last_model_config_id, new Date().toISOString())
    yield* host.send({ type: "FinishInterruption", messages })
  },
  Effect.catchTag("EffectSuperseded", () => Effect.void),
  Effect.asVoid,
)

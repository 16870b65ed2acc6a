import { Effect } from "effect"
import type { ModelConfigId, ProviderCallId } from "../contract/ids.ts"
import { addParts } from "../contract/part-deltas.ts"
import type { MessageRole, Part } from "../contract/parts.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import { parsedArgs } from "../providers/call-arguments.ts"
import type { TurnHost } from "./turn-host.ts"

/** What is left of a step that the user stopped. */

const INTERRUPTED = "The user stopped this before it ran."

/** Arguments of a call that was cut off are kept as JSON where they happen to be, and else as text. */
const cutArgs = (text: string) => (text === "" ? { args_text: text } : parsedArgs(text))

const withoutDelta = (part: Part): Part => {
  if (part.type !== "tool-call" || part.args_delta === undefined) return part
  const { args_delta, ...call } = part
  return { ...call, ...cutArgs(args_delta) }
}

/** Shown parts, which are deltas or whole, as the parts of one message. */
export const joinParts = (shown: ReadonlyArray<{ readonly role: MessageRole; readonly part: Part }>): Array<Part> =>
  addParts(shown.flatMap(({ role, part }) => (role === "assistant" ? [part] : []))).map(withoutDelta)

/**
 * The partial reply as a message, and an answer to every call in it: none of them was run. Calls that have been `recorded` are
 * in a message already, and were shown once more with their results.
 */
export const partialMessages = (
  shown: ReadonlyArray<{ readonly role: MessageRole; readonly part: Part }>,
  modelConfigId: ModelConfigId,
  at: string,
  recorded: ReadonlySet<ProviderCallId> = new Set(),
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

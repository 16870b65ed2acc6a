import type { ChatRow, MessageRow } from "../db/chats/rows.ts"
import type { ResponseChain } from "../providers/provider.ts"
import { saysSomething } from "../providers/normal-history.ts"
import { buildPrompt, type Called } from "./prompt.ts"

/**
 * Whether a provider that keeps its responses may go on from its last one, so that only what was said since goes along: at the
 * first attempt of a turn's first step. All other calls carry the whole conversation.
 */

type Binding = Pick<ChatRow, "turn_plan_mode" | "generation_attempt">

/** @param called another model's or another account's responses are of no use to it */
export const responseChain = (
  transcript: ReadonlyArray<MessageRow>,
  row: Binding,
  called: Called,
): ResponseChain | undefined => {
  // An attempt that failed may have failed because of the chain.
  if (row.turn_plan_mode || row.generation_attempt > 1) return undefined
  const at = transcript.findLastIndex(({ role }) => role === "assistant")
  const last = transcript[at]
  if (last === undefined || last.provider_response_id === null || last.provider_origin !== called.origin)
    return undefined
  // What the provider kept then holds calls whose results it has not seen, or never will.
  if (last.content.some((part) => part.type === "tool-call" && part.provider_executed !== true)) return undefined
  const since = transcript.slice(at + 1)
  // A summary stands in place of what the provider kept.
  if (since.some(({ compressed, role }) => compressed || role === "tool")) return undefined
  if (!since.some(({ content }) => content.some(saysSomething))) return undefined
  return { previousResponseId: last.provider_response_id, messages: buildPrompt(since, called).messages }
}

import type { MessageFinishReason } from "../contract/chats.ts"
import type { Part } from "../contract/parts.ts"
import type { FinishReason, GenerateResult } from "../providers/provider.ts"

/** What a reply that ended means for the turn. Pure: failures never come here. */

export type ReplyVerdict =
  /** A message, perhaps with a mark that it is not a whole answer. */
  | { readonly type: "message"; readonly mark: MessageFinishReason | undefined }
  /** After the results of tools the model has nothing to add: the turn is over. */
  | { readonly type: "silence" }
  /** No answer: another attempt may bring one. */
  | { readonly type: "empty" | "thoughts" }
  /** No answer, and another attempt would end in the same way. */
  | { readonly type: "filtered" | "refused" | "spent" }

const MARKS: Readonly<Partial<Record<FinishReason, MessageFinishReason>>> = {
  length: "length",
  refusal: "refusal",
  pause: "paused",
}

const isBlank = (text: string): boolean => text.trim() === ""

const speaks = (part: Part): boolean => (part.type === "text" ? !isBlank(part.text) : part.type !== "reasoning")

const thinks = (part: Part): boolean => part.type === "reasoning" && !isBlank(part.text)

/** `afterTools`: the last thing the model was told are results of its tools. */
export const verdictOfReply = (
  { finishReason, parts }: Pick<GenerateResult, "finishReason" | "parts">,
  afterTools: boolean,
): ReplyVerdict => {
  if (finishReason === "content-filter") return { type: "filtered" }
  if (parts.some(speaks)) return { type: "message", mark: MARKS[finishReason] }
  if (finishReason === "refusal") return { type: "refused" }
  const thought = parts.some(thinks)
  if (finishReason === "length") return thought ? { type: "message", mark: "length" } : { type: "spent" }
  if (thought) return { type: "thoughts" }
  return finishReason === "stop" && afterTools ? { type: "silence" } : { type: "empty" }
}

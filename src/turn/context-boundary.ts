import type { ModelConfigId } from "../contract/ids.ts"
import type { Usage } from "../contract/parts.ts"
import type { MessageRow } from "../db/chats/rows.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import { mark } from "../machines/context-marks.ts"

/**
 * Where the prompt of a chat begins again. The latest compressed user row that the model sees is the boundary: what is
 * before it stays to be read, and only the system prompt still goes to the model. Each boundary comes with a call and a
 * result of ours, which say to people what happened.
 */

export interface Compaction {
  readonly summary: string
  readonly modelConfigId: ModelConfigId
  readonly usage: Usage
  /** Tokens that the model can take, and those that the prompt had before. */
  readonly contextLimit: number
  readonly contextTokens: number
  readonly costMicros: number | null
  readonly runtimeMs: number
  /** User messages that nobody has answered: they come again behind the summary, for the model only. */
  readonly unanswered: ReadonlyArray<MessageRow>
}

const INTRODUCTION =
  "The conversation so far was replaced by this summary of it. Go on from here; what was decided and done stands."

/** @param version of the row when the compaction began: it makes the id of the mark. */
export const compacted = (compaction: Compaction, version: number, at: string): ReadonlyArray<NewMessage> => {
  const { summary, contextLimit, contextTokens, modelConfigId } = compaction
  const [call, result] = mark(
    "chat_summarized",
    `chat_summarized_${version}`,
    { source: "manual" },
    {
      source: "manual",
      usage_percent: contextLimit > 0 ? Math.round((contextTokens / contextLimit) * 100) : 0,
      context_tokens: contextTokens,
      context_limit_tokens: contextLimit,
      summary,
    },
    at,
  )
  return [
    {
      role: "user",
      visibility: "model",
      compressed: true,
      content: [{ type: "text", text: `${INTRODUCTION}\n\n${summary}` }],
    },
    {
      ...call,
      modelConfigId,
      usage: compaction.usage,
      costMicros: compaction.costMicros,
      runtimeMs: compaction.runtimeMs,
    },
    result,
    ...compaction.unanswered.map((row): NewMessage => ({
      role: "user",
      visibility: "model",
      content: row.content,
      ...(row.created_by !== null && { createdBy: row.created_by }),
      ...(row.model_config_id !== null && { modelConfigId: row.model_config_id }),
    })),
  ]
}

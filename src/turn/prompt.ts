import type { MessageRow } from "../db/chats/rows.ts"
import type { ResolvedModel } from "../models/catalog.ts"
import type { PromptMessage } from "../providers/provider.ts"

/**
 * From the rows of the transcript to the conversation that a provider is given. It is told as it was; each wire's adapter
 * makes of it what its servers accept (`providers/normal-history.ts`).
 */

export interface Prompt {
  readonly system: ReadonlyArray<string>
  readonly messages: ReadonlyArray<PromptMessage>
}

/** Who is called. */
export type Called = Pick<ResolvedModel, "modelConfigId" | "origin">

/** Rows of before have no origin, and interrupted replies none: there the model config says who made them. */
const originOfRow = (row: MessageRow, called: Called): string | undefined =>
  row.provider_origin ?? (row.model_config_id === called.modelConfigId ? called.origin : undefined)

export const buildPrompt = (rows: ReadonlyArray<MessageRow>, called: Called): Prompt => ({
  system: rows.flatMap(({ content, role }) =>
    role === "system"
      ? content.flatMap((part) => (part.type === "text" && part.text.trim() !== "" ? [part.text] : []))
      : [],
  ),
  messages: rows.flatMap((row): ReadonlyArray<PromptMessage> => {
    if (row.role === "system") return []
    if (row.role !== "assistant") return [{ role: row.role, parts: row.content }]
    return [{ role: row.role, parts: row.content, origin: originOfRow(row, called) }]
  }),
})

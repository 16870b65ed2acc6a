import type { Message } from "../../../src/contract/chats.ts"
import type { Usage } from "../../../src/contract/parts.ts"

/** How full the model's context is: the prompt of its last call and what it answered, of what it can take. Tokens. */
export interface ContextUsage {
  readonly used: number
  readonly limit: number
}

const BOUNDARIES: ReadonlySet<string> = new Set(["chat_summarized", "context_cleared"])

const beginsAnew = ({ content }: Message): boolean =>
  content.some((part) => part.type === "tool-call" && BOUNDARIES.has(part.tool_name))

const usedBy = (usage: Usage): number | undefined => {
  const { cache_creation_tokens = 0, cache_read_tokens = 0, input_tokens, output_tokens = 0, total_tokens } = usage
  if (input_tokens === undefined) return total_tokens
  // Some providers count what they have cached beside the input, others within it: the total tells which.
  return Math.max(total_tokens ?? 0, input_tokens + output_tokens, cache_creation_tokens + cache_read_tokens)
}

/** @param limit of the model that is asked next, which may be another than the one that answered */
export const usageOf = (usage: Usage, limit: number | undefined): ContextUsage | undefined => {
  const used = usedBy(usage)
  const most = limit ?? usage.context_limit
  return used !== undefined && used > 0 && most !== undefined && most > 0 ? { used, limit: most } : undefined
}

/**
 * Of the last answer since the context began anew; undefined before there is one.
 *
 * @param limit of the model that is asked next, which may be another than the one that answered
 */
export const contextUsage = (messages: ReadonlyArray<Message>, limit: number | undefined): ContextUsage | undefined => {
  for (const message of messages.toReversed()) {
    if (beginsAnew(message)) return undefined
    const usage =
      message.role === "assistant" && message.usage !== undefined ? usageOf(message.usage, limit) : undefined
    if (usage !== undefined) return usage
  }
  return undefined
}

export const percentOf = ({ used, limit }: ContextUsage): number => Math.min(100, Math.round((used / limit) * 100))

export const isSameUsage = (a: ContextUsage | undefined, b: ContextUsage | undefined): boolean =>
  a?.used === b?.used && a?.limit === b?.limit

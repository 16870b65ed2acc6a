import type {
  ContentBlockParam,
  RedactedThinkingBlockParam,
  ServerToolUseBlockParam,
  TextCitationParam,
  ThinkingBlockParam,
  WebSearchToolResultBlockParam,
} from "@anthropic-ai/sdk/resources/messages"
import type { FilePart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from "../../contract/parts.ts"
import { cleanCallId } from "../call-names.ts"
import { asArray, isRecord } from "../json.ts"
import { type Dialect, hasGiven, normalHistory } from "../normal-history.ts"
import { oneOf } from "../options.ts"
import type { GenerateRequest, PromptMessage } from "../provider.ts"
import {
  isBlank,
  metadataFor,
  renderUnsupportedFile,
  replayArgs,
  resultText,
  searchText,
  userContent,
} from "../transcript.ts"

/**
 * Writes our transcript as Anthropic messages that the API accepts: alternating roles, results first after their calls,
 * unique ids of its alphabet, thinking exactly as it was signed, searches only as pairs of call and result.
 */

export const ANTHROPIC_PROTOCOL = "anthropic"

const ANTHROPIC: Dialect = {
  protocol: ANTHROPIC_PROTOCOL,
  plain: [],
  callId: cleanCallId,
  // Results and what a user says are one message here.
  repliesToResults: false,
}

export interface TurnMessage {
  readonly role: "user" | "assistant"
  readonly content: Array<ContentBlockParam>
}

const isThinking = (value: unknown): value is ThinkingBlockParam =>
  isRecord(value) &&
  value["type"] === "thinking" &&
  typeof value["thinking"] === "string" &&
  typeof value["signature"] === "string"

const isRedacted = (value: unknown): value is RedactedThinkingBlockParam =>
  isRecord(value) && value["type"] === "redacted_thinking" && typeof value["data"] === "string"

const isServerToolUse = (value: unknown): value is ServerToolUseBlockParam =>
  isRecord(value) &&
  value["type"] === "server_tool_use" &&
  value["name"] === "web_search" &&
  typeof value["id"] === "string" &&
  isRecord(value["input"])

const isSearchResult = (value: unknown): value is WebSearchToolResultBlockParam =>
  isRecord(value) &&
  value["type"] === "web_search_tool_result" &&
  typeof value["tool_use_id"] === "string" &&
  (Array.isArray(value["content"]) || isRecord(value["content"]))

const isCitation = (value: unknown): value is TextCitationParam =>
  isRecord(value) && typeof value["type"] === "string" && typeof value["cited_text"] === "string"

const rawBlock = (part: Part): unknown => metadataFor(part, ANTHROPIC_PROTOCOL)?.["block"]

const fileBlock = (part: FilePart): ContentBlockParam => {
  const data = part.data ?? ""
  const mediaType = oneOf(part.media_type, "image/jpeg", "image/png", "image/gif", "image/webp")
  if (mediaType !== undefined) return { type: "image", source: { type: "base64", media_type: mediaType, data } }
  if (part.media_type === "application/pdf") {
    return { type: "document", source: { type: "base64", media_type: "application/pdf", data } }
  }
  return { type: "text", text: renderUnsupportedFile(part) }
}

const userBlocks = (message: PromptMessage): Array<ContentBlockParam> =>
  userContent(message.parts).map((run) => ("text" in run ? { type: "text", text: run.text } : fileBlock(run.file)))

const resultBlocks = (message: PromptMessage): Array<ContentBlockParam> =>
  message.parts.flatMap((part) =>
    part.type === "tool-result"
      ? [
          {
            type: "tool_result" as const,
            tool_use_id: part.tool_call_id,
            content: resultText(part),
            ...(part.is_error === true ? { is_error: true } : {}),
          },
        ]
      : [],
  )

const textBlock = (part: TextPart): ContentBlockParam => {
  const citations = asArray(metadataFor(part, ANTHROPIC_PROTOCOL)?.["citations"]).filter(isCitation)
  return { type: "text", text: part.text, ...(citations.length === 0 ? {} : { citations }) }
}

/**
 * Thinking that came to its end without a signature: MiniMax, Kimi and DeepSeek sign none on this wire, and want it back. The
 * type of the SDK insists on a signature; an endpoint that gives none does not.
 */
const unsignedThinking = (thinking: string): ContentBlockParam => ({ type: "thinking", thinking }) as ThinkingBlockParam

const isUnsigned = (part: Part): boolean =>
  part.type === "reasoning" &&
  part.completed_at !== undefined &&
  part.provider_metadata === undefined &&
  !isBlank(part.text)

const thinkingBlock = (part: ReasoningPart, unsigned: boolean): ReadonlyArray<ContentBlockParam> => {
  const block = rawBlock(part)
  if (isThinking(block) || isRedacted(block)) return [block]
  return unsigned && !isBlank(part.text) && part.provider_metadata === undefined ? [unsignedThinking(part.text)] : []
}

/** What is thought with a call where nothing is known of it; undefined where unsigned thinking is not wanted. */
const placeholderOf = (request: GenerateRequest): string | undefined => {
  if (request.reasoning === "pad") return " "
  return request.reasoning === "fill" || hasGiven(request, isUnsigned) ? "" : undefined
}

/**
 * The searches of one message that may be replayed, by the ids of their calls: those that stand as a pair, call before
 * result. A paused reply goes back with the search that is still open.
 */
const validSearches = (parts: ReadonlyArray<Part>, paused: boolean): ReadonlySet<string> => {
  const called = new Set<string>()
  const valid = new Set<string>()
  for (const part of parts) {
    const block = "provider_metadata" in part ? rawBlock(part) : undefined
    if (part.type === "tool-call" && isServerToolUse(block)) called.add(block.id)
    if (part.type === "tool-result" && isSearchResult(block) && called.has(block.tool_use_id))
      valid.add(block.tool_use_id)
  }
  return paused ? called : valid
}

/** A result that cannot be replayed as one, because it lacks its call, is told in words. */
const searchInWords = (part: ToolResultPart): ReadonlyArray<ContentBlockParam> => {
  const text = searchText(part)
  return text === undefined ? [] : [{ type: "text", text }]
}

export const isThinkingBlock = (block: ContentBlockParam): block is ThinkingBlockParam | RedactedThinkingBlockParam =>
  block.type === "thinking" || block.type === "redacted_thinking"

const callBlock = (part: ToolCallPart): ContentBlockParam => ({
  type: "tool_use",
  id: part.tool_call_id,
  name: part.tool_name,
  input: replayArgs(part),
})

interface Replay {
  readonly thinking: boolean
  /** Where thinking without signatures is wanted: what stands for it with calls of which it is not known. */
  readonly placeholder: string | undefined
  /** The reply was paused and is sent back so that it goes on: exactly as it came. */
  readonly paused: boolean
}

const assistantBlocks = (
  message: PromptMessage,
  { paused, placeholder, thinking }: Replay,
): Array<ContentBlockParam> => {
  const valid = validSearches(message.parts, paused)
  const replayed = new Set<string>()
  /** True for the first block of this kind of a search that may be replayed. */
  const firstOf = (kind: string, id: string): boolean => {
    const key = `${kind} ${id}`
    if (!valid.has(id) || replayed.has(key)) return false
    replayed.add(key)
    return true
  }
  const blocks = message.parts.flatMap((part): ReadonlyArray<ContentBlockParam> => {
    switch (part.type) {
      case "text":
        return [textBlock(part)]
      case "reasoning":
        return thinking ? thinkingBlock(part, placeholder !== undefined) : []
      case "tool-call": {
        if (part.provider_executed !== true) return [callBlock(part)]
        const block = rawBlock(part)
        return isServerToolUse(block) && firstOf("call", block.id) ? [block] : []
      }
      case "tool-result": {
        const block = rawBlock(part)
        if (!isSearchResult(block)) return searchInWords(part)
        return firstOf("result", block.tool_use_id) ? [block] : valid.has(block.tool_use_id) ? [] : searchInWords(part)
      }
      default:
        return []
    }
  })
  // Where thinking is wanted back it is wanted with all calls, those of other models and interrupted ones included.
  if (placeholder !== undefined && blocks.some(({ type }) => type === "tool_use") && !blocks.some(isThinkingBlock)) {
    blocks.unshift(unsignedThinking(placeholder))
  }
  const last = blocks.at(-1)
  // A message may not end with thinking: it was cut off there, or what followed cannot be replayed. And thinking goes back
  // whole or not at all.
  return last === undefined || paused || !isThinkingBlock(last)
    ? blocks
    : blocks.filter((block) => !isThinkingBlock(block))
}

/** Joins neighbours of one role; in a user message the results come first, right after their calls. */
const merged = (messages: ReadonlyArray<TurnMessage>): Array<TurnMessage> => {
  const joined: Array<TurnMessage> = []
  for (const { content, role } of messages) {
    if (content.length === 0) continue
    const last = joined.at(-1)
    if (last?.role === role) last.content.push(...content)
    else joined.push({ role, content: [...content] })
  }
  return joined.map(({ content, role }) => {
    if (role === "assistant") return { role, content }
    const isResult = ({ type }: ContentBlockParam) => type === "tool_result"
    return { role, content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))] }
  })
}

/**
 * The conversation of the request as its messages. `sendReasoning` false leaves out the thinking of earlier
 * turns. Within the current turn it always goes along: the API wants it between a call and its result.
 */
export const anthropicMessages = (request: GenerateRequest, sendReasoning: boolean): Array<TurnMessage> => {
  const messages = normalHistory(request, ANTHROPIC)
  const lastUser = messages.findLastIndex(({ role }) => role === "user")
  const placeholder = placeholderOf(request)
  return merged(
    messages.map((message, index) => {
      if (message.role === "user") return { role: "user", content: userBlocks(message) }
      if (message.role === "tool") return { role: "user", content: resultBlocks(message) }
      const paused = request.goesOn === true && index === messages.length - 1
      const thinking = sendReasoning || placeholder !== undefined || index > lastUser
      return { role: "assistant", content: assistantBlocks(message, { thinking, placeholder, paused }) }
    }),
  )
}

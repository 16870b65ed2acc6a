import { isDeepStrictEqual } from "node:util"
import { badTool, type Body, duplicate, first, isObject, list, objects, unknownField } from "./checks.ts"
import type { Issued } from "./script.ts"

/** Anthropic's Messages API, as strict as the real one about pairs, signatures and marks. */

const FIELDS = [
  "model",
  "messages",
  "system",
  "stream",
  "max_tokens",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "temperature",
  "top_p",
  "top_k",
  "metadata",
  "stop_sequences",
  "service_tier",
]

export const isThinking = (block: Body): boolean =>
  block["type"] === "thinking" || block["type"] === "redacted_thinking"

/** A block without its cache mark, which is the client's to set. */
export const withoutMark = (block: Body): Body =>
  Object.fromEntries(Object.entries(block).filter(([field]) => field !== "cache_control"))

const badThinking = (block: Body, where: string, issued: Issued): string | undefined => {
  if ("cache_control" in block) return `${where}: cache_control is not permitted on thinking blocks.`
  if (block["type"] === "redacted_thinking") {
    return issued.redacted.has(String(block["data"])) ? undefined : `${where}: Invalid data in redacted_thinking block`
  }
  return issued.thinking.get(String(block["signature"])) === block["thinking"]
    ? undefined
    : `${where}: Invalid signature in thinking block`
}

const badBlock = (block: Body, where: string, role: unknown, issued: Issued): string | undefined => {
  switch (block["type"]) {
    case "text":
      return typeof block["text"] === "string" && block["text"].trim() !== ""
        ? undefined
        : `${where}: text content blocks must contain non-whitespace text`
    case "thinking":
    case "redacted_thinking":
      return role === "assistant" ? badThinking(block, where, issued) : `${where}: unexpected thinking block`
    case "tool_use":
      if (!/^[a-zA-Z0-9_-]+$/.test(String(block["id"])))
        return `${where}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`
      return isObject(block["input"]) ? undefined : `${where}.input: Input should be a valid dictionary`
    case "tool_result":
    case "image":
    case "document":
      return role === "user" ? undefined : `${where}: unexpected ${String(block["type"])} block`
    case "server_tool_use":
    case "web_search_tool_result":
      return role === "assistant" ? undefined : `${where}: unexpected ${String(block["type"])} block`
    default:
      return `${where}: Input tag '${String(block["type"])}' found using 'type' does not match any of the expected tags`
  }
}

const idsOf = (message: Body | undefined, type: string, field: string): ReadonlyArray<string> =>
  objects(message?.["content"])
    .filter((block) => block["type"] === type)
    .map((block) => String(block[field]))

const badMessage = (
  message: Body,
  index: number,
  messages: ReadonlyArray<Body>,
  issued: Issued,
): string | undefined => {
  const blocks = objects(message["content"])
  if (message["role"] !== "user" && message["role"] !== "assistant") return `messages.${index}.role: unexpected value`
  if (blocks.length === 0) return `messages.${index}: all messages must have non-empty content`
  const bad = first(blocks, (block, at) => badBlock(block, `messages.${index}.content.${at}`, message["role"], issued))
  if (bad !== undefined) return bad
  const results = idsOf(message, "tool_result", "tool_use_id")
  const calls = idsOf(messages[index - 1], "tool_use", "id")
  const unexpected = results.find((id) => !calls.includes(id))
  if (unexpected !== undefined)
    return `messages.${index}: unexpected tool_use_id found in tool_result blocks: ${unexpected}`
  const unanswered = calls.filter((id) => !results.includes(id))
  if (unanswered.length > 0) {
    return `messages.${index - 1}: tool_use ids were found without tool_result blocks immediately after: ${unanswered.join(", ")}`
  }
  if (blocks.slice(0, results.length).some((block) => block["type"] !== "tool_result") && results.length > 0) {
    return `messages.${index}: tool_result blocks must come first`
  }
  if (message["role"] === "user" || index === messages.length - 1) return undefined
  if (isThinking(blocks.at(-1) ?? {})) {
    return `messages.${index}: The final block in an assistant message cannot be \`thinking\`.`
  }
  return badSearches(message, `messages.${index}`, issued)
}

/** Each search stands as a pair, call first, with what was found as it was. */
const badSearches = (message: Body, where: string, issued: Issued): string | undefined => {
  const searches = idsOf(message, "server_tool_use", "id")
  const results = objects(message["content"]).filter((block) => block["type"] === "web_search_tool_result")
  const found = results.map((block) => String(block["tool_use_id"]))
  if (searches.join() !== found.join() || found.some((id) => !issued.searches.has(id))) {
    return `${where}: web_search tool use was found without a corresponding web_search_tool_result block`
  }
  const changed = results.some(
    (block) => !isDeepStrictEqual(issued.found.get(String(block["tool_use_id"])), block["content"]),
  )
  return changed ? `${where}: Invalid encrypted_content in search_result block` : undefined
}

/** An assistant message at the end is a prefill, which is refused, or a paused reply that goes on: exactly that reply. */
const badEnd = (messages: ReadonlyArray<Body>, issued: Issued): string | undefined => {
  const last = messages.at(-1)
  if (last?.["role"] === "user") return undefined
  const content = objects(last?.["content"]).map(withoutMark)
  // Blank text comes but may not go back.
  const isBlank = (block: Body) => block["type"] === "text" && String(block["text"]).trim() === ""
  return issued.paused.some((paused) =>
    isDeepStrictEqual(
      paused.filter((block) => !isBlank(block)),
      content,
    ),
  )
    ? undefined
    : "This model does not support assistant message prefill. The conversation must end with a user message."
}

/** The thinking of the latest reply goes back whole or not at all. */
const changedThinking = (messages: ReadonlyArray<Body>, issued: Issued): string | undefined => {
  const index = messages.findLastIndex((message) => message["role"] === "assistant")
  const thoughts = objects(messages[index]?.["content"]).filter(isThinking)
  return thoughts.length === 0 || issued.thoughts.some((whole) => isDeepStrictEqual(whole, thoughts))
    ? undefined
    : `messages.${index}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified.`
}

/** With a budget for thinking, the turn that goes on must have begun with thinking. */
const missingThinking = (body: Body, messages: ReadonlyArray<Body>): string | undefined => {
  if (!isObject(body["thinking"]) || body["thinking"]["type"] !== "enabled") return undefined
  const before = messages.findLastIndex(
    (message) => message["role"] === "user" && idsOf(message, "tool_result", "tool_use_id").length === 0,
  )
  const [begin] = objects(messages[before + 1]?.["content"])
  return begin === undefined || isThinking(begin)
    ? undefined
    : `messages.${before + 1}.content.0.type: Expected thinking or redacted_thinking, but found ${String(begin["type"])}`
}

const badLimits = (body: Body): string | undefined => {
  const limit = body["max_tokens"]
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1) return "max_tokens: Field required"
  const thinking = isObject(body["thinking"]) ? body["thinking"] : {}
  if (thinking["type"] === "enabled") {
    const budget = Number(thinking["budget_tokens"])
    if (!(budget >= 1024)) return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
    if (budget >= limit) return "max_tokens must be greater than thinking.budget_tokens"
  }
  if (thinking["type"] !== undefined && body["temperature"] !== undefined)
    return "temperature may only be set to 1 when thinking is enabled"
  return undefined
}

/** API version 2026-10-21 took them away. */
const sampling = (body: Body, version: unknown): string | undefined => {
  const field = ["temperature", "top_p", "top_k"].find((name) => name in body)
  return field !== undefined && version !== "2023-06-01" ? `${field}: Extra inputs are not permitted` : undefined
}

/** `version` is the anthropic-version header. */
export const refuseMessages = (body: Body, version: unknown, issued: Issued): string | undefined => {
  const messages = objects(body["messages"])
  const tools = objects(body["tools"])
  if (typeof body["model"] !== "string") return "model: Field required"
  if (body["stream"] !== true) return "The scripted provider only streams."
  if (messages[0]?.["role"] !== "user") return "messages: first message must use the user role"
  if (duplicate(tools.map((tool) => tool["name"])) !== undefined) return "tools: Tool names must be unique."
  const ids = messages.flatMap((message) => idsOf(message, "tool_use", "id"))
  if (duplicate(ids) !== undefined) return `messages: tool_use ids must be unique: ${String(duplicate(ids))}`
  const marks = JSON.stringify(body).split('"cache_control"').length - 1
  if (marks > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`
  return (
    unknownField(body, FIELDS, "") ??
    sampling(body, version) ??
    badLimits(body) ??
    first(list(body["system"]), (block) =>
      isObject(block) ? badBlock(block, "system", "user", issued) : "system: invalid",
    ) ??
    first(messages, (message, index) => badMessage(message, index, messages, issued)) ??
    badEnd(messages, issued) ??
    changedThinking(messages, issued) ??
    missingThinking(body, messages) ??
    first(tools, (tool) => (tool["type"] === undefined ? badTool(tool["name"], tool["input_schema"]) : undefined))
  )
}

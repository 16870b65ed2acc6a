import type {
  MessageCreateParamsStreaming,
  TextBlockParam,
  ThinkingConfigParam,
  ToolChoice,
  ToolUnion,
} from "@anthropic-ai/sdk/resources/messages"
import { anthropicMessages, isThinkingBlock, type TurnMessage } from "./transcript.ts"
import { claudeVersion, defaultMaxOutput } from "../catalog.ts"
import { asNumber, asRecord, type JsonRecord } from "../json.ts"
import { defined, oneOf, optionsOf, reasoningEffort, strings } from "../options.ts"
import type { GenerateRequest } from "../provider.ts"
import { isBlank, toolSchema } from "../transcript.ts"

/** Writes a call as a Messages request, with its prompt-cache marks and the API version it needs. */

const MIN_THINKING_BUDGET = 1_024
const LONG_CONTEXT_BETA = "context-1m-2025-08-07"
/** Bedrock has the version in the body, and knows one. */
const BEDROCK_VERSION = { anthropic_version: "bedrock-2023-05-31" }

const cached = { cache_control: { type: "ephemeral" } } as const

/** Thinking blocks take no mark: the last block that does carries it. */
const withCacheMark = ({ content, role }: TurnMessage): TurnMessage => {
  const at = content.findLastIndex((block) => !isThinkingBlock(block))
  return {
    role,
    content: content.map((block, index) => (index === at && !isThinkingBlock(block) ? { ...block, ...cached } : block)),
  }
}

/** From this version on a model decides itself how long to think, and from the next one on refuses a budget. */
const ADAPTIVE_THINKING = 46
/** From this version on a model samples in its own way and refuses the parameters. */
const FIXED_SAMPLING = 47

const versionOf = ({ model }: GenerateRequest): number => claudeVersion(model) ?? 0

/**
 * True within a turn that did not begin with thinking, because another model began it or because it was interrupted. The API
 * refuses a budget for thinking until the next turn.
 */
const beganWithoutThinking = (messages: ReadonlyArray<TurnMessage>): boolean => {
  const before = messages.findLastIndex(
    ({ content, role }) => role === "user" && !content.some(({ type }) => type === "tool_result"),
  )
  const first = messages[before + 1]?.content[0]
  return first !== undefined && !isThinkingBlock(first)
}

const thinkingOf = (
  request: GenerateRequest,
  effort: boolean,
  messages: ReadonlyArray<TurnMessage>,
): ThinkingConfigParam | undefined => {
  // Without the thinking of before, a turn that goes on may not think.
  if (request.reasoning === "omit") return undefined
  const options = optionsOf(request)
  const display = oneOf(options["thinking_display"], "summarized", "omitted")
  const shown = display === undefined ? {} : { display }
  const budget = asNumber(asRecord(options["thinking"])?.["budget_tokens"])
  if (versionOf(request) >= ADAPTIVE_THINKING) {
    return effort || budget !== undefined ? { type: "adaptive", ...shown } : undefined
  }
  return budget === undefined || beganWithoutThinking(messages)
    ? undefined
    : { type: "enabled", budget_tokens: Math.max(MIN_THINKING_BUDGET, Math.floor(budget)), ...shown }
}

/** None while the model thinks: the API refuses both together. Our temperature goes to 2, Anthropic's to 1. */
const samplingOf = (request: GenerateRequest, thinks: boolean): JsonRecord => {
  if (thinks || versionOf(request) >= FIXED_SAMPLING) return {}
  const { temperature, top_k, top_p } = request.config
  return defined({ temperature: temperature === undefined ? undefined : Math.min(temperature, 1), top_p, top_k })
}

const toolsOf = ({ tools }: GenerateRequest, options: JsonRecord): Array<ToolUnion> => {
  const functions = tools.map((tool): ToolUnion => ({
    name: tool.name,
    description: tool.description,
    input_schema: { ...toolSchema(tool), type: "object" },
  }))
  if (options["web_search_enabled"] !== true) return functions
  const allowed = strings(options["allowed_domains"])
  const blocked = strings(options["blocked_domains"])
  return [
    ...functions,
    {
      type: "web_search_20250305",
      name: "web_search",
      // The API takes one of the two lists.
      ...(allowed !== undefined
        ? { allowed_domains: [...allowed] }
        : blocked !== undefined
          ? { blocked_domains: [...blocked] }
          : {}),
    },
  ]
}

const toolChoiceOf = ({ toolChoice }: GenerateRequest, options: JsonRecord): ToolChoice => {
  if (toolChoice === "none") return { type: "none" }
  return options["disable_parallel_tool_use"] === true
    ? { type: "auto", disable_parallel_tool_use: true }
    : { type: "auto" }
}

const effortOf = (request: GenerateRequest) => {
  const effort = reasoningEffort(request.config, "anthropic", optionsOf(request)["effort"])
  return oneOf(effort, "low", "medium", "high", "xhigh", "max")
}

/** The last API version that takes sampling parameters. */
const SAMPLING_API_VERSION = "2023-06-01"

export interface AnthropicCall {
  readonly body: MessageCreateParamsStreaming
  readonly headers: Readonly<Record<string, string>>
}

const headersOf = (request: GenerateRequest, samples: boolean): Readonly<Record<string, string>> => ({
  ...(samples ? { "anthropic-version": SAMPLING_API_VERSION } : {}),
  ...(optionsOf(request)["context_1m_enabled"] === true ? { "anthropic-beta": LONG_CONTEXT_BETA } : {}),
})

const systemOf = ({ system }: GenerateRequest): Array<TextBlockParam> => {
  const texts = system.filter((text) => !isBlank(text))
  return texts.map((text, index) => ({ type: "text", text, ...(index === texts.length - 1 ? cached : {}) }))
}

export const anthropicCall = (request: GenerateRequest): AnthropicCall => {
  const { config, model } = request
  const options = optionsOf(request)
  const effort = effortOf(request)
  const messages = anthropicMessages(request, options["send_reasoning"] !== false)
  const thinking = thinkingOf(request, effort !== undefined, messages)
  const sampling = samplingOf(request, thinking !== undefined)
  const budget = thinking?.type === "enabled" ? thinking.budget_tokens : 0
  const limit = config.max_output_tokens ?? defaultMaxOutput(model)
  const tools = toolsOf(request, options)
  const system = systemOf(request)
  const body: MessageCreateParamsStreaming = {
    ...(request.connection.type === "bedrock" ? BEDROCK_VERSION : {}),
    ...sampling,
    ...defined({ thinking, output_config: effort === undefined ? undefined : { effort } }),
    ...(system.length === 0 ? {} : { system }),
    ...(tools.length === 0 ? {} : { tools, tool_choice: toolChoiceOf(request, options) }),
    // The budget for thinking counts as output and must stay below the limit.
    max_tokens: limit > budget ? limit : limit + budget,
    messages: messages.map((message, index) => (index >= messages.length - 2 ? withCacheMark(message) : message)),
    model,
    stream: true,
  }
  return { body, headers: headersOf(request, Object.keys(sampling).length > 0) }
}

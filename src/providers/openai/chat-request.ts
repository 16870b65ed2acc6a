import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
  ChatCompletionTool,
} from "openai/resources/chat/completions"
import type { FilePart, Part, ToolCallPart } from "../../contract/parts.ts"
import { shortCallId } from "../call-names.ts"
import { defaultMaxOutput, isResponsesModel } from "../catalog.ts"
import { asArray, asBoolean, asNumber, asRecord, asString, type JsonRecord } from "../json.ts"
import { type Dialect, hasGiven, normalHistory } from "../normal-history.ts"
import { defined, logitBias, oneOf, optionGroupOf, optionsOf, reasoningEffort, stringMap, strings } from "../options.ts"
import type { GenerateRequest, PromptMessage } from "../provider.ts"
import {
  isBlank,
  joinText,
  metadataFor,
  renderUnsupportedFile,
  replayArgs,
  resultText,
  toolSchema,
  userContent,
} from "../transcript.ts"

/** Writes a call as a Chat Completions request. */

export const CHAT_PROTOCOL = "openai_chat"

/** As strict as the strictest of the servers that speak it. */
const CHAT: Dialect = {
  protocol: CHAT_PROTOCOL,
  plain: ["field"],
  callId: shortCallId,
  repliesToResults: true,
}

const filePart = (part: FilePart): ChatCompletionContentPart => {
  const url = `data:${part.media_type};base64,${part.data ?? ""}`
  if (part.media_type.startsWith("image/")) return { type: "image_url", image_url: { url } }
  if (part.media_type === "application/pdf") {
    return { type: "file", file: { filename: part.name ?? "document.pdf", file_data: url } }
  }
  return { type: "text", text: renderUnsupportedFile(part) }
}

const userMessage = (message: PromptMessage): ReadonlyArray<ChatCompletionMessageParam> => {
  const content = userContent(message.parts)
  const [first] = content
  if (first === undefined) return []
  // Small servers take a plain string only.
  if (content.length === 1 && "text" in first) return [{ role: "user", content: first.text }]
  return [
    {
      role: "user",
      content: content.map((run) => ("text" in run ? { type: "text", text: run.text } : filePart(run.file))),
    },
  ]
}

const isInReasoningContent = (part: Part): boolean =>
  metadataFor(part, CHAT_PROTOCOL)?.["field"] === "reasoning_content"

/**
 * What stands in `reasoning_content` where no reasoning is known; undefined where the field is not wanted. DeepSeek, Kimi and
 * Qwen want it back with every message that has calls, whoever made it and for as long as the chat lasts; to servers that
 * never sent it, it is an error.
 */
const placeholderOf = (request: GenerateRequest): string | undefined => {
  if (request.reasoning === "pad") return " "
  return request.reasoning === "fill" || hasGiven(request, isInReasoningContent) ? "" : undefined
}

/** Reasoning goes back only as the server gave it: OpenRouter's blocks always, a plain field with the calls it led to. */
const replayedReasoning = (
  { parts }: PromptMessage,
  hasCalls: boolean,
  placeholder: string | undefined,
): JsonRecord => {
  const kept = parts.map((part) => metadataFor(part, CHAT_PROTOCOL))
  const details = kept.flatMap((data) => asArray(data?.["reasoning_details"]))
  if (details.length > 0) return { reasoning_details: details }
  if (!hasCalls) return {}
  const text = parts.flatMap((part) => (part.type === "reasoning" ? [part.text] : [])).join("")
  if (placeholder !== undefined) return { reasoning_content: isBlank(text) ? placeholder : text }
  if (isBlank(text)) return {}
  const field = kept.map((data) => oneOf(data?.["field"], "reasoning", "thinking")).find((name) => name !== undefined)
  return field === undefined ? {} : { [field]: text }
}

/** A call with the fields that this server gave it beside the usual ones, such as Gemini's thought signature. */
const toolCall = (part: ToolCallPart): ChatCompletionMessageToolCall => {
  const given = asRecord(metadataFor(part, CHAT_PROTOCOL)?.["call"])
  const name = part.tool_name
  return {
    ...given,
    id: part.tool_call_id,
    type: "function",
    function: { ...asRecord(given?.["function"]), name, arguments: JSON.stringify(replayArgs(part)) },
  }
}

const assistantMessage = (
  message: PromptMessage,
  placeholder: string | undefined,
): ReadonlyArray<ChatCompletionMessageParam> => {
  const text = joinText(message.parts.filter((part) => part.type === "text"))
  const calls = message.parts
    .filter((part) => part.type === "tool-call")
    .filter((part) => part.provider_executed !== true)
    .map(toolCall)
  return [
    {
      role: "assistant",
      content: text === "" ? null : text,
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
      ...replayedReasoning(message, calls.length > 0, placeholder),
    },
  ]
}

const toolMessages = (message: PromptMessage): ReadonlyArray<ChatCompletionMessageParam> =>
  message.parts.flatMap((part) =>
    part.type === "tool-result"
      ? [{ role: "tool" as const, tool_call_id: part.tool_call_id, content: resultText(part) }]
      : [],
  )

const chatMessages = (request: GenerateRequest): Array<ChatCompletionMessageParam> => {
  const history = normalHistory(request, CHAT)
  const placeholder = placeholderOf(request)
  // One message: the templates of many local models know a single system message at the start.
  const instructions = request.system.filter((text) => !isBlank(text)).join("\n\n")
  return [
    ...(instructions === "" ? [] : [{ role: "system" as const, content: instructions }]),
    ...history.flatMap((message) => {
      if (message.role === "user") return userMessage(message)
      return message.role === "tool" ? toolMessages(message) : assistantMessage(message, placeholder)
    }),
  ]
}

const chatTools = ({ tools }: GenerateRequest, options: JsonRecord): Array<ChatCompletionTool> => {
  const strict = asBoolean(options["structured_outputs"])
  return tools.map((tool) => ({
    type: "function",
    function: {
      name: tool.name,
      description: tool.description,
      parameters: toolSchema(tool),
      ...(strict === undefined ? {} : { strict }),
    },
  }))
}

/** Small models behind an own base URL refuse a limit above theirs, so a default is sent only where it is known to fit. */
const outputLimit = ({ config, connection, model }: GenerateRequest, options: JsonRecord): JsonRecord => {
  const configured = config.max_output_tokens
  switch (connection.type) {
    case "openai": {
      const fallback = isResponsesModel(model) ? defaultMaxOutput(model) : undefined
      return { max_completion_tokens: configured ?? asNumber(options["max_completion_tokens"]) ?? fallback }
    }
    case "openai-compat":
      return { max_tokens: configured }
    default:
      return { max_tokens: configured ?? defaultMaxOutput(model) }
  }
}

const gatewayReasoning = (request: GenerateRequest, options: JsonRecord): JsonRecord | undefined => {
  const given = asRecord(options["reasoning"])
  const effort = reasoningEffort(request.config, optionGroupOf(request), given?.["effort"])
  const reasoning = defined({
    enabled: asBoolean(given?.["enabled"]),
    exclude: asBoolean(given?.["exclude"]),
    max_tokens: asNumber(given?.["max_tokens"]),
    effort,
  })
  return Object.keys(reasoning).length === 0 ? undefined : reasoning
}

const openaiOptions = (request: GenerateRequest, options: JsonRecord): JsonRecord => {
  const topLogprobs = asNumber(options["top_log_probs"])
  const prediction = options["prediction"]
  return {
    logit_bias: logitBias(options["logit_bias"]),
    logprobs: topLogprobs !== undefined ? true : asBoolean(options["log_probs"]),
    top_logprobs: topLogprobs,
    user: asString(options["user"]),
    reasoning_effort: reasoningEffort(request.config, "openai", options["reasoning_effort"]),
    verbosity: oneOf(options["text_verbosity"], "low", "medium", "high"),
    prediction: typeof prediction === "string" ? { type: "content", content: prediction } : asRecord(prediction),
    store: asBoolean(options["store"]),
    metadata: stringMap(options["metadata"]),
    prompt_cache_key: asString(options["prompt_cache_key"]),
    safety_identifier: asString(options["safety_identifier"]),
    service_tier: oneOf(options["service_tier"], "auto", "default", "flex", "scale", "priority"),
  }
}

/** To whom OpenRouter hands a request on. */
const routing = (options: JsonRecord): JsonRecord | undefined => {
  const given = asRecord(options["provider"])
  if (given === undefined) return undefined
  const { data_collection, sort } = given
  return {
    ...given,
    ...defined({
      data_collection: oneOf(data_collection, "allow", "deny"),
      sort: oneOf(sort, "price", "throughput", "latency"),
    }),
  }
}

const gatewayOptions = (request: GenerateRequest, options: JsonRecord): JsonRecord => {
  const common = {
    reasoning: gatewayReasoning(request, options),
    logit_bias: logitBias(options["logit_bias"]),
    user: asString(options["user"]),
    ...asRecord(options["extra_body"]),
  }
  if (request.connection.type === "vercel") {
    const given = asRecord(options["providerOptions"])
    const gateway = defined({ order: strings(given?.["order"]), models: strings(given?.["models"]) })
    return {
      ...common,
      logprobs: asBoolean(options["logprobs"]),
      top_logprobs: asNumber(options["top_logprobs"]),
      providerOptions: Object.keys(gateway).length === 0 ? undefined : { gateway },
    }
  }
  return {
    ...common,
    logprobs: asBoolean(options["log_probs"]),
    usage: asBoolean(options["include_usage"]) === true ? { include: true } : undefined,
    provider: routing(options),
  }
}

const compatOptions = (request: GenerateRequest, options: JsonRecord): JsonRecord => ({
  user: asString(options["user"]),
  reasoning_effort: reasoningEffort(request.config, "openaicompat", options["reasoning_effort"]),
})

const providerFields = (request: GenerateRequest, options: JsonRecord): JsonRecord => {
  switch (optionGroupOf(request)) {
    case "openai":
      return openaiOptions(request, options)
    case "openrouter":
    case "vercel":
      return gatewayOptions(request, options)
    default:
      return compatOptions(request, options)
  }
}

/** The whole body. */
export const chatRequest = (request: GenerateRequest): ChatCompletionCreateParamsStreaming => {
  const { config, model, toolChoice } = request
  const options = optionsOf(request)
  const tools = chatTools(request, options)
  const parallel = tools.length === 0 ? undefined : asBoolean(options["parallel_tool_calls"])
  return {
    ...defined({
      ...providerFields(request, options),
      ...outputLimit(request, options),
      temperature: config.temperature,
      top_p: config.top_p,
      // Not OpenAI's, but widely understood by the servers that copy its protocol.
      top_k: optionGroupOf(request) === "openai" ? undefined : config.top_k,
      presence_penalty: config.presence_penalty,
      frequency_penalty: config.frequency_penalty,
      parallel_tool_calls: parallel,
    }),
    ...(tools.length === 0 ? {} : { tools, tool_choice: toolChoice }),
    stream_options: { include_usage: true },
    model,
    messages: chatMessages(request),
    stream: true,
  }
}

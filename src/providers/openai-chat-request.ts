import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions"
import type { FilePart } from "../contract/parts.ts"
import { defaultMaxOutput, isResponsesModel } from "./catalog.ts"
import { asArray, asBoolean, asNumber, asRecord, asString, type JsonRecord } from "./json.ts"
import { defined, logitBias, oneOf, optionGroupOf, optionsOf, reasoningEffort, stringMap, strings } from "./options.ts"
import type { GenerateRequest, PromptMessage } from "./provider.ts"
import {
  isBlank,
  joinText,
  lastUserIndex,
  metadataFor,
  renderUnsupportedFile,
  replayArgs,
  resultText,
  toolSchema,
  userContent,
} from "./transcript.ts"

/** Writes a call as a Chat Completions request. */

export const CHAT_PROTOCOL = "openai_chat"

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

/**
 * Reasoning goes back only as the server gave it: OpenRouter's blocks always, a plain reasoning field within the current
 * turn, where servers that think between tool calls demand it and others ignore it.
 */
const replayedReasoning = (message: PromptMessage, currentTurn: boolean): JsonRecord => {
  for (const part of message.parts) {
    if (part.type !== "reasoning") continue
    const kept = metadataFor(part, CHAT_PROTOCOL)
    const details = asArray(kept?.["reasoning_details"])
    if (details.length > 0) return { reasoning_details: details }
    const field = oneOf(kept?.["field"], "reasoning_content", "reasoning")
    if (field !== undefined && currentTurn && !isBlank(part.text)) return { [field]: part.text }
  }
  return {}
}

const assistantMessage = (message: PromptMessage, currentTurn: boolean): ReadonlyArray<ChatCompletionMessageParam> => {
  const text = joinText(message.parts.filter((part) => part.type === "text"))
  const calls = message.parts
    .filter((part) => part.type === "tool-call")
    .filter((part) => part.provider_executed !== true)
    .map((part) => ({
      id: part.tool_call_id,
      type: "function" as const,
      function: { name: part.tool_name, arguments: JSON.stringify(replayArgs(part)) },
    }))
  if (text === "" && calls.length === 0) return []
  return [
    {
      role: "assistant",
      content: text === "" ? null : text,
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
      ...replayedReasoning(message, currentTurn && calls.length > 0),
    },
  ]
}

const toolMessages = (message: PromptMessage): ReadonlyArray<ChatCompletionMessageParam> =>
  message.parts.flatMap((part) =>
    part.type === "tool-result" && part.provider_executed !== true
      ? [{ role: "tool" as const, tool_call_id: part.tool_call_id, content: resultText(part) }]
      : [],
  )

const chatMessages = ({ messages, system }: GenerateRequest): Array<ChatCompletionMessageParam> => {
  const lastUser = lastUserIndex(messages)
  // One message: the templates of many local models know a single system message at the start.
  const instructions = system.filter((text) => !isBlank(text)).join("\n\n")
  return [
    ...(instructions === "" ? [] : [{ role: "system" as const, content: instructions }]),
    ...messages.flatMap((message, index) => {
      if (message.role === "user") return userMessage(message)
      return message.role === "tool" ? toolMessages(message) : assistantMessage(message, index > lastUser)
    }),
  ]
}

const chatTools = ({ tools }: GenerateRequest): Array<ChatCompletionTool> =>
  tools.map((tool) => ({
    type: "function",
    function: { name: tool.name, description: tool.description, parameters: toolSchema(tool) },
  }))

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

const gatewayOptions = (request: GenerateRequest, options: JsonRecord): JsonRecord => {
  const common = {
    reasoning: gatewayReasoning(request, options),
    logit_bias: logitBias(options["logit_bias"]),
    user: asString(options["user"]),
    ...asRecord(options["extra_body"]),
  }
  if (request.connection.type === "vercel") {
    const routing = asRecord(options["providerOptions"])
    const gateway = defined({ order: strings(routing?.["order"]), models: strings(routing?.["models"]) })
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
    provider: asRecord(options["provider"]),
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

/** The whole body. `withUsage` false for servers that refuse `stream_options`. */
export const chatRequest = (request: GenerateRequest, withUsage: boolean): ChatCompletionCreateParamsStreaming => {
  const { config, model, toolChoice } = request
  const options = optionsOf(request)
  const tools = chatTools(request)
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
    ...(withUsage ? { stream_options: { include_usage: true } } : {}),
    model,
    messages: chatMessages(request),
    stream: true,
  }
}

import type {
  ResponseCreateParamsStreaming,
  ResponseFunctionWebSearch,
  ResponseIncludable,
  ResponseInputContent,
  ResponseInputItem,
  ResponseReasoningItem,
  Tool,
} from "openai/resources/responses/responses"
import type { FilePart } from "../../contract/parts.ts"
import { cleanCallId } from "../call-names.ts"
import { defaultMaxOutput, isReasoningModel } from "../catalog.ts"
import { asBoolean, asNumber, asString, isRecord, type JsonRecord } from "../json.ts"
import { type Dialect, normalHistory } from "../normal-history.ts"
import { defined, oneOf, optionsOf, reasoningEffort, stringMap, strings } from "../options.ts"
import type { GenerateRequest, PromptMessage, ResponseChain } from "../provider.ts"
import {
  isBlank,
  metadataFor,
  renderUnsupportedFile,
  replayArgs,
  resultText,
  toolSchema,
  userContent,
} from "../transcript.ts"

/**
 * Writes a call as a Responses request. The whole conversation goes along, with the model's reasoning as the encrypted items
 * that it gave us. Only where the model config says `store` may a call go on from the response that the provider kept.
 */

export const RESPONSES_PROTOCOL = "openai_responses"

const RESPONSES: Dialect = {
  protocol: RESPONSES_PROTOCOL,
  plain: ["phase"],
  callId: cleanCallId,
  repliesToResults: false,
}

const isReasoningItem = (value: unknown): value is ResponseReasoningItem =>
  isRecord(value) &&
  value["type"] === "reasoning" &&
  typeof value["id"] === "string" &&
  typeof value["encrypted_content"] === "string" &&
  Array.isArray(value["summary"])

const isWebSearchItem = (value: unknown): value is ResponseFunctionWebSearch =>
  isRecord(value) && value["type"] === "web_search_call" && typeof value["id"] === "string" && isRecord(value["action"])

const fileContent = (part: FilePart): ResponseInputContent => {
  const url = `data:${part.media_type};base64,${part.data ?? ""}`
  if (part.media_type.startsWith("image/")) return { type: "input_image", detail: "auto", image_url: url }
  if (part.media_type === "application/pdf") {
    return { type: "input_file", filename: part.name ?? "document.pdf", file_data: url }
  }
  return { type: "input_text", text: renderUnsupportedFile(part) }
}

const userItems = (message: PromptMessage): ReadonlyArray<ResponseInputItem> => {
  const content = userContent(message.parts).map((run): ResponseInputContent =>
    "text" in run ? { type: "input_text", text: run.text } : fileContent(run.file),
  )
  return content.length === 0 ? [] : [{ role: "user", content }]
}

/**
 * The items of an assistant message, in their order. A reasoning item is only valid with the item that followed it, so
 * the ones at the end, left by an interruption, are dropped. Ids of calls and messages are left out: an id makes the
 * provider look for the reasoning that came with it. A search has to have its id, so it goes with its reasoning or not at all.
 */
const assistantItems = (message: PromptMessage): ReadonlyArray<ResponseInputItem> => {
  let lostReasoning = false
  const items = message.parts.flatMap((part): ReadonlyArray<ResponseInputItem> => {
    const kept = metadataFor(part, RESPONSES_PROTOCOL)
    const item = kept?.["item"]
    switch (part.type) {
      case "text": {
        const phase = oneOf(kept?.["phase"], "commentary", "final_answer")
        return [{ role: "assistant", content: part.text, ...(phase === undefined ? {} : { phase }) }]
      }
      case "reasoning":
        lostReasoning = !isReasoningItem(item)
        return isReasoningItem(item) ? [item] : []
      case "tool-call":
        if (part.provider_executed === true) return isWebSearchItem(item) && !lostReasoning ? [item] : []
        return [
          {
            type: "function_call",
            call_id: part.tool_call_id,
            name: part.tool_name,
            arguments: JSON.stringify(replayArgs(part)),
          },
        ]
      default:
        return []
    }
  })
  const end = items.findLastIndex((item) => !("type" in item) || item.type !== "reasoning")
  return items.slice(0, end + 1)
}

const toolItems = (message: PromptMessage): ReadonlyArray<ResponseInputItem> =>
  message.parts.flatMap((part) =>
    part.type === "tool-result"
      ? [{ type: "function_call_output" as const, call_id: part.tool_call_id, output: resultText(part) }]
      : [],
  )

const inputOf = (messages: ReadonlyArray<PromptMessage>): Array<ResponseInputItem> =>
  messages.flatMap((message) => {
    if (message.role === "user") return userItems(message)
    return message.role === "tool" ? toolItems(message) : assistantItems(message)
  })

const stores = (options: JsonRecord): boolean => asBoolean(options["store"]) ?? false

/** What the call goes on from, if it does: without `store` the provider has kept nothing. */
export const chainOf = (request: GenerateRequest): ResponseChain | undefined =>
  stores(optionsOf(request)) ? request.chain : undefined

const toolsOf = ({ tools }: GenerateRequest, options: JsonRecord): Array<Tool> => {
  const functions = tools.map((tool): Tool => ({
    type: "function",
    name: tool.name,
    description: tool.description,
    parameters: toolSchema(tool),
    strict: asBoolean(options["strict_json_schema"]) ?? false,
  }))
  if (options["web_search_enabled"] !== true) return functions
  const domains = strings(options["allowed_domains"])
  const size = oneOf(options["search_context_size"], "low", "medium", "high")
  return [
    ...functions,
    {
      type: "web_search",
      ...(size === undefined ? {} : { search_context_size: size }),
      ...(domains === undefined ? {} : { filters: { allowed_domains: [...domains] } }),
    },
  ]
}

const INCLUDABLE: ReadonlyArray<ResponseIncludable> = [
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
  "code_interpreter_call.outputs",
  "reasoning.encrypted_content",
  "message.output_text.logprobs",
]

/** `thinks`: a model that does not think refuses to include encrypted reasoning. */
const includeOf = (options: JsonRecord, thinks: boolean): Array<ResponseIncludable> | undefined => {
  const wanted = new Set(strings(options["include"])?.map((name) => name.toLowerCase()))
  if (thinks) wanted.add("reasoning.encrypted_content")
  if (options["web_search_enabled"] === true) wanted.add("web_search_call.action.sources")
  if (options["log_probs"] === true || asNumber(options["top_log_probs"]) !== undefined) {
    wanted.add("message.output_text.logprobs")
  }
  const include = INCLUDABLE.filter((name) => wanted.has(name))
  return include.length === 0 ? undefined : include
}

const instructionsOf = ({ system }: GenerateRequest, options: JsonRecord): string | undefined => {
  const texts = [...system, asString(options["instructions"]) ?? ""].filter((text) => !isBlank(text))
  return texts.length === 0 ? undefined : texts.join("\n\n")
}

export const responsesRequest = (request: GenerateRequest): ResponseCreateParamsStreaming => {
  const { config, model, toolChoice } = request
  const options = optionsOf(request)
  const chain = chainOf(request)
  const tools = toolsOf(request, options)
  const effort = reasoningEffort(config, "openai", options["reasoning_effort"])
  const reasoning = defined({
    effort,
    summary: oneOf(options["reasoning_summary"], "auto", "concise", "detailed"),
  })
  const verbosity = oneOf(options["text_verbosity"], "low", "medium", "high")
  return {
    ...defined({
      instructions: instructionsOf(request, options),
      previous_response_id: chain?.previousResponseId,
      include: includeOf(options, effort !== undefined || isReasoningModel(model)),
      reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning,
      text: verbosity === undefined ? undefined : { verbosity },
      temperature: config.temperature,
      top_p: config.top_p,
      top_logprobs: asNumber(options["top_log_probs"]),
      max_tool_calls: asNumber(options["max_tool_calls"]),
      user: asString(options["user"]),
      metadata: stringMap(options["metadata"]),
      prompt_cache_key: asString(options["prompt_cache_key"]),
      safety_identifier: asString(options["safety_identifier"]),
      service_tier: oneOf(options["service_tier"], "auto", "default", "flex", "scale", "priority"),
      parallel_tool_calls: tools.length === 0 ? undefined : asBoolean(options["parallel_tool_calls"]),
    }),
    ...(tools.length === 0 ? {} : { tools, tool_choice: toolChoice }),
    max_output_tokens: config.max_output_tokens ?? defaultMaxOutput(model),
    store: stores(options),
    model,
    input: inputOf(normalHistory({ ...request, messages: chain?.messages ?? request.messages }, RESPONSES)),
    stream: true,
  }
}

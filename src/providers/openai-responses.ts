import { Effect } from "effect"
import type { OpenAI } from "openai"
import type { Usage } from "../contract/parts.ts"
import { classifyFailure, type FailureContext } from "./classify.ts"
import { asNumber, asRecord, asRecords, asString, isRecord, type JsonRecord } from "./json.ts"
import { openaiClient } from "./openai-client.ts"
import { chainOf, RESPONSES_PROTOCOL, responsesRequest } from "./openai-responses-request.ts"
import { defined } from "./options.ts"
import type { FinishReason, Generate, GenerateRequest, GenerateResult, StreamEvent } from "./provider.ts"
import { type OpenCall, Reply } from "./reply.ts"
import { streamCall, type StreamReader } from "./stream-call.ts"
import { metadataOf } from "./transcript.ts"

/** The Responses API: OpenAI's own models and Azure. */

/** Cached tokens are counted apart, so `input_tokens` is what was not read from a cache. */
const readUsage = (usage: JsonRecord): Usage => {
  const input = asNumber(usage["input_tokens"])
  const cached = asNumber(asRecord(usage["input_tokens_details"])?.["cached_tokens"])
  return defined({
    input_tokens: input === undefined ? undefined : Math.max(0, input - (cached ?? 0)),
    output_tokens: asNumber(usage["output_tokens"]),
    total_tokens: asNumber(usage["total_tokens"]),
    reasoning_tokens: asNumber(asRecord(usage["output_tokens_details"])?.["reasoning_tokens"]),
    cache_read_tokens: cached,
  })
}

class ResponsesReader implements StreamReader {
  readonly #reply: Reply
  readonly #context: FailureContext
  /** By output index. */
  readonly #calls = new Map<unknown, OpenCall>()
  #finish: FinishReason | undefined
  #usage: Usage = {}
  #responseId: string | undefined

  constructor(context: FailureContext, onEvent: (event: StreamEvent) => void) {
    this.#context = context
    this.#reply = new Reply(onEvent)
  }

  accept(event: unknown): void {
    if (!isRecord(event)) return
    switch (event["type"]) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return this.#text(event["delta"])
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        return this.#reasoning(event["delta"])
      case "response.reasoning_summary_part.added":
        // Summaries come as paragraphs.
        return (asNumber(event["summary_index"]) ?? 0) > 0 ? this.#reply.reasoning("\n\n") : undefined
      case "response.function_call_arguments.delta":
        return this.#arguments(event)
      case "response.output_item.added":
        return this.#itemAdded(event)
      case "response.output_item.done":
        return this.#itemDone(event)
      case "response.output_text.annotation.added":
        return this.#annotation(asRecord(event["annotation"]))
      case "response.completed":
        return this.#ended(asRecord(event["response"]), "stop")
      case "response.incomplete": {
        const response = asRecord(event["response"])
        const reason = asString(asRecord(response?.["incomplete_details"])?.["reason"])
        return this.#ended(response, reason === "content_filter" ? "content-filter" : "length")
      }
      case "response.failed":
        throw classifyFailure(this.#context, { message: "", error: asRecord(event["response"])?.["error"] })
      case "error":
        throw classifyFailure(this.#context, { message: asString(event["message"]) ?? "", error: event })
      default:
        this.#responseId ??= asString(asRecord(event["response"])?.["id"])
    }
  }

  #text(delta: unknown): void {
    if (typeof delta === "string" && delta !== "") this.#reply.text(delta)
  }

  #reasoning(delta: unknown): void {
    if (typeof delta === "string" && delta !== "") this.#reply.reasoning(delta)
  }

  #arguments(event: JsonRecord): void {
    const call = this.#calls.get(event["output_index"])
    if (call && typeof event["delta"] === "string") this.#reply.callDelta(call, event["delta"])
  }

  #itemAdded(event: JsonRecord): void {
    const item = asRecord(event["item"])
    this.#reply.close()
    if (item?.["type"] !== "function_call") return
    const call = this.#reply.call(asString(item["call_id"]), asString(item["name"]))
    this.#calls.set(event["output_index"], call)
  }

  #itemDone(event: JsonRecord): void {
    const item = asRecord(event["item"])
    switch (item?.["type"]) {
      case "reasoning":
        this.#reply.annotate("reasoning", metadataOf(RESPONSES_PROTOCOL, { item: rawReasoning(item) }))
        break
      case "message":
        if (asString(item["phase"]) !== undefined) {
          this.#reply.annotate("text", metadataOf(RESPONSES_PROTOCOL, { phase: item["phase"] }))
        }
        break
      case "function_call": {
        // Servers may hand over the arguments only here.
        const call = this.#calls.get(event["output_index"])
        if (call?.args === "" && typeof item["arguments"] === "string") this.#reply.callDelta(call, item["arguments"])
        break
      }
      case "web_search_call":
        this.#webSearch(item)
        break
      default:
    }
    this.#reply.close()
  }

  #webSearch(item: JsonRecord): void {
    const action = asRecord(item["action"])
    const { sources, ...args } = action ?? {}
    const call = {
      tool_call_id: asString(item["id"]) ?? "web_search",
      tool_name: "web_search",
      provider_executed: true,
    }
    const { id, status, type } = item
    const raw = metadataOf(RESPONSES_PROTOCOL, { item: { type, id, status, action: args } })
    this.#reply.part({ type: "tool-call", ...call, args, provider_metadata: raw })
    const result = defined({ status: asString(item["status"]), sources })
    this.#reply.part({ type: "tool-result", ...call, result, is_error: item["status"] === "failed" })
  }

  #annotation(annotation: JsonRecord | undefined): void {
    const url = asString(annotation?.["url"])
    if (annotation?.["type"] !== "url_citation" || url === undefined) return
    const title = asString(annotation["title"])
    this.#reply.source({ type: "source", url, ...(title === undefined ? {} : { title }) })
  }

  #ended(response: JsonRecord | undefined, reason: FinishReason): void {
    this.#finish = reason
    this.#responseId = asString(response?.["id"]) ?? this.#responseId
    const usage = asRecord(response?.["usage"])
    if (usage) this.#usage = readUsage(usage)
  }

  finished(): boolean {
    return this.#finish !== undefined
  }

  result(): GenerateResult {
    const parts = this.#reply.parts()
    const calls = parts.some((part) => part.type === "tool-call" && part.provider_executed !== true)
    const reason = this.#finish ?? "other"
    return {
      parts,
      finishReason: calls && reason === "stop" ? "tool-calls" : reason,
      usage: this.#usage,
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
    }
  }
}

/** What an exact replay needs; without `status`, which the request does not take for these items. */
const rawReasoning = (item: JsonRecord): JsonRecord => ({
  type: "reasoning",
  id: item["id"],
  summary: asRecords(item["summary"]),
  encrypted_content: item["encrypted_content"],
})

const open = (client: OpenAI, request: GenerateRequest, signal: AbortSignal): Promise<Response> => {
  const headers = { ...request.connection.headers }
  return client.responses.create(responsesRequest(request), { signal, headers }).asResponse()
}

/** An adapter whose calls give up after `streamSilenceMs` without an event. */
export const openaiResponses =
  (streamSilenceMs: number): Generate =>
  (request, onEvent) => {
    const context: FailureContext = { operation: "Providers.generate", connection: request.connection }
    let shown = false
    const show = (event: StreamEvent) => {
      shown = true
      onEvent(event)
    }
    const call = (sent: GenerateRequest) =>
      streamCall({
        context,
        streamSilenceMs,
        client: () => openaiClient(request.connection),
        open: (client, signal) => open(client, sent, signal),
        reader: () => new ResponsesReader(context, show),
      })
    // The provider may have lost what it kept. Then the whole conversation goes along, as if there had been no chain.
    return call(request).pipe(
      Effect.catchIf(
        (error) => error.brokenChain === true && chainOf(request) !== undefined && !shown,
        () => call({ ...request, chain: undefined }),
      ),
    )
  }

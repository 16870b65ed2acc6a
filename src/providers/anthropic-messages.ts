import type { Anthropic } from "@anthropic-ai/sdk"
import type { Usage } from "../contract/parts.ts"
import { anthropicClient } from "./anthropic-client.ts"
import { untilNotPaused } from "./anthropic-pause.ts"
import { anthropicCall } from "./anthropic-request.ts"
import { ANTHROPIC_PROTOCOL } from "./anthropic-transcript.ts"
import type { FailureContext } from "./classify.ts"
import { asNumber, asRecord, asRecords, asString, isRecord, type JsonRecord, parseJson } from "./json.ts"
import { defined } from "./options.ts"
import type { FinishReason, Generate, GenerateRequest, GenerateResult, StreamEvent } from "./provider.ts"
import { type OpenCall, Reply } from "./reply.ts"
import { streamCall, type StreamReader } from "./stream-call.ts"
import { metadataOf } from "./transcript.ts"

/** Anthropic's Messages API. */

const STOP_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content-filter",
  pause_turn: "pause",
}

/** The block that is being streamed, with what must be kept of it for the replay. */
type OpenBlock =
  | { readonly kind: "text"; readonly citations: Array<JsonRecord> }
  | { readonly kind: "thinking"; thinking: string; signature: string }
  | { readonly kind: "call"; readonly call: OpenCall }
  | { readonly kind: "search"; readonly block: JsonRecord; input: string }
  | { readonly kind: "other" }

const isNotEmpty = (value: unknown): value is JsonRecord => isRecord(value) && Object.keys(value).length > 0

class AnthropicReader implements StreamReader {
  readonly #reply: Reply
  readonly #blocks = new Map<unknown, OpenBlock>()
  /** The counts of the start and of the end of the message; the later ones are cumulative. */
  #counts: Record<string, unknown> = {}
  #stopReason: string | undefined
  #stopped = false
  #responseId: string | undefined

  constructor(onEvent: (event: StreamEvent) => void) {
    this.#reply = new Reply(onEvent)
  }

  accept(event: unknown): void {
    if (!isRecord(event)) return
    switch (event["type"]) {
      case "content_block_delta":
        return this.#delta(this.#blocks.get(event["index"]), asRecord(event["delta"]))
      case "content_block_start":
        return this.#start(event["index"], asRecord(event["content_block"]))
      case "content_block_stop":
        return this.#stop(this.#blocks.get(event["index"]))
      case "message_start": {
        const message = asRecord(event["message"])
        this.#responseId = asString(message?.["id"])
        return this.#count(asRecord(message?.["usage"]))
      }
      case "message_delta":
        this.#stopReason = asString(asRecord(event["delta"])?.["stop_reason"]) ?? this.#stopReason
        return this.#count(asRecord(event["usage"]))
      case "message_stop":
        this.#stopped = true
        return undefined
      default:
        return undefined
    }
  }

  #count(usage: JsonRecord | undefined): void {
    for (const [key, value] of Object.entries(usage ?? {})) {
      if (value !== null && value !== undefined) this.#counts[key] = value
    }
  }

  #start(index: unknown, block: JsonRecord | undefined): void {
    this.#reply.close()
    this.#blocks.set(index, this.#open(block))
  }

  #open(block: JsonRecord | undefined): OpenBlock {
    switch (block?.["type"]) {
      case "text": {
        const text = asString(block["text"])
        if (text !== undefined) this.#reply.text(text)
        return { kind: "text", citations: [] }
      }
      case "thinking": {
        const thinking = asString(block["thinking"]) ?? ""
        if (thinking !== "") this.#reply.reasoning(thinking)
        return { kind: "thinking", thinking, signature: asString(block["signature"]) ?? "" }
      }
      case "redacted_thinking":
        this.#reply.annotate("reasoning", keep({ type: "redacted_thinking", data: block["data"] }))
        return { kind: "other" }
      case "tool_use": {
        const call = this.#reply.call(asString(block["id"]), asString(block["name"]))
        if (isNotEmpty(block["input"])) this.#reply.callDelta(call, JSON.stringify(block["input"]))
        return { kind: "call", call }
      }
      case "server_tool_use":
        return { kind: "search", block, input: isNotEmpty(block["input"]) ? JSON.stringify(block["input"]) : "" }
      case "web_search_tool_result":
        this.#searchResult(block)
        return { kind: "other" }
      default:
        return { kind: "other" }
    }
  }

  #delta(block: OpenBlock | undefined, delta: JsonRecord | undefined): void {
    const text = asString(delta?.["text"])
    if (block?.kind === "text") {
      if (text !== undefined) this.#reply.text(text)
      const citation = asRecord(delta?.["citation"])
      if (citation) this.#citation(block.citations, citation)
    } else if (block?.kind === "thinking") {
      const thinking = asString(delta?.["thinking"])
      if (thinking !== undefined) {
        block.thinking += thinking
        this.#reply.reasoning(thinking)
      }
      block.signature += asString(delta?.["signature"]) ?? ""
    } else if (block?.kind === "call") {
      this.#reply.callDelta(block.call, asString(delta?.["partial_json"]) ?? "")
    } else if (block?.kind === "search") {
      block.input += asString(delta?.["partial_json"]) ?? ""
    }
  }

  #stop(block: OpenBlock | undefined): void {
    if (block?.kind === "thinking" && block.signature !== "") {
      const { signature, thinking } = block
      this.#reply.annotate("reasoning", keep({ type: "thinking", thinking, signature }))
    } else if (block?.kind === "text" && block.citations.length > 0) {
      this.#reply.annotate("text", metadataOf(ANTHROPIC_PROTOCOL, { citations: block.citations }))
    } else if (block?.kind === "search") this.#searchCall(block.block, block.input)
    this.#reply.close()
  }

  #citation(citations: Array<JsonRecord>, citation: JsonRecord): void {
    citations.push(citation)
    this.#source(citation)
  }

  #source(found: JsonRecord): void {
    const url = asString(found["url"])
    if (url === undefined) return
    const title = asString(found["title"])
    this.#reply.source({ type: "source", url, ...(title === undefined ? {} : { title }) })
  }

  #searchCall(block: JsonRecord, inputText: string): void {
    const input = parseJson(inputText) ?? {}
    const { id, name } = block
    this.#reply.part({
      type: "tool-call",
      tool_call_id: asString(id) ?? "web_search",
      tool_name: asString(name) ?? "web_search",
      args: input,
      provider_executed: true,
      provider_metadata: keep({ ...block, input }),
    })
  }

  #searchResult(block: JsonRecord): void {
    const { content, tool_use_id } = block
    const found = asRecords(content)
    this.#reply.part({
      type: "tool-result",
      tool_call_id: asString(tool_use_id) ?? "web_search",
      tool_name: "web_search",
      result: Array.isArray(content)
        ? found.map(({ page_age, title, url }) => defined({ title, url, page_age: page_age ?? undefined }))
        : content,
      is_error: !Array.isArray(content),
      provider_executed: true,
      provider_metadata: keep(block),
    })
  }

  finished(): boolean {
    return this.#stopped
  }

  result(): GenerateResult {
    return {
      parts: this.#reply.parts(),
      finishReason: STOP_REASONS[this.#stopReason ?? ""] ?? "other",
      usage: readUsage(this.#counts),
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
    }
  }
}

const keep = (block: JsonRecord): JsonRecord => metadataOf(ANTHROPIC_PROTOCOL, { block })

/** `input_tokens` leaves out cached tokens, as Anthropic counts. */
const readUsage = (counts: JsonRecord): Usage => {
  const input = asNumber(counts["input_tokens"])
  const output = asNumber(counts["output_tokens"])
  const written = asNumber(counts["cache_creation_input_tokens"])
  const cached = asNumber(counts["cache_read_input_tokens"])
  const known = [input, output, written, cached].flatMap((count) => count ?? [])
  return defined({
    input_tokens: input,
    output_tokens: output,
    total_tokens: known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0),
    reasoning_tokens: asNumber(asRecord(counts["output_tokens_details"])?.["thinking_tokens"]),
    cache_creation_tokens: written,
    cache_read_tokens: cached,
  })
}

const open = (client: Anthropic, request: GenerateRequest, signal: AbortSignal): Promise<Response> => {
  const { body, headers } = anthropicCall(request)
  return client.messages.create(body, { signal, headers: { ...request.connection.headers, ...headers } }).asResponse()
}

/** An adapter whose calls give up after `streamSilenceMs` without an event. */
export const anthropicMessagesApi =
  (streamSilenceMs: number): Generate =>
  (request, onEvent) => {
    const context: FailureContext = { operation: "Providers.generate", connection: request.connection }
    return untilNotPaused(request, (sent) =>
      streamCall({
        context,
        streamSilenceMs,
        client: () => anthropicClient(request.connection),
        open: (client, signal) => open(client, sent, signal),
        reader: () => new AnthropicReader(onEvent),
      }),
    )
  }

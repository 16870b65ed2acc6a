import type { OpenAI } from "openai"
import type { Part, Usage } from "../contract/parts.ts"
import type { FailureContext } from "./classify.ts"
import { asNumber, asRecord, asString, isRecord, type JsonRecord } from "./json.ts"
import { CHAT_PROTOCOL, chatRequest } from "./openai-chat-request.ts"
import { openaiBaseUrl, openaiClient } from "./openai-client.ts"
import { defined } from "./options.ts"
import type { FinishReason, Generate, GenerateRequest, GenerateResult, StreamEvent } from "./provider.ts"
import { type OpenCall, Reply } from "./reply.ts"
import { streamCall, type StreamReader } from "./stream-call.ts"
import { metadataOf, newToolCallId } from "./transcript.ts"

/** Chat Completions: OpenAI's older protocol, and that of every OpenAI-compatible server. */

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  length: "length",
  content_filter: "content-filter",
}

/** Cached tokens are counted apart, so `input_tokens` is what was neither read from nor written to a cache. */
const readUsage = (usage: JsonRecord): Usage => {
  const prompt = asRecord(usage["prompt_tokens_details"])
  const completion = asRecord(usage["completion_tokens_details"])
  const input = asNumber(usage["prompt_tokens"])
  const cached = asNumber(prompt?.["cached_tokens"])
  const written = asNumber(prompt?.["cache_write_tokens"])
  return defined({
    input_tokens: input === undefined ? undefined : Math.max(0, input - (cached ?? 0) - (written ?? 0)),
    output_tokens: asNumber(usage["completion_tokens"]),
    total_tokens: asNumber(usage["total_tokens"]),
    reasoning_tokens: asNumber(completion?.["reasoning_tokens"]),
    cache_read_tokens: cached,
    cache_creation_tokens: written,
  })
}

/** Joins the pieces of OpenRouter's reasoning blocks: same kind and index are one block. */
const addReasoningDetails = (blocks: Array<Record<string, unknown>>, pieces: ReadonlyArray<unknown>): void => {
  for (const piece of pieces) {
    if (!isRecord(piece)) continue
    const last = blocks.at(-1)
    if (last === undefined || last["type"] !== piece["type"] || last["index"] !== piece["index"]) {
      blocks.push({ ...piece })
      continue
    }
    for (const [key, value] of Object.entries(piece)) {
      const streamed = key === "text" || key === "summary" || key === "data"
      const before = last[key]
      if (streamed && typeof value === "string" && typeof before === "string") last[key] = before + value
      else if (value !== null && value !== undefined) last[key] = value
    }
  }
}

/** Which field the reasoning came in: it goes back in the same one. */
const FIELD_METADATA = {
  reasoning: { [CHAT_PROTOCOL]: { field: "reasoning" } },
  reasoning_content: { [CHAT_PROTOCOL]: { field: "reasoning_content" } },
}

/** Blocks may come after the text they belong to, or alone when the thinking is hidden: the first reasoning holds all. */
const withDetails = (parts: ReadonlyArray<Part>, details: ReadonlyArray<JsonRecord>): ReadonlyArray<Part> => {
  if (details.length === 0) return parts
  const provider_metadata = metadataOf(CHAT_PROTOCOL, { reasoning_details: details })
  const at = parts.findIndex((part) => part.type === "reasoning")
  if (at === -1) return [{ type: "reasoning", text: "", provider_metadata }, ...parts]
  return parts.map((part, index) => (index === at ? { ...part, provider_metadata } : part))
}

class ChatReader implements StreamReader {
  readonly #reply: Reply
  readonly #details: Array<Record<string, unknown>> = []
  readonly #byIndex = new Map<number, OpenCall>()
  #finish: string | undefined
  #usage: Usage = {}
  #responseId: string | undefined

  constructor(onEvent: (event: StreamEvent) => void) {
    this.#reply = new Reply(onEvent)
  }

  accept(event: unknown): void {
    if (!isRecord(event)) return
    this.#responseId ??= asString(event["id"])
    if (isRecord(event["usage"])) this.#usage = readUsage(event["usage"])
    const choices = event["choices"]
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
    if (!isRecord(choice)) return
    const delta = choice["delta"] ?? choice["message"]
    if (isRecord(delta)) this.#delta(delta)
    const finish = asString(choice["finish_reason"])
    if (finish !== undefined) this.#finish = finish
  }

  #delta(delta: JsonRecord): void {
    const content = delta["content"]
    if (typeof content === "string" && content !== "") this.#reply.text(content)
    const thinking = asString(delta["reasoning_content"])
    if (thinking !== undefined) this.#reasoning("reasoning_content", thinking)
    else {
      const reasoning = asString(delta["reasoning"])
      if (reasoning !== undefined) this.#reasoning("reasoning", reasoning)
    }
    if (Array.isArray(delta["reasoning_details"])) addReasoningDetails(this.#details, delta["reasoning_details"])
    const refusal = asString(delta["refusal"])
    if (refusal !== undefined) this.#reply.text(refusal)
    if (Array.isArray(delta["tool_calls"])) for (const call of delta["tool_calls"]) this.#toolCall(call)
    if (Array.isArray(delta["annotations"])) for (const note of delta["annotations"]) this.#annotation(note)
  }

  #reasoning(field: "reasoning" | "reasoning_content", text: string): void {
    this.#reply.reasoning(text)
    this.#reply.annotate("reasoning", FIELD_METADATA[field])
  }

  /** Finds the call that a piece belongs to. Servers leave out index or id, or give every call the index 0. */
  #toolCall(piece: unknown): void {
    if (!isRecord(piece)) return
    const fn = asRecord(piece["function"])
    const id = asString(piece["id"])
    const index = asNumber(piece["index"])
    const name = asString(fn?.["name"])
    const given = fn?.["arguments"]
    const args = typeof given === "string" ? given : isRecord(given) ? JSON.stringify(given) : ""
    const known = this.#knownCall(index, id, name)
    const call = known ?? this.#reply.call(id ?? (name === undefined ? "" : newToolCallId()), name)
    if (index !== undefined) this.#byIndex.set(index, call)
    if (known) {
      if (call.name === "" && name !== undefined) call.name = name
      if (call.id === "" && call.name !== "") call.id = id ?? newToolCallId()
    }
    this.#reply.callDelta(call, args)
  }

  #knownCall(index: number | undefined, id: string | undefined, name: string | undefined): OpenCall | undefined {
    if (index !== undefined) {
      const call = this.#byIndex.get(index)
      return call !== undefined && (id === undefined || call.id === "" || call.id === id) ? call : undefined
    }
    const { calls } = this.#reply
    if (id !== undefined) return calls.find((call) => call.id === id)
    // Neither index nor id: a name starts a call, bare arguments continue the last one.
    return name === undefined ? calls.at(-1) : undefined
  }

  #annotation(note: unknown): void {
    const citation = asRecord(asRecord(note)?.["url_citation"])
    const url = asString(citation?.["url"])
    if (url === undefined) return
    const title = asString(citation?.["title"])
    this.#reply.source({ type: "source", url, ...(title === undefined ? {} : { title }) })
  }

  finished(): boolean {
    return this.#finish !== undefined
  }

  result(): GenerateResult {
    const reason = FINISH_REASONS[this.#finish ?? ""] ?? "other"
    const named = this.#reply.parts().filter((part) => part.type !== "tool-call" || part.tool_name !== "")
    const parts = withDetails(named, this.#details)
    // Some servers say "stop" after tool calls.
    const hasCalls = parts.some((part) => part.type === "tool-call")
    return {
      parts,
      finishReason: hasCalls && (reason === "stop" || reason === "other") ? "tool-calls" : reason,
      usage: this.#usage,
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
    }
  }
}

/** Servers that answered 400 to `stream_options`, by base URL: they are not asked again. */
const withoutUsage = new Set<string>()

const refusesUsage = (cause: unknown): boolean =>
  isRecord(cause) &&
  (cause["status"] === 400 || cause["status"] === 422) &&
  /stream_options|include_usage/.test(`${String(cause["message"])} ${JSON.stringify(cause["error"])}`)

const open = async (client: OpenAI, request: GenerateRequest, signal: AbortSignal): Promise<Response> => {
  const baseUrl = openaiBaseUrl(request.connection)
  const send = (withUsage: boolean): Promise<Response> => {
    const headers = { ...request.connection.headers }
    return client.chat.completions.create(chatRequest(request, withUsage), { signal, headers }).asResponse()
  }
  if (withoutUsage.has(baseUrl)) return send(false)
  return send(true).catch((cause: unknown) => {
    if (!refusesUsage(cause)) throw cause
    withoutUsage.add(baseUrl)
    return send(false)
  })
}

/** An adapter whose calls give up after `streamSilenceMs` without an event. */
export const openaiChat =
  (streamSilenceMs: number): Generate =>
  (request, onEvent) => {
    const context: FailureContext = { operation: "Providers.generate", connection: request.connection }
    return streamCall({
      context,
      streamSilenceMs,
      client: () => openaiClient(request.connection),
      open: (client, signal) => open(client, request, signal),
      reader: () => new ChatReader(onEvent),
    })
  }

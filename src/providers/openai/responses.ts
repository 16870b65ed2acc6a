import { Effect } from "effect"
import type { OpenAI } from "openai"
import { nestsDeeper } from "../../contract/json-depth.ts"
import type { Usage } from "../../contract/parts.ts"
import type { FailureContext } from "../classify.ts"
import { argumentsText } from "../call-arguments.ts"
import { type ContentPiece, contentPieces } from "../content-pieces.ts"
import { asId, asNumber, asRecord, asRecords, asString, isRecord, type JsonRecord } from "../json.ts"
import { openaiClient } from "./client.ts"
import { chainOf, RESPONSES_PROTOCOL, responsesRequest } from "./responses-request.ts"
import { defined } from "../options.ts"
import type { FinishReason, Generate, GenerateRequest, GenerateResult, StreamEvent } from "../provider.ts"
import { endOf, failedEnd } from "../stream/reply-ends.ts"
import { type OpenCall, Reply } from "../stream/reply.ts"
import { type ReplyState, streamCall, type StreamReader } from "../stream/stream-call.ts"
import { metadataOf } from "../transcript.ts"
import { TokenCounts } from "../usage.ts"

/** The Responses API: OpenAI's own models, Azure, and servers that copy it. */

/** Cached tokens are counted apart, so `input_tokens` is what was not read from a cache. */
const readUsage = (usage: JsonRecord | undefined, counts: TokenCounts): Usage => {
  const input = counts.of(usage, "input_tokens")
  const cached = counts.of(asRecord(usage?.["input_tokens_details"]), "cached_tokens")
  return defined({
    input_tokens: input === undefined ? undefined : Math.max(0, input - (cached ?? 0)),
    output_tokens: counts.of(usage, "output_tokens"),
    total_tokens: counts.of(usage, "total_tokens"),
    reasoning_tokens: counts.of(asRecord(usage?.["output_tokens_details"]), "reasoning_tokens"),
    cache_read_tokens: cached,
  })
}

/** What has been read of one item of the output. Whatever came in deltas is not read again from the item itself. */
interface OpenItem {
  said: boolean
  call: OpenCall | undefined
  done: boolean
}

class ResponsesReader implements StreamReader {
  readonly #reply: Reply
  readonly #context: FailureContext
  /** By the item's id and by its place in the output: servers leave out the one or the other. */
  readonly #items = new Map<unknown, OpenItem>()
  /** The last delta's item, which the next one mostly belongs to. */
  #current: { readonly id: unknown; readonly index: unknown; readonly item: OpenItem } | undefined
  /** What was said before any item had a name: which item it belongs to cannot be known. */
  readonly #unnamed = new Set<ContentPiece["kind"]>()
  #end: FinishReason | undefined
  #refused = false
  #usage: JsonRecord | undefined
  #responseId: string | undefined

  constructor(context: FailureContext, onEvent: (event: StreamEvent) => void) {
    this.#context = context
    this.#reply = new Reply(context, onEvent)
  }

  isReply(document: JsonRecord): boolean {
    return Array.isArray(document["output"])
  }

  accept(event: unknown): void {
    if (this.#end !== undefined || !isRecord(event)) return
    switch (event["type"]) {
      case "response.output_text.delta":
        return this.#delta(event, "text")
      case "response.refusal.delta":
        return this.#delta(event, "refusal")
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
      case "response.reasoning.delta":
        return this.#delta(event, "reasoning")
      case "response.reasoning_summary_part.added":
        // Summaries come as paragraphs.
        return (asNumber(event["summary_index"]) ?? 0) > 0 ? this.#reply.reasoning("\n\n") : undefined
      case "response.function_call_arguments.delta": {
        const { call } = this.#itemOf(event)
        return call === undefined ? undefined : this.#reply.callDelta(call, argumentsText(event["delta"]))
      }
      case "response.output_text.done":
        return this.#itemOf(event).said ? undefined : this.#delta({ ...event, delta: event["text"] }, "text")
      case "response.function_call_arguments.done": {
        const { call } = this.#itemOf(event)
        return call === undefined ? undefined : this.#reply.wholeArguments(call, argumentsText(event["arguments"]))
      }
      case "response.output_item.added":
        return this.#itemAdded(event)
      case "response.output_item.done":
        return this.#itemDone(event)
      case "response.output_text.annotation.added":
        return this.#annotation(asRecord(event["annotation"]))
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
      case "response.cancelled":
      case "response.done":
        return this.#ended(asRecord(event["response"]) ?? {}, event["type"].slice("response.".length))
      case undefined:
        // The whole response in one document.
        return this.isReply(event) ? this.#ended(event, asString(event["status"]) ?? "completed") : undefined
      default:
        this.#responseId ??= asId(asRecord(event["response"])?.["id"])
    }
  }

  /** `[DONE]` behind a stream that never completed: the server has said all it had. */
  done(): void {
    this.#end ??= this.#reply.bytes > 0 ? "stop" : "other"
  }

  state(): ReplyState {
    return this.#end === undefined ? "open" : "ended"
  }

  #itemOf(event: JsonRecord): OpenItem {
    const item = asRecord(event["item"])
    const id = event["item_id"] ?? item?.["id"]
    const index = event["output_index"]
    const last = this.#current
    const unnamed = id === undefined && index === undefined
    if (last !== undefined && (unnamed || (last.index === index && last.id === id))) return last.item
    const found = (id === undefined ? undefined : this.#items.get(id)) ?? this.#atIndex(index, id)
    const open = found ?? { said: false, call: undefined, done: false }
    if (id !== undefined) this.#items.set(id, open)
    if (index !== undefined) this.#items.set(index, open)
    this.#current = { id, index, item: open }
    return open
  }

  /** Servers that give every item the index 0 are found out when the item there is done and another id comes. */
  #atIndex(index: unknown, id: unknown): OpenItem | undefined {
    const there = index === undefined ? undefined : this.#items.get(index)
    return there?.done === true && id !== undefined ? undefined : there
  }

  #delta(event: JsonRecord, kind: ContentPiece["kind"]): void {
    const { delta } = event
    if (typeof delta !== "string" || delta === "") return
    this.#itemOf(event).said = true
    if (this.#items.size === 0) this.#unnamed.add(kind)
    this.#say({ kind, text: delta })
  }

  #say({ kind, text }: ContentPiece): void {
    if (kind === "reasoning") return this.#reply.reasoning(text)
    if (kind === "refusal") this.#refused = true
    this.#reply.text(text)
  }

  #itemAdded(event: JsonRecord): void {
    const item = asRecord(event["item"])
    this.#reply.close()
    const open = this.#itemOf(event)
    if (item?.["type"] === "function_call") open.call ??= this.#call(item)
  }

  #call(item: JsonRecord): OpenCall {
    return this.#reply.call(asString(item["call_id"]) ?? asString(item["id"]), asString(item["name"]))
  }

  #itemDone(event: JsonRecord): void {
    const item = asRecord(event["item"])
    if (item === undefined) return
    const open = this.#itemOf(event)
    if (open.done) return
    open.done = true
    switch (item["type"]) {
      case "reasoning": {
        const words =
          open.said || this.#unnamed.has("reasoning")
            ? []
            : contentPieces([item["summary"], item["content"]], "reasoning")
        words.forEach(({ text }, paragraph) => this.#reply.reasoning(paragraph === 0 ? text : `\n\n${text}`))
        const raw = this.#reply.kept(rawReasoning(item))
        if (raw !== undefined) this.#reply.annotate("reasoning", metadataOf(RESPONSES_PROTOCOL, { item: raw }))
        break
      }
      case "message":
        this.#message(item, open)
        break
      case "function_call": {
        open.call ??= this.#call(item)
        this.#reply.identify(open.call, asString(item["call_id"]), asString(item["name"]))
        this.#reply.wholeArguments(open.call, argumentsText(item["arguments"]))
        open.call.complete = item["status"] !== "incomplete"
        break
      }
      case "web_search_call":
        this.#webSearch(item)
        break
      default:
    }
    this.#reply.close()
  }

  #message(item: JsonRecord, open: OpenItem): void {
    if (!open.said && !this.#unnamed.has("text")) {
      for (const piece of contentPieces(item["content"])) this.#say(piece)
      for (const content of asRecords(item["content"])) {
        for (const note of asRecords(content["annotations"])) this.#annotation(note)
      }
    }
    const phase = asId(item["phase"])
    if (phase !== undefined) this.#reply.annotate("text", metadataOf(RESPONSES_PROTOCOL, { phase }))
  }

  #webSearch(item: JsonRecord): void {
    if (nestsDeeper(item)) return
    const action = asRecord(item["action"])
    const { sources, ...args } = action ?? {}
    const call = {
      tool_call_id: asId(item["id"]) ?? "web_search",
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

  /**
   * `word` is how the event calls the end; the response itself knows better, unless it was copied before its end. Its output
   * holds what no event said.
   */
  #ended(response: JsonRecord, word: string): void {
    const told = asString(response["status"])
    const status = told === undefined || told === "in_progress" || told === "queued" ? word : told
    const reason = asString(asRecord(response["incomplete_details"])?.["reason"])
    const end = endOf(status === "incomplete" ? (reason ?? status) : status)
    const { error } = response
    const failed = end === "failed" || isRecord(error)
    if (failed) throw failedEnd(this.#context, status, error ?? undefined)
    asRecords(response["output"]).forEach((item, index) => this.#itemDone({ item, output_index: index }))
    this.#responseId = asId(response["id"]) ?? this.#responseId
    this.#usage = asRecord(response["usage"])
    // A response that is incomplete for a reason not known here is still cut.
    this.#end = end === "other" && status === "incomplete" ? "length" : end
  }

  result(): GenerateResult {
    const end = this.#end ?? "other"
    const parts = this.#reply.parts(end === "length")
    const hasCalls = parts.some((part) => part.type === "tool-call" && part.provider_executed !== true)
    const silent = end === "stop" || end === "other"
    const counts = new TokenCounts()
    return {
      parts,
      finishReason: !silent ? end : hasCalls ? "tool-calls" : this.#refused ? "refusal" : end,
      usage: readUsage(this.#usage, counts),
      droppedCounts: counts.dropped,
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

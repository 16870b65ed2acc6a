import type { OpenAI } from "openai"
import type { Part, Usage } from "../../contract/parts.ts"
import { classifyFailure, type FailureContext } from "../classify.ts"
import { contentPieces, textIn } from "../content-pieces.ts"
import { asArray, asId, asNumber, asRecord, asRecords, asString, isRecord, type JsonRecord } from "../json.ts"
import { ChatCalls } from "./chat-calls.ts"
import { CHAT_PROTOCOL, chatRequest } from "./chat-request.ts"
import { withoutRefusedFields } from "./chat-fields.ts"
import { openaiBaseUrl, openaiClient } from "./client.ts"
import { defined } from "../options.ts"
import type { FinishReason, Generate, GenerateRequest, GenerateResult, StreamEvent } from "../provider.ts"
import { endOf, endWord, failedEnd } from "../stream/reply-ends.ts"
import { Reply } from "../stream/reply.ts"
import { type ReplyState, streamCall, type StreamReader } from "../stream/stream-call.ts"
import { metadataOf } from "../transcript.ts"
import { TokenCounts } from "../usage.ts"

/** Chat Completions: OpenAI's older protocol, and that of every OpenAI-compatible server. */

/** Cached tokens are counted apart, so `input_tokens` is what was neither read from nor written to a cache. */
const readUsage = (usage: JsonRecord, counts: TokenCounts): Usage => {
  const prompt = asRecord(usage["prompt_tokens_details"])
  const completion = asRecord(usage["completion_tokens_details"])
  const input = counts.of(usage, "prompt_tokens")
  const cached = counts.of(prompt, "cached_tokens")
  const written = counts.of(prompt, "cache_write_tokens")
  return defined({
    input_tokens: input === undefined ? undefined : Math.max(0, input - (cached ?? 0) - (written ?? 0)),
    output_tokens: counts.of(usage, "completion_tokens"),
    total_tokens: counts.of(usage, "total_tokens"),
    reasoning_tokens: counts.of(completion, "reasoning_tokens"),
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

/** Fields that reasoning comes in, the most particular first: some servers send the same words in two of them. */
const REASONING_FIELDS = ["reasoning_content", "reasoning", "thinking"] as const

/** Which field the reasoning came in: it goes back in the same one. */
const FIELD_METADATA = {
  reasoning_content: { [CHAT_PROTOCOL]: { field: "reasoning_content" } },
  reasoning: { [CHAT_PROTOCOL]: { field: "reasoning" } },
  thinking: { [CHAT_PROTOCOL]: { field: "thinking" } },
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
  readonly #context: FailureContext
  readonly #reply: Reply
  readonly #calls: ChatCalls
  readonly #details: Array<Record<string, unknown>> = []
  /** The later of each count: some servers send them in parts, or again and again. */
  readonly #usage: Record<string, unknown> = {}
  /** The choice that is read: the one that came first. */
  #index: unknown
  #end: FinishReason | undefined
  #reopened = false
  #done = false
  #refused = false
  /** The server knows the field `reasoning_content`, perhaps only as an empty one. */
  #hasReasoningContent = false
  #responseId: string | undefined

  constructor(context: FailureContext, onEvent: (event: StreamEvent) => void) {
    this.#context = context
    this.#reply = new Reply(context, onEvent)
    this.#calls = new ChatCalls(this.#reply)
  }

  isReply(document: JsonRecord): boolean {
    return Array.isArray(document["choices"])
  }

  accept(event: unknown): void {
    if (this.#done || !isRecord(event)) return
    this.#responseId ??= asId(event["id"])
    this.#count(event["usage"])
    const choices = event["choices"]
    if (choices === undefined) return this.#withoutChoices(event)
    const choice = this.#choiceIn(choices)
    if (choice === undefined) return
    this.#count(choice["usage"])
    const word = endWord(choice["finish_reason"])
    const { error } = choice
    if (isRecord(error) || asString(error) !== undefined) throw failedEnd(this.#context, word ?? "error", error)
    const before = this.#reply.bytes
    const { delta, message } = choice
    if (isRecord(delta)) this.#say(delta)
    if (isRecord(message)) this.#message(message, isRecord(delta) || word !== undefined)
    if (this.#end !== undefined && this.#reply.bytes > before) this.#reopened = true
    if (word !== undefined) this.#ended(word)
  }

  done(): void {
    this.#done = true
    // A server that says [DONE] has said all it had; one that had nothing has given no reason either.
    this.#end ??= this.#reply.bytes > 0 ? "stop" : "other"
  }

  state(): ReplyState {
    if (this.#done) return "ended"
    if (this.#end === undefined) return "open"
    return this.#reopened ? "reopened" : "ended"
  }

  /** The first reason that is more than "it is over" stays: servers say `stop` again behind any other. */
  #ended(word: string): void {
    const end = endOf(word)
    if (end === "failed") throw failedEnd(this.#context, word)
    if (this.#end === undefined || this.#end === "stop" || this.#end === "other") this.#end = end
  }

  #count(usage: unknown): void {
    if (!isRecord(usage)) return
    for (const key of Object.keys(usage)) if (usage[key] !== null) this.#usage[key] = usage[key]
  }

  #choiceIn(choices: unknown): JsonRecord | undefined {
    for (const choice of asArray(choices)) {
      if (!isRecord(choice)) continue
      const index = choice["index"] ?? 0
      this.#index ??= index
      if (index === this.#index) return choice
    }
    return undefined
  }

  /** An event that is no piece of a reply. With words of its own it says what went wrong. */
  #withoutChoices(event: JsonRecord): void {
    const coded = event["code"] ?? event["error_code"] ?? asNumber(event["status"]) ?? undefined
    const message = (coded === undefined ? undefined : asString(event["message"])) ?? asString(event["detail"])
    if (message !== undefined) throw classifyFailure(this.#context, { message, error: event })
  }

  /**
   * A message in place of a delta, or beside it: the whole so far where it begins as what was said, and else a piece. `again`:
   * beside a delta, and at the end, it can be nothing but a repetition.
   */
  #message(message: JsonRecord, again: boolean): void {
    if (!this.#reply.hasSaid("text") && !this.#reply.hasSaid("reasoning")) return this.#say(message, true)
    const more = (kind: "text" | "reasoning", text: string): string => {
      const rest = this.#reply.unsaid(kind, text)
      return (rest === "" || rest === undefined) && !again ? text : (rest ?? "")
    }
    const words = contentPieces(message["content"]).flatMap(({ kind, text }) => (kind === "text" ? [text] : []))
    const reasoning = REASONING_FIELDS.flatMap((field) =>
      message[field] === undefined ? [] : [[field, more("reasoning", textIn(message[field]))] as const],
    )
    this.#say({ ...message, content: more("text", words.join("")), ...Object.fromEntries(reasoning) }, true)
  }

  /** `whole`: the list of calls holds all of them. */
  #say(delta: JsonRecord, whole = false): void {
    const { content } = delta
    if (typeof content === "string") this.#reply.text(content)
    else if (content !== undefined && content !== null) this.#pieces(content)
    this.#reasoning(delta)
    const { annotations, function_call, reasoning_details, refusal, tool_calls } = delta
    if (Array.isArray(reasoning_details) && this.#reply.kept(reasoning_details) !== undefined) {
      addReasoningDetails(this.#details, reasoning_details)
    }
    if (typeof refusal === "string" && refusal !== "") this.#refusal(refusal)
    if (Array.isArray(tool_calls)) this.#calls.add(tool_calls, whole)
    else if (isRecord(tool_calls)) this.#calls.add([tool_calls], false)
    if (isRecord(function_call)) this.#calls.add([{ function: function_call }], false)
    for (const note of asRecords(annotations)) this.#annotation(note)
  }

  #pieces(content: unknown): void {
    for (const { kind, text } of contentPieces(content)) {
      if (kind === "text") this.#reply.text(text)
      else if (kind === "reasoning") this.#reply.reasoning(text)
      else this.#refusal(text)
    }
  }

  #refusal(text: string): void {
    this.#refused = true
    this.#reply.text(text)
  }

  #reasoning(delta: JsonRecord): void {
    for (const field of REASONING_FIELDS) {
      const given = delta[field]
      if (given === undefined) continue
      if (field === "reasoning_content") this.#hasReasoningContent = true
      const text = textIn(given)
      if (text === "") continue
      this.#reply.reasoning(text)
      this.#reply.annotate("reasoning", FIELD_METADATA[field])
      return
    }
  }

  #annotation(note: JsonRecord): void {
    const citation = asRecord(note["url_citation"])
    const url = asString(citation?.["url"])
    if (url === undefined) return
    const title = asString(citation?.["title"])
    this.#reply.source({ type: "source", url, ...(title === undefined ? {} : { title }) })
  }

  /** What the server put on its calls; and on the first, where no reasoning can hold it, that reasoning has a field. */
  #keepOfCalls(): void {
    for (const [call, extra] of this.#calls.extras()) call.metadata = { call: extra }
    const [first] = this.#reply.calls
    if (first !== undefined && this.#hasReasoningContent && !this.#reply.hasReasoning) {
      first.metadata = { ...asRecord(first.metadata), field: "reasoning_content" }
    }
    for (const call of this.#reply.calls) {
      if (isRecord(call.metadata)) call.metadata = metadataOf(CHAT_PROTOCOL, call.metadata)
    }
  }

  result(): GenerateResult {
    this.#keepOfCalls()
    const end = this.#end ?? "other"
    const counts = new TokenCounts()
    const parts = withDetails(this.#reply.parts(end === "length"), this.#details)
    // Some servers say "stop" after tool calls.
    const hasCalls = parts.some((part) => part.type === "tool-call")
    const silent = end === "stop" || end === "other"
    return {
      parts,
      finishReason: !silent ? end : hasCalls ? "tool-calls" : this.#refused ? "refusal" : end,
      usage: readUsage(this.#usage, counts),
      droppedCounts: counts.dropped,
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
    }
  }
}

const open = (client: OpenAI, request: GenerateRequest, signal: AbortSignal): Promise<Response> => {
  const headers = { ...request.connection.headers }
  return withoutRefusedFields(`${openaiBaseUrl(request.connection)} ${request.model}`, chatRequest(request), (body) =>
    client.chat.completions.create(body, { signal, headers }).asResponse(),
  )
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
      reader: () => new ChatReader(context, onEvent),
    })
  }

import type { GoogleGenAI } from "@google/genai"
import { nestsDeeper } from "../../contract/json-depth.ts"
import type { Usage } from "../../contract/parts.ts"
import type { FailureContext } from "../classify.ts"
import { argumentsText } from "../call-arguments.ts"
import { asId, asRecord, asRecords, asString, isRecord, type JsonRecord, parseJson } from "../json.ts"
import { defined } from "../options.ts"
import type { FinishReason, Generate, GenerateRequest, GenerateResult, StreamEvent } from "../provider.ts"
import { providerFetch } from "../stream/http-pool.ts"
import { endOf, endWord, failedEnd } from "../stream/reply-ends.ts"
import { Reply } from "../stream/reply.ts"
import { type ReplyState, streamCall, type StreamReader } from "../stream/stream-call.ts"
import { metadataOf } from "../transcript.ts"
import { sumOf, TokenCounts } from "../usage.ts"
import { googleClient } from "./client.ts"
import { googleRequest } from "./request.ts"
import { GOOGLE_PROTOCOL } from "./transcript.ts"

/** Google's Gemini API. */

/** Cached tokens are counted apart; thoughts are output, which Google counts beside it. */
const readUsage = (usage: JsonRecord, counts: TokenCounts): Usage => {
  const prompt = sumOf(counts.of(usage, "promptTokenCount"), counts.of(usage, "toolUsePromptTokenCount"))
  const cached = counts.of(usage, "cachedContentTokenCount")
  const thoughts = counts.of(usage, "thoughtsTokenCount")
  return defined({
    input_tokens: prompt === undefined ? undefined : Math.max(0, prompt - (cached ?? 0)),
    output_tokens: sumOf(counts.of(usage, "candidatesTokenCount"), thoughts),
    total_tokens: counts.of(usage, "totalTokenCount"),
    reasoning_tokens: thoughts,
    cache_read_tokens: cached,
  })
}

class GoogleReader implements StreamReader {
  readonly #context: FailureContext
  readonly #reply: Reply
  /** The later of each count: they are told again and again, and grow. */
  readonly #usage: Record<string, unknown> = {}
  /** The candidate that is read: the one that came first. */
  #index: unknown
  /** The run that a signature in an empty part belongs to, and its length. */
  #run: { readonly kind: "text" | "reasoning"; readonly length: number } | undefined
  #end: FinishReason | undefined
  #reopened = false
  #done = false
  #responseId: string | undefined

  constructor(context: FailureContext, onEvent: (event: StreamEvent) => void) {
    this.#context = context
    this.#reply = new Reply(context, onEvent)
  }

  isReply(document: JsonRecord): boolean {
    return Array.isArray(document["candidates"]) || isRecord(document["promptFeedback"])
  }

  accept(event: unknown): void {
    if (this.#done || !isRecord(event)) return
    this.#responseId ??= asId(event["responseId"])
    for (const [name, count] of Object.entries(asRecord(event["usageMetadata"]) ?? {})) {
      if (count !== null) this.#usage[name] = count
    }
    // The prompt itself was refused: there are no candidates.
    if (endWord(asRecord(event["promptFeedback"])?.["blockReason"]) !== undefined) this.#end = "content-filter"
    const candidate = this.#candidateIn(event["candidates"])
    if (candidate === undefined) return
    const before = this.#reply.bytes
    for (const part of asRecords(asRecord(candidate["content"])?.["parts"])) this.#part(part)
    this.#sources(asRecord(candidate["groundingMetadata"]))
    if (this.#end !== undefined && this.#reply.bytes > before) this.#reopened = true
    const word = endWord(candidate["finishReason"])
    if (word !== undefined) this.#ended(word)
  }

  done(): void {
    this.#done = true
    this.#end ??= this.#reply.bytes > 0 ? "stop" : "other"
  }

  state(): ReplyState {
    if (this.#done) return "ended"
    if (this.#end === undefined) return "open"
    return this.#reopened ? "reopened" : "ended"
  }

  #candidateIn(candidates: unknown): JsonRecord | undefined {
    return asRecords(candidates).find(({ index = 0 }) => {
      this.#index ??= index
      return index === this.#index
    })
  }

  /** The first reason that is more than "it is over" stays: some servers say `STOP` with every event. */
  #ended(word: string): void {
    const end = endOf(word)
    if (end === "failed") throw failedEnd(this.#context, word)
    if (this.#end === undefined || this.#end === "stop" || this.#end === "other") this.#end = end
  }

  #part(part: JsonRecord): void {
    const call = asRecord(part["functionCall"])
    if (call !== undefined) return this.#call(call, part)
    if (isRecord(part["toolCall"]) || isRecord(part["toolResponse"])) return this.#ownTool(part)
    const { text } = part
    if (typeof text === "string") this.#text(part["thought"] === true ? "reasoning" : "text", text, part)
  }

  #text(kind: "text" | "reasoning", text: string, { thoughtSignature }: JsonRecord): void {
    const signature = asString(this.#reply.kept(thoughtSignature))
    if (text !== "") {
      const length = this.#run?.kind === kind ? this.#run.length : 0
      if (kind === "text") this.#reply.text(text)
      else this.#reply.reasoning(text)
      this.#run = { kind, length: length + text.length }
    }
    if (signature === undefined || this.#run === undefined) return
    // A signature behind a text has a part of its own; to people that is no other text.
    const from = this.#run.length - text.length
    this.#reply.annotate(this.#run.kind, metadataOf(GOOGLE_PROTOCOL, { signature, from }))
    this.#close()
  }

  #close(): void {
    this.#reply.close()
    this.#run = undefined
  }

  /** Calls come whole. Older models give them no ids. */
  #call({ args, id, name }: JsonRecord, { thoughtSignature }: JsonRecord): void {
    this.#close()
    const call = this.#reply.call(asString(id), asString(name))
    this.#reply.callDelta(call, args === undefined || args === null ? "{}" : argumentsText(args))
    call.complete = true
    const signature = asString(this.#reply.kept(thoughtSignature))
    if (signature !== undefined) call.metadata = metadataOf(GOOGLE_PROTOCOL, { signature })
  }

  /** Google's own search, or what it found: goes back as it is, and people see that it was made. */
  #ownTool(part: JsonRecord): void {
    if (nestsDeeper(part)) return
    this.#close()
    const call = asRecord(part["toolCall"])
    const response = asRecord(part["toolResponse"])
    const common = {
      tool_call_id: asId((call ?? response)?.["id"]) ?? "web_search",
      tool_name: "web_search",
      provider_executed: true,
      provider_metadata: metadataOf(GOOGLE_PROTOCOL, { part }),
    }
    if (call !== undefined) this.#reply.part({ type: "tool-call", ...common, args: asRecord(call["args"]) ?? {} })
    else this.#reply.part({ type: "tool-result", ...common, result: asRecord(response?.["response"]) ?? {} })
  }

  #sources(grounding: JsonRecord | undefined): void {
    for (const chunk of asRecords(grounding?.["groundingChunks"])) {
      const web = asRecord(chunk["web"])
      const url = asString(web?.["uri"])
      const title = asString(web?.["title"])
      if (url !== undefined) this.#reply.source({ type: "source", url, ...(title === undefined ? {} : { title }) })
    }
  }

  result(): GenerateResult {
    const end = this.#end ?? "other"
    const parts = this.#reply.parts(end === "length")
    const hasCalls = parts.some((part) => part.type === "tool-call" && part.provider_executed !== true)
    const counts = new TokenCounts()
    return {
      parts,
      // Google says STOP behind calls as well.
      finishReason: hasCalls && (end === "stop" || end === "other") ? "tool-calls" : end,
      usage: readUsage(this.#usage, counts),
      droppedCounts: counts.dropped,
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
    }
  }
}

/**
 * The answer as it comes. The SDK writes the request; its reading of a stream, which ends at a torn event and forgets the headers
 * of a failure, is never begun.
 */
const open = async (client: GoogleGenAI, request: GenerateRequest, signal: AbortSignal): Promise<Response> => {
  const { config, ...call } = googleRequest(request)
  const answers: Array<Response> = []
  const keep: typeof fetch = async (input, init) => {
    answers.push(await providerFetch(input, init))
    return new Response()
  }
  const headers = { ...request.connection.headers }
  await client.models.generateContentStream({
    ...call,
    config: { ...config, abortSignal: signal, httpOptions: { headers, fetch: keep } },
  })
  const [answer] = answers
  if (answer === undefined) throw new TypeError("The SDK has sent no request.")
  if (answer.ok) return answer
  const { headers: told, status } = answer
  throw Object.assign(new Error(`status ${status}`), { status, headers: told, error: parseJson(await answer.text()) })
}

/** An adapter whose calls give up after `streamSilenceMs` without an event. */
export const googleGenerate =
  (streamSilenceMs: number): Generate =>
  (request, onEvent) => {
    const context: FailureContext = { operation: "Providers.generate", connection: request.connection }
    return streamCall({
      context,
      streamSilenceMs,
      client: () => googleClient(request.connection),
      open: (client, signal) => open(client, request, signal),
      reader: () => new GoogleReader(context, onEvent),
    })
  }

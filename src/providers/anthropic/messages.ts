import type { Anthropic } from "@anthropic-ai/sdk"
import { nestsDeeper } from "../../contract/json-depth.ts"
import type { Usage } from "../../contract/parts.ts"
import { bedrockClient } from "./bedrock-client.ts"
import { anthropicClient } from "./client.ts"
import { untilNotPaused } from "./pause.ts"
import { anthropicCall } from "./request.ts"
import { ANTHROPIC_PROTOCOL } from "./transcript.ts"
import type { FailureContext } from "../classify.ts"
import { argumentsText, parsedArgs } from "../call-arguments.ts"
import { asId, asRecord, asRecords, asString, isRecord, type JsonRecord } from "../json.ts"
import { defined } from "../options.ts"
import type {
  FinishReason,
  Generate,
  GenerateRequest,
  GenerateResult,
  ProviderConnection,
  StreamEvent,
} from "../provider.ts"
import { endOf, endWord, failedEnd } from "../stream/reply-ends.ts"
import { type OpenCall, Reply } from "../stream/reply.ts"
import { type ReplyState, streamCall, type StreamReader } from "../stream/stream-call.ts"
import { metadataOf } from "../transcript.ts"
import { sumOf, TokenCounts } from "../usage.ts"

/** Anthropic's Messages API, servers that copy it, and Claude on AWS Bedrock, whose SDK turns AWS's frames into its events. */

/** The block that is being streamed, with what must be kept of it for the replay. */
type OpenBlock =
  | { readonly kind: "text"; readonly citations: Array<JsonRecord> }
  | { readonly kind: "thinking"; thinking: string; signature: string }
  /** `input`: what the start of the block held, for servers that stream nothing of it. */
  | { readonly kind: "call"; readonly call: OpenCall; readonly input: string }
  | { readonly kind: "search"; readonly block: JsonRecord; input: string }
  | { readonly kind: "other" }

/** The kinds of block that deltas can begin. */
const DELTAS: ReadonlyMap<unknown, "text" | "thinking"> = new Map([
  ["text_delta", "text"],
  ["thinking_delta", "thinking"],
])

const isNotEmpty = (value: unknown): boolean => (isRecord(value) ? Object.keys(value).length > 0 : value !== "")

const inputText = (input: unknown): string => (isNotEmpty(input) ? argumentsText(input) : "")

class AnthropicReader implements StreamReader {
  readonly #context: FailureContext
  readonly #reply: Reply
  readonly #blocks = new Map<unknown, OpenBlock>()
  /** The counts of the start and of the end of the message; the later ones are cumulative. */
  readonly #counts: Record<string, unknown> = {}
  #end: FinishReason | undefined
  #stopped = false
  #responseId: string | undefined

  constructor(context: FailureContext, onEvent: (event: StreamEvent) => void) {
    this.#context = context
    this.#reply = new Reply(context, onEvent)
  }

  isReply(document: JsonRecord): boolean {
    return Array.isArray(document["content"])
  }

  accept(event: unknown): void {
    if (this.#stopped || !isRecord(event)) return
    switch (event["type"]) {
      case "content_block_delta":
        return this.#delta(event["index"], asRecord(event["delta"]))
      case "content_block_start":
        return this.#start(event["index"], asRecord(event["content_block"]))
      case "content_block_stop":
        return this.#stop(event["index"])
      case "message_start":
        return this.#message(asRecord(event["message"]))
      case "message":
      case undefined:
        // The whole message in one document.
        return this.isReply(event) ? this.#message(event) : undefined
      case "message_delta":
        this.#ended(asRecord(event["delta"]))
        return this.#count(asRecord(event["usage"]))
      case "message_stop":
        return this.done()
      default:
        return undefined
    }
  }

  done(): void {
    this.#stopped = true
    // The mark alone, without a reason, is the end of all that was said.
    this.#end ??= this.#reply.bytes > 0 ? "stop" : "other"
  }

  /** A stop reason is an end without the mark that should follow it, too. */
  state(): ReplyState {
    return this.#end === undefined ? "open" : "ended"
  }

  /** Mostly an empty one that blocks will fill; some servers hand over the whole message in it. */
  #message(message: JsonRecord | undefined): void {
    this.#responseId = asId(message?.["id"])
    this.#count(asRecord(message?.["usage"]))
    asRecords(message?.["content"]).forEach((block, index) => {
      this.#start(index, block)
      this.#stop(index)
    })
    this.#ended(message)
  }

  #ended(holder: JsonRecord | undefined): void {
    const word = endWord(holder?.["stop_reason"])
    if (word === undefined) return
    const end = endOf(word)
    if (end === "failed") throw failedEnd(this.#context, word)
    this.#end = end
  }

  #count(usage: JsonRecord | undefined): void {
    for (const [key, value] of Object.entries(usage ?? {})) {
      if (value !== null && value !== undefined) this.#counts[key] = value
    }
  }

  /** Ends what was not ended, as some servers leave it: another block of this index, and text, which cannot go on behind others. */
  #start(index: unknown, block: JsonRecord | undefined): void {
    this.#stop(index)
    this.#stopRuns()
    this.#reply.close()
    this.#blocks.set(index, this.#open(block))
  }

  #stopRuns(): void {
    for (const [index, { kind }] of this.#blocks) if (kind === "text" || kind === "thinking") this.#stop(index)
  }

  #open(block: JsonRecord | undefined): OpenBlock {
    switch (block?.["type"]) {
      case "text":
        this.#reply.text(asString(block["text"]) ?? "")
        for (const citation of asRecords(block["citations"])) this.#source(citation)
        return { kind: "text", citations: [...asRecords(this.#reply.kept(block["citations"]))] }
      case "thinking": {
        const thinking = asString(block["thinking"]) ?? ""
        this.#reply.reasoning(thinking)
        return { kind: "thinking", thinking, signature: asString(this.#reply.kept(block["signature"])) ?? "" }
      }
      case "redacted_thinking": {
        const data = this.#reply.kept(block["data"])
        if (data !== undefined) this.#reply.annotate("reasoning", keep({ type: "redacted_thinking", data }))
        return { kind: "other" }
      }
      case "tool_use": {
        const call = this.#reply.call(asString(block["id"]), asString(block["name"]))
        return { kind: "call", call, input: inputText(block["input"]) }
      }
      case "server_tool_use":
        return nestsDeeper(block) ? { kind: "other" } : { kind: "search", block, input: inputText(block["input"]) }
      case "web_search_tool_result":
        if (!nestsDeeper(block)) this.#searchResult(block)
        return { kind: "other" }
      default:
        return { kind: "other" }
    }
  }

  #delta(index: unknown, delta: JsonRecord | undefined): void {
    const block = this.#unannounced(index, delta) ?? this.#blocks.get(index)
    switch (block?.kind) {
      case "text": {
        const text = delta?.["text"]
        if (typeof text === "string") this.#reply.text(text)
        const citation = asRecord(delta?.["citation"])
        if (citation) this.#citation(block.citations, citation)
        return undefined
      }
      case "thinking": {
        const thinking = asString(delta?.["thinking"]) ?? asString(delta?.["text"])
        if (thinking !== undefined) {
          block.thinking += thinking
          this.#reply.reasoning(thinking)
        }
        const signature = asString(delta?.["signature"])
        if (signature !== undefined) block.signature += this.#reply.kept(signature)
        return undefined
      }
      case "call":
        return this.#reply.callDelta(block.call, argumentsText(delta?.["partial_json"]))
      case "search":
        block.input += this.#reply.kept(argumentsText(delta?.["partial_json"])) ?? ""
        return undefined
      default:
        return undefined
    }
  }

  /** A delta of a block that was never begun, or that another block has the index of, says by itself what the block is. */
  #unannounced(index: unknown, delta: JsonRecord | undefined): OpenBlock | undefined {
    const type = DELTAS.get(delta?.["type"])
    const open = this.#blocks.get(index)?.kind
    if (type === undefined || open === type || open === "other") return undefined
    this.#start(index, { type })
    return this.#blocks.get(index)
  }

  #stop(index: unknown): void {
    const block = this.#blocks.get(index)
    if (block === undefined) return
    this.#blocks.delete(index)
    // Without a signature there is nothing that the text of the part does not hold.
    if (block.kind === "thinking" && block.signature !== "") {
      const { signature, thinking } = block
      this.#reply.annotate("reasoning", keep({ type: "thinking", thinking, signature }))
    } else if (block.kind === "text" && block.citations.length > 0) {
      this.#reply.annotate("text", metadataOf(ANTHROPIC_PROTOCOL, { citations: block.citations }))
    } else if (block.kind === "call") {
      if (block.call.args === "") this.#reply.callDelta(block.call, block.input)
      block.call.complete = true
      return
    } else if (block.kind === "search") this.#searchCall(block.block, block.input)
    this.#reply.close()
  }

  #citation(citations: Array<JsonRecord>, citation: JsonRecord): void {
    if (this.#reply.kept(citation) === undefined) return
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
    const parsed = parsedArgs(inputText)
    const input = "args" in parsed ? parsed.args : {}
    const { id, name } = block
    this.#reply.part({
      type: "tool-call",
      tool_call_id: asId(id) ?? "web_search",
      tool_name: asId(name) ?? "web_search",
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
      tool_call_id: asId(tool_use_id) ?? "web_search",
      tool_name: "web_search",
      result: Array.isArray(content)
        ? found.map(({ page_age, title, url }) => defined({ title, url, page_age: page_age ?? undefined }))
        : content,
      is_error: !Array.isArray(content),
      provider_executed: true,
      provider_metadata: keep(block),
    })
  }

  result(): GenerateResult {
    const end = this.#end ?? "other"
    const cut = end === "length"
    // At a limit the last block is not ended, and what was not ended is not whole.
    if (!cut) {
      this.#stopRuns()
      for (const index of this.#blocks.keys()) this.#stop(index)
    }
    const parts = this.#reply.parts(cut)
    const hasCalls = parts.some((part) => part.type === "tool-call" && part.provider_executed !== true)
    const counts = new TokenCounts()
    return {
      parts,
      finishReason: hasCalls && (end === "stop" || end === "other") ? "tool-calls" : end,
      usage: readUsage(this.#counts, counts),
      droppedCounts: counts.dropped,
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
    }
  }
}

const keep = (block: JsonRecord): JsonRecord => metadataOf(ANTHROPIC_PROTOCOL, { block })

/** `input_tokens` leaves out cached tokens, as Anthropic counts. */
const readUsage = (usage: JsonRecord, counts: TokenCounts): Usage => {
  const input = counts.of(usage, "input_tokens")
  const output = counts.of(usage, "output_tokens")
  const written = counts.of(usage, "cache_creation_input_tokens")
  const cached = counts.of(usage, "cache_read_input_tokens")
  return defined({
    input_tokens: input,
    output_tokens: output,
    total_tokens: sumOf(input, output, written, cached),
    reasoning_tokens: counts.of(asRecord(usage["output_tokens_details"]), "thinking_tokens"),
    cache_creation_tokens: written,
    cache_read_tokens: cached,
  })
}

/** What of the SDKs' clients is used: Bedrock's has it as well. */
interface MessagesClient {
  readonly messages: Pick<Anthropic["messages"], "create">
}

const clientFor = (connection: ProviderConnection): Promise<MessagesClient> =>
  connection.type === "bedrock" ? bedrockClient(connection) : anthropicClient(connection)

const open = (client: MessagesClient, request: GenerateRequest, signal: AbortSignal): Promise<Response> => {
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
        client: () => clientFor(request.connection),
        open: (client, signal) => open(client, sent, signal),
        reader: () => new AnthropicReader(context, onEvent),
      }),
    )
  }

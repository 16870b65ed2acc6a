import { badTool, type Body, duplicate, first, isObject, list, objects, unknownField } from "./checks.ts"
import {
  argsText,
  type Finish,
  type Issued,
  pieces,
  type ScriptedCall,
  type ScriptedUsage,
  type Writer,
} from "./script.ts"

/** Anthropic's Messages API, as strict as the real one about pairs, signatures and marks. */

const FIELDS = [
  "model",
  "messages",
  "system",
  "stream",
  "max_tokens",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "temperature",
  "top_p",
  "top_k",
  "metadata",
  "stop_sequences",
  "service_tier",
]

const isThinking = (block: Body): boolean => block["type"] === "thinking" || block["type"] === "redacted_thinking"

const badThinking = (block: Body, where: string, issued: Issued): string | undefined => {
  if ("cache_control" in block) return `${where}: cache_control is not permitted on thinking blocks.`
  if (block["type"] === "redacted_thinking") {
    return issued.redacted.has(String(block["data"])) ? undefined : `${where}: Invalid data in redacted_thinking block`
  }
  return issued.thinking.get(String(block["signature"])) === block["thinking"]
    ? undefined
    : `${where}: Invalid signature in thinking block`
}

const badBlock = (block: Body, where: string, role: unknown, issued: Issued): string | undefined => {
  switch (block["type"]) {
    case "text":
      return typeof block["text"] === "string" && block["text"].trim() !== ""
        ? undefined
        : `${where}: text content blocks must contain non-whitespace text`
    case "thinking":
    case "redacted_thinking":
      return role === "assistant" ? badThinking(block, where, issued) : `${where}: unexpected thinking block`
    case "tool_use":
      if (!/^[a-zA-Z0-9_-]+$/.test(String(block["id"])))
        return `${where}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`
      return isObject(block["input"]) ? undefined : `${where}.input: Input should be a valid dictionary`
    case "tool_result":
    case "image":
    case "document":
      return role === "user" ? undefined : `${where}: unexpected ${String(block["type"])} block`
    case "server_tool_use":
    case "web_search_tool_result":
      return role === "assistant" ? undefined : `${where}: unexpected ${String(block["type"])} block`
    default:
      return `${where}: Input tag '${String(block["type"])}' found using 'type' does not match any of the expected tags`
  }
}

const idsOf = (message: Body | undefined, type: string, field: string): ReadonlyArray<string> =>
  objects(message?.["content"])
    .filter((block) => block["type"] === type)
    .map((block) => String(block[field]))

const badMessage = (
  message: Body,
  index: number,
  messages: ReadonlyArray<Body>,
  issued: Issued,
): string | undefined => {
  const blocks = objects(message["content"])
  if (message["role"] !== "user" && message["role"] !== "assistant") return `messages.${index}.role: unexpected value`
  if (blocks.length === 0) return `messages.${index}: all messages must have non-empty content`
  const bad = first(blocks, (block, at) => badBlock(block, `messages.${index}.content.${at}`, message["role"], issued))
  if (bad !== undefined) return bad
  const results = idsOf(message, "tool_result", "tool_use_id")
  const calls = idsOf(messages[index - 1], "tool_use", "id")
  const unexpected = results.find((id) => !calls.includes(id))
  if (unexpected !== undefined)
    return `messages.${index}: unexpected tool_use_id found in tool_result blocks: ${unexpected}`
  const unanswered = calls.filter((id) => !results.includes(id))
  if (unanswered.length > 0) {
    return `messages.${index - 1}: tool_use ids were found without tool_result blocks immediately after: ${unanswered.join(", ")}`
  }
  if (blocks.slice(0, results.length).some((block) => block["type"] !== "tool_result") && results.length > 0) {
    return `messages.${index}: tool_result blocks must come first`
  }
  const searches = idsOf(message, "server_tool_use", "id")
  const found = idsOf(message, "web_search_tool_result", "tool_use_id")
  if (searches.join() !== found.join() || found.some((id) => !issued.searches.has(id))) {
    return `messages.${index}: web_search tool use was found without a corresponding web_search_tool_result block`
  }
  return undefined
}

/** Between a call and its result the model's thinking must stand first, when thinking is on. */
const missingThinking = (body: Body, messages: ReadonlyArray<Body>): string | undefined => {
  if (!isObject(body["thinking"]) || body["thinking"]["type"] === "disabled") return undefined
  const last = messages.at(-2)
  const blocks = objects(last?.["content"])
  const answering = idsOf(messages.at(-1), "tool_result", "tool_use_id").length > 0
  if (!answering || blocks[0] === undefined || isThinking(blocks[0])) return undefined
  return `messages.${messages.length - 2}.content.0.type: Expected thinking or redacted_thinking, but found ${String(blocks[0]["type"])}`
}

const badLimits = (body: Body): string | undefined => {
  const limit = body["max_tokens"]
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1) return "max_tokens: Field required"
  const thinking = isObject(body["thinking"]) ? body["thinking"] : {}
  if (thinking["type"] === "enabled") {
    const budget = Number(thinking["budget_tokens"])
    if (!(budget >= 1024)) return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
    if (budget >= limit) return "max_tokens must be greater than thinking.budget_tokens"
  }
  if (thinking["type"] !== undefined && body["temperature"] !== undefined)
    return "temperature may only be set to 1 when thinking is enabled"
  return undefined
}

/** API version 2026-10-21 took them away. */
const sampling = (body: Body, version: unknown): string | undefined => {
  const field = ["temperature", "top_p", "top_k"].find((name) => name in body)
  return field !== undefined && version !== "2023-06-01" ? `${field}: Extra inputs are not permitted` : undefined
}

/** `version` is the anthropic-version header. */
export const refuseMessages = (body: Body, version: unknown, issued: Issued): string | undefined => {
  const messages = objects(body["messages"])
  const tools = objects(body["tools"])
  if (typeof body["model"] !== "string") return "model: Field required"
  if (body["stream"] !== true) return "The scripted provider only streams."
  if (messages[0]?.["role"] !== "user") return "messages: first message must use the user role"
  if (messages.at(-1)?.["role"] !== "user")
    return "This model does not support assistant message prefill. The conversation must end with a user message."
  if (duplicate(tools.map((tool) => tool["name"])) !== undefined) return "tools: Tool names must be unique."
  const ids = messages.flatMap((message) => idsOf(message, "tool_use", "id"))
  if (duplicate(ids) !== undefined) return `messages: tool_use ids must be unique: ${String(duplicate(ids))}`
  const marks = JSON.stringify(body).split('"cache_control"').length - 1
  if (marks > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`
  return (
    unknownField(body, FIELDS, "") ??
    sampling(body, version) ??
    badLimits(body) ??
    first(list(body["system"]), (block) =>
      isObject(block) ? badBlock(block, "system", "user", issued) : "system: invalid",
    ) ??
    first(messages, (message, index) => badMessage(message, index, messages, issued)) ??
    missingThinking(body, messages) ??
    first(tools, (tool) => (tool["type"] === undefined ? badTool(tool["name"], tool["input_schema"]) : undefined))
  )
}

const STOP: Readonly<Record<Finish, string>> = {
  stop: "end_turn",
  "tool-calls": "tool_use",
  length: "max_tokens",
  "content-filter": "refusal",
}

interface Block {
  readonly kind: "text" | "thinking"
  text: string
  signature: string
}

export class MessagesWriter implements Writer {
  readonly #number: number
  readonly #model: unknown
  readonly #issued: Issued
  #index = 0
  #calls = 0
  #block: Block | undefined

  constructor(number: number, body: Body, issued: Issued) {
    this.#number = number
    this.#model = body["model"]
    this.#issued = issued
  }

  event(data: Body): string {
    return `event: ${String(data["type"])}\ndata: ${JSON.stringify(data)}\n\n`
  }

  open(): string {
    const usage = { input_tokens: 0, output_tokens: 1 }
    const message = {
      id: `msg_${this.#number}`,
      type: "message",
      role: "assistant",
      model: this.#model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    }
    return this.event({ type: "message_start", message }) + this.event({ type: "ping" })
  }

  #whole(block: Body, deltas: ReadonlyArray<Body>): ReadonlyArray<string> {
    const index = this.#index++
    return [
      this.event({ type: "content_block_start", index, content_block: block }),
      ...deltas.map((delta) => this.event({ type: "content_block_delta", index, delta })),
      this.event({ type: "content_block_stop", index }),
    ]
  }

  #begin(kind: Block["kind"]): string {
    if (this.#block?.kind === kind) return ""
    const ended = this.#end()
    this.#block = { kind, text: "", signature: "" }
    const block = kind === "text" ? { type: "text", text: "" } : { type: "thinking", thinking: "", signature: "" }
    return ended + this.event({ type: "content_block_start", index: this.#index, content_block: block })
  }

  #end(): string {
    const block = this.#block
    this.#block = undefined
    if (!block) return ""
    const index = this.#index++
    const stop = this.event({ type: "content_block_stop", index })
    if (block.kind === "text") return stop
    const signature = block.signature === "" ? `sig_${this.#number}_${index}` : block.signature
    this.#issued.thinking.set(signature, block.text)
    return this.event({ type: "content_block_delta", index, delta: { type: "signature_delta", signature } }) + stop
  }

  text(delta: string): string {
    const begun = this.#begin("text")
    return (
      begun +
      this.event({ type: "content_block_delta", index: this.#index, delta: { type: "text_delta", text: delta } })
    )
  }

  reasoning(delta: string, { signature }: { readonly signature?: string }): string {
    const begun = this.#begin("thinking")
    if (this.#block) {
      this.#block.text += delta
      this.#block.signature = signature ?? this.#block.signature
    }
    return (
      begun +
      this.event({
        type: "content_block_delta",
        index: this.#index,
        delta: { type: "thinking_delta", thinking: delta },
      })
    )
  }

  redacted(data: string): string {
    const ended = this.#end()
    this.#issued.redacted.add(data)
    return ended + this.#whole({ type: "redacted_thinking", data }, []).join("")
  }

  calls(calls: ReadonlyArray<ScriptedCall>): ReadonlyArray<string> {
    const ended = this.#end()
    return [
      ended,
      ...calls.flatMap((call) =>
        this.#whole(
          { type: "tool_use", id: call.id ?? `toolu_${this.#number}_${this.#calls++}`, name: call.tool, input: {} },
          pieces(argsText(call)).map((partial_json) => ({ type: "input_json_delta", partial_json })),
        ),
      ),
    ]
  }

  search(query: string, results: ReadonlyArray<{ readonly url: string; readonly title: string }>): string {
    const ended = this.#end()
    const id = `srvtoolu_${this.#number}_${this.#index}`
    this.#issued.searches.add(id)
    const content = results.map((result) => ({
      type: "web_search_result",
      ...result,
      encrypted_content: `enc ${result.url}`,
      page_age: null,
    }))
    const input = pieces(JSON.stringify({ query })).map((partial_json) => ({ type: "input_json_delta", partial_json }))
    return [
      ended,
      ...this.#whole({ type: "server_tool_use", id, name: "web_search", input: {} }, input),
      ...this.#whole({ type: "web_search_tool_result", tool_use_id: id, content }, []),
    ].join("")
  }

  close(finish: Finish, usage: ScriptedUsage | null): string {
    const ended = this.#end()
    const counted =
      usage === null
        ? { output_tokens: 1 }
        : {
            input_tokens: usage.input,
            output_tokens: usage.output,
            cache_read_input_tokens: usage.cached ?? 0,
            cache_creation_input_tokens: usage.cacheWritten ?? 0,
          }
    return (
      ended +
      this.event({ type: "message_delta", delta: { stop_reason: STOP[finish], stop_sequence: null }, usage: counted }) +
      this.event({ type: "message_stop" })
    )
  }
}

import { badTool, type Body, first, isJson, isObject, list, objects, unknownField } from "./checks.ts"
import {
  argsText,
  type Finish,
  type Issued,
  pieces,
  type ScriptedCall,
  type ScriptedUsage,
  type Writer,
} from "./script.ts"

/** The Responses API, as strict as OpenAI about the pairing of items. */

const FIELDS = [
  "model",
  "input",
  "instructions",
  "stream",
  "store",
  "include",
  "reasoning",
  "text",
  "temperature",
  "top_p",
  "top_logprobs",
  "max_tool_calls",
  "max_output_tokens",
  "user",
  "metadata",
  "prompt_cache_key",
  "safety_identifier",
  "service_tier",
  "parallel_tool_calls",
  "tools",
  "tool_choice",
  "previous_response_id",
  "truncation",
]

const ITEM_FIELDS: Readonly<Record<string, ReadonlyArray<string>>> = {
  message: ["type", "role", "content", "phase", "id", "status"],
  function_call: ["type", "call_id", "name", "arguments", "id", "status"],
  function_call_output: ["type", "call_id", "output", "id", "status"],
  reasoning: ["type", "id", "summary", "encrypted_content", "content"],
  web_search_call: ["type", "id", "status", "action"],
}

const USER_CONTENT = ["input_text", "input_image", "input_file"]

const kindOf = (item: Body): string => (typeof item["type"] === "string" ? item["type"] : "message")

const badItem = (item: unknown, index: number, items: ReadonlyArray<unknown>, issued: Issued): string | undefined => {
  if (!isObject(item)) return `input[${index}] is not an object.`
  const kind = kindOf(item)
  const allowed = ITEM_FIELDS[kind]
  if (!allowed) return `Invalid value: '${kind}'. input[${index}].type`
  const unknown = unknownField(item, allowed, `input[${index}].`)
  if (unknown !== undefined) return unknown
  switch (kind) {
    case "message": {
      const content = item["content"]
      const types = objects(content).map((part) => part["type"])
      if (item["role"] === "user" && !types.every((type) => USER_CONTENT.includes(String(type))))
        return `input[${index}]: invalid content.`
      return typeof content === "string" || types.length > 0 ? undefined : `input[${index}]: content is required.`
    }
    case "function_call":
      if (item["id"] !== undefined)
        return `Item '${String(item["id"])}' not found. Items are not persisted when store is false.`
      return isJson(item["arguments"]) ? undefined : `input[${index}]: arguments are not JSON.`
    case "function_call_output":
      return objects(items.slice(0, index)).some(
        (before) => kindOf(before) === "function_call" && before["call_id"] === item["call_id"],
      )
        ? undefined
        : `No tool call found for function call output with call_id ${String(item["call_id"])}.`
    case "reasoning": {
      const id = String(item["id"])
      if (issued.reasoning.get(id) !== item["encrypted_content"])
        return `The encrypted content for item ${id} could not be verified.`
      const next = items[index + 1]
      const follows =
        isObject(next) &&
        (kindOf(next) !== "message" || next["role"] === "assistant") &&
        kindOf(next) !== "function_call_output"
      return follows ? undefined : `Item '${id}' of type 'reasoning' was provided without its required following item.`
    }
    default:
      return issued.searches.has(String(item["id"])) ? undefined : `Item '${String(item["id"])}' not found.`
  }
}

const unansweredCall = (items: ReadonlyArray<Body>): string | undefined => {
  const answered = new Set(
    items.filter((item) => kindOf(item) === "function_call_output").map((item) => item["call_id"]),
  )
  const call = items.find((item) => kindOf(item) === "function_call" && !answered.has(item["call_id"]))
  return call ? `No tool output found for function call ${String(call["call_id"])}.` : undefined
}

export const refuseResponses = (body: Body, issued: Issued): string | undefined => {
  const input = list(body["input"])
  const tools = objects(body["tools"])
  if (typeof body["model"] !== "string") return "Missing required parameter: 'model'."
  if (input.length === 0) return "Missing required parameter: 'input'."
  if (body["stream"] !== true) return "The scripted provider only streams."
  if (tools.length === 0 && ("tools" in body || "tool_choice" in body)) return "'tool_choice' needs 'tools'."
  if (typeof body["previous_response_id"] === "string") {
    return `Previous response with id '${body["previous_response_id"]}' not found.`
  }
  return (
    unknownField(body, FIELDS, "") ??
    first(input, (item, index) => badItem(item, index, input, issued)) ??
    unansweredCall(objects(input)) ??
    first(tools, (tool) => (tool["type"] === "function" ? badTool(tool["name"], tool["parameters"]) : undefined))
  )
}

type Block = { readonly kind: "text" | "reasoning"; readonly id: string; text: string; readonly encrypted: string }

export class ResponsesWriter implements Writer {
  readonly #number: number
  readonly #model: unknown
  readonly #issued: Issued
  readonly #output: Array<Body> = []
  #sequence = 0
  #block: Block | undefined

  constructor(number: number, body: Body, issued: Issued) {
    this.#number = number
    this.#model = body["model"]
    this.#issued = issued
  }

  event(data: Body): string {
    return `event: ${String(data["type"])}\ndata: ${JSON.stringify({ ...data, sequence_number: this.#sequence++ })}\n\n`
  }

  #response(status: string, extra: Body = {}): Body {
    return {
      id: `resp_${this.#number}`,
      object: "response",
      created_at: 1_700_000_000,
      status,
      model: this.#model,
      output: this.#output,
      error: null,
      incomplete_details: null,
      usage: null,
      ...extra,
    }
  }

  open(): string {
    return this.event({ type: "response.created", response: this.#response("in_progress") })
  }

  #at(): number {
    return this.#output.length
  }

  #done(item: Body): string {
    const output_index = this.#at()
    this.#output.push(item)
    return this.event({ type: "response.output_item.done", output_index, item })
  }

  #begin(kind: Block["kind"], encrypted: string): string {
    if (this.#block?.kind === kind) return ""
    const ended = this.#end()
    const id = `${kind === "text" ? "msg" : "rs"}_${this.#number}_${this.#at()}`
    this.#block = { kind, id, text: "", encrypted: encrypted === "" ? `enc_${id}` : encrypted }
    const output_index = this.#at()
    if (kind === "reasoning") {
      return (
        ended +
        this.event({ type: "response.output_item.added", output_index, item: { type: "reasoning", id, summary: [] } }) +
        this.event({
          type: "response.reasoning_summary_part.added",
          item_id: id,
          output_index,
          summary_index: 0,
          part: { type: "summary_text", text: "" },
        })
      )
    }
    const item = { type: "message", id, role: "assistant", status: "in_progress", content: [] }
    return (
      ended +
      this.event({ type: "response.output_item.added", output_index, item }) +
      this.event({
        type: "response.content_part.added",
        item_id: id,
        output_index,
        content_index: 0,
        part: { type: "output_text", text: "", annotations: [] },
      })
    )
  }

  #end(): string {
    const block = this.#block
    this.#block = undefined
    if (!block) return ""
    const { encrypted, id, kind, text } = block
    if (kind === "text") {
      return this.#done({
        type: "message",
        id,
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text, annotations: [] }],
      })
    }
    this.#issued.reasoning.set(id, encrypted)
    return this.#done({
      type: "reasoning",
      id,
      summary: [{ type: "summary_text", text }],
      encrypted_content: encrypted,
    })
  }

  text(delta: string): string {
    const begun = this.#begin("text", "")
    if (this.#block) this.#block.text += delta
    return (
      begun +
      this.event({
        type: "response.output_text.delta",
        item_id: this.#block?.id,
        output_index: this.#at(),
        content_index: 0,
        delta,
      })
    )
  }

  reasoning(delta: string, { encrypted }: { readonly encrypted?: string }): string {
    const begun = this.#begin("reasoning", encrypted ?? "")
    if (this.#block) this.#block.text += delta
    return (
      begun +
      this.event({
        type: "response.reasoning_summary_text.delta",
        item_id: this.#block?.id,
        output_index: this.#at(),
        summary_index: 0,
        delta,
      })
    )
  }

  redacted(): string {
    return ""
  }

  calls(calls: ReadonlyArray<ScriptedCall>): ReadonlyArray<string> {
    const ended = this.#end()
    const base = this.#at()
    const items = calls.map((call, at) => ({
      type: "function_call",
      id: `fc_${this.#number}_${base + at}`,
      call_id: call.id ?? `call_${this.#number}_${base + at}`,
      name: call.tool,
    }))
    const starts = items.map((item, at) =>
      this.event({
        type: "response.output_item.added",
        output_index: base + at,
        item: { ...item, arguments: "", status: "in_progress" },
      }),
    )
    const parts = calls.map((call) => pieces(argsText(call)))
    const longest = Math.max(...parts.map((own) => own.length))
    const deltas = Array.from({ length: longest }, (_, step) =>
      parts.flatMap((own, at) => {
        const delta = own[step]
        if (delta === undefined) return []
        return [
          this.event({
            type: "response.function_call_arguments.delta",
            item_id: items[at]?.id,
            output_index: base + at,
            delta,
          }),
        ]
      }),
    )
    const ends = items.map((item, at) =>
      this.#done({ ...item, arguments: (parts[at] ?? []).join(""), status: "completed" }),
    )
    return [ended, ...starts, ...deltas.flat(), ...ends]
  }

  search(query: string, results: ReadonlyArray<{ readonly url: string; readonly title: string }>): string {
    const ended = this.#end()
    const id = `ws_${this.#number}_${this.#at()}`
    this.#issued.searches.add(id)
    const item = { type: "web_search_call", id, status: "in_progress" }
    const sources = results.map(({ url }) => ({ type: "url", url }))
    return (
      ended +
      this.event({ type: "response.output_item.added", output_index: this.#at(), item }) +
      this.#done({ ...item, status: "completed", action: { type: "search", query, sources } })
    )
  }

  close(finish: Finish, usage: ScriptedUsage | null): string {
    const ended = this.#end()
    const counted = usage && {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cached ?? 0 },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
      total_tokens: usage.input + usage.output,
    }
    const reason =
      finish === "length" ? "max_output_tokens" : finish === "content-filter" ? "content_filter" : undefined
    if (reason === undefined)
      return (
        ended + this.event({ type: "response.completed", response: this.#response("completed", { usage: counted }) })
      )
    return (
      ended +
      this.event({
        type: "response.incomplete",
        response: this.#response("incomplete", { usage: counted, incomplete_details: { reason } }),
      })
    )
  }
}

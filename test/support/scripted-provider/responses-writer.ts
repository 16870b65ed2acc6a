import { type Body, list, objects } from "./checks.ts"
import {
  argsText,
  type Finish,
  type Issued,
  pieces,
  type ScriptedCall,
  type ScriptedUsage,
  type SearchResult,
  type Writer,
} from "./script.ts"
import { openCallsOf } from "./responses.ts"

/** Streams a scripted reply as the events of the Responses API, and notes what it demands back unchanged. */

type Block = { readonly kind: "text" | "reasoning"; readonly id: string; text: string; readonly encrypted: string }

export class ResponsesWriter implements Writer {
  readonly #number: number
  readonly #issued: Issued
  readonly #body: Body
  readonly #output: Array<Body> = []
  #sequence = 0
  #block: Block | undefined

  constructor(number: number, body: Body, issued: Issued) {
    this.#number = number
    this.#body = body
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
      model: this.#body["model"],
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
    const included = list(this.#body["include"]).includes("reasoning.encrypted_content")
    return this.#done({
      type: "reasoning",
      id,
      summary: [{ type: "summary_text", text }],
      ...(included ? { encrypted_content: encrypted } : {}),
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

  search(query: string, results: ReadonlyArray<SearchResult> = []): string {
    const ended = this.#end()
    const id = `ws_${this.#number}_${this.#at()}`
    const before = this.#output.findLast((item) => item["type"] !== "web_search_call")
    this.#issued.searches.set(id, before?.["type"] === "reasoning" ? String(before["id"]) : undefined)
    const item = { type: "web_search_call", id, status: "in_progress" }
    const sources = results.map(({ url }) => ({ type: "url", url }))
    return (
      ended +
      this.event({ type: "response.output_item.added", output_index: this.#at(), item }) +
      this.#done({ ...item, status: "completed", action: { type: "search", query, sources } })
    )
  }

  found(): string {
    return ""
  }

  /** Keeps the response, unless it was asked not to, for requests that go on from it. */
  #store(): void {
    if (this.#body["store"] === false) return
    const previous = this.#issued.responses.get(String(this.#body["previous_response_id"]))
    const items = [...objects(this.#body["input"]), ...this.#output]
    this.#issued.responses.set(`resp_${this.#number}`, {
      openCalls: openCallsOf(items, previous),
      itemIds: [...(previous?.itemIds ?? []), ...items.flatMap((item) => item["id"] ?? [])],
    })
  }

  close(finish: Finish, usage: ScriptedUsage | null): string {
    const ended = this.#end()
    this.#store()
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

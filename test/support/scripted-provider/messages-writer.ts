import { type Body, objects } from "./checks.ts"
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
import { isThinking, withoutMark } from "./messages.ts"

/** Streams a scripted reply as Anthropic's events, and notes what it demands back unchanged. */

const STOP: Readonly<Record<Finish, string>> = {
  stop: "end_turn",
  "tool-calls": "tool_use",
  length: "max_tokens",
  "content-filter": "refusal",
  pause: "pause_turn",
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
  /** The blocks of this reply, after those of the paused one that it goes on from. */
  readonly #content: Array<Body>
  #index = 0
  #calls = 0
  #block: Block | undefined

  constructor(number: number, body: Body, issued: Issued) {
    this.#number = number
    this.#model = body["model"]
    this.#issued = issued
    const last = objects(body["messages"]).at(-1)
    this.#content = last?.["role"] === "assistant" ? objects(last["content"]).map(withoutMark) : []
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

  /** `input` is what the deltas add up to. */
  #whole(block: Body, deltas: ReadonlyArray<Body>, input?: unknown): ReadonlyArray<string> {
    const index = this.#index++
    this.#content.push(input === undefined ? block : { ...block, input })
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
    if (block.kind === "text") {
      this.#content.push({ type: "text", text: block.text })
      return stop
    }
    const signature = block.signature === "" ? `sig_${this.#number}_${index}` : block.signature
    this.#issued.thinking.set(signature, block.text)
    this.#content.push({ type: "thinking", thinking: block.text, signature })
    return this.event({ type: "content_block_delta", index, delta: { type: "signature_delta", signature } }) + stop
  }

  text(delta: string): string {
    const begun = this.#begin("text")
    if (this.#block) this.#block.text += delta
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
          call.args,
        ),
      ),
    ]
  }

  search(query: string, results: ReadonlyArray<SearchResult> | undefined): string {
    const ended = this.#end()
    const id = `srvtoolu_${this.#number}_${this.#index}`
    this.#issued.searches.set(id, undefined)
    const input = pieces(JSON.stringify({ query })).map((partial_json) => ({ type: "input_json_delta", partial_json }))
    const call = { type: "server_tool_use", id, name: "web_search", input: {}, caller: { type: "direct" } }
    return [ended, ...this.#whole(call, input, { query }), results === undefined ? "" : this.found(results)].join("")
  }

  found(results: ReadonlyArray<SearchResult>): string {
    const ended = this.#end()
    const id = String(this.#content.findLast((block) => block["type"] === "server_tool_use")?.["id"])
    const content = results.map((result) => ({
      type: "web_search_result",
      ...result,
      encrypted_content: `enc ${result.url}`,
      page_age: null,
    }))
    this.#issued.found.set(id, content)
    const result = { type: "web_search_tool_result", tool_use_id: id, content, caller: { type: "direct" } }
    return [ended, ...this.#whole(result, [])].join("")
  }

  close(finish: Finish, usage: ScriptedUsage | null): string {
    const ended = this.#end()
    this.#issued.thoughts.push(this.#content.filter(isThinking))
    if (finish === "pause") this.#issued.paused.push(this.#content)
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

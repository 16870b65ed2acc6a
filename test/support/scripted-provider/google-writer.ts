import type { Body } from "./checks.ts"
import type { Finish, Issued, ScriptedCall, ScriptedUsage, SearchResult, Writer } from "./script.ts"

/** Streams a scripted reply as Gemini's events, and notes the signatures that it demands back. */

const FINISH: Readonly<Record<Finish, string>> = {
  stop: "STOP",
  // Gemini has no word of its own for it.
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  "content-filter": "SAFETY",
  pause: "STOP",
}

const readable = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // A server that lost its structure hands on the text.
    return text
  }
}

export class GoogleWriter implements Writer {
  readonly #number: number
  readonly #issued: Issued
  #calls = 0

  constructor(number: number, issued: Issued) {
    this.#number = number
    this.#issued = issued
  }

  event(data: Body): string {
    return `data: ${JSON.stringify(data)}\r\n\r\n`
  }

  #parts(parts: ReadonlyArray<Body>, more: Body = {}): string {
    return this.event({
      candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
      modelVersion: "gemini-scripted",
      responseId: `resp-${this.#number}`,
    })
  }

  open(): string {
    return ""
  }

  text(delta: string): string {
    return this.#parts([{ text: delta }])
  }

  reasoning(delta: string): string {
    return this.#parts([{ text: delta, thought: true }])
  }

  redacted(): string {
    return ""
  }

  /** The first call of a reply carries the signature of the thought that led to it. */
  calls(calls: ReadonlyArray<ScriptedCall>): ReadonlyArray<string> {
    return calls.map((call) => {
      const at = this.#calls++
      const signature = `sig_${this.#number}_${at}`
      if (at === 0) this.#issued.thinking.set(signature, "")
      const args = typeof call.args === "string" ? readable(call.args) : (call.args ?? {})
      const functionCall = { id: call.id ?? `fc_${this.#number}_${at}`, name: call.tool, args }
      return this.#parts([{ functionCall, ...(at === 0 ? { thoughtSignature: signature } : {}) }])
    })
  }

  search(_query: string, results: ReadonlyArray<SearchResult> | undefined): string {
    return this.found(results ?? [])
  }

  found(results: ReadonlyArray<SearchResult>): string {
    const groundingChunks = results.map(({ title, url }) => ({ web: { uri: url, title } }))
    return this.#parts([], { groundingMetadata: { groundingChunks } })
  }

  close(finish: Finish, usage: ScriptedUsage | null): string {
    const counted =
      usage === null
        ? {}
        : {
            usageMetadata: {
              promptTokenCount: usage.input,
              candidatesTokenCount: usage.output - (usage.reasoning ?? 0),
              totalTokenCount: usage.input + usage.output,
              cachedContentTokenCount: usage.cached ?? 0,
              thoughtsTokenCount: usage.reasoning ?? 0,
            },
          }
    return this.event({
      candidates: [{ content: { parts: [{ text: "" }], role: "model" }, finishReason: FINISH[finish], index: 0 }],
      ...counted,
      responseId: `resp-${this.#number}`,
    })
  }
}

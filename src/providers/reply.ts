import type { Part, SourcePart } from "../contract/parts.ts"
import type { StreamEvent } from "./provider.ts"
import { parsedArgs } from "./transcript.ts"

/**
 * Collects one streamed reply: the parts in their order, while each delta goes to the listener at once. Adapters close a
 * run of text or reasoning by starting another part or with `close`.
 */

interface OpenRun {
  readonly kind: "text" | "reasoning"
  text: string
  readonly startedAt: string
  metadata: unknown
}

export interface OpenCall {
  id: string
  name: string
  args: string
  announced: boolean
  metadata: unknown
}

type Slot = OpenRun | OpenCall | Part

const isCall = (slot: Slot): slot is OpenCall => "announced" in slot
const isRun = (slot: Slot): slot is OpenRun => "kind" in slot

export class Reply {
  readonly #slots: Array<Slot> = []
  readonly #onEvent: (event: StreamEvent) => void
  readonly #finishedAt = new Map<OpenRun, string>()
  #open: OpenRun | undefined

  constructor(onEvent: (event: StreamEvent) => void) {
    this.#onEvent = onEvent
  }

  text(text: string): void {
    this.#run("text").text += text
    this.#onEvent({ type: "text", text })
  }

  reasoning(text: string): void {
    this.#run("reasoning").text += text
    this.#onEvent({ type: "reasoning", text })
  }

  /** Raw provider data of the open run of this kind; opens one when there is none (hidden thinking has no text). */
  annotate(kind: "text" | "reasoning", metadata: unknown): void {
    this.#run(kind).metadata = metadata
  }

  /** Ends the open run, so that the next delta starts a new part. */
  close(): void {
    if (this.#open?.kind === "reasoning") this.#finishedAt.set(this.#open, new Date().toISOString())
    this.#open = undefined
  }

  /** A call in the order of its first appearance. Its id and name may come later. */
  call(id = "", name = ""): OpenCall {
    this.close()
    const call: OpenCall = { id, name, args: "", announced: false, metadata: undefined }
    this.#slots.push(call)
    this.callDelta(call, "")
    return call
  }

  /** Adds argument text. The listener hears of a call once id and name are known, then of every delta. */
  callDelta(call: OpenCall, delta: string): void {
    call.args += delta
    if (call.announced) {
      if (delta !== "") this.#onEvent({ type: "tool-call-delta", id: call.id, name: call.name, delta })
    } else if (call.id !== "" && call.name !== "") {
      call.announced = true
      this.#onEvent({ type: "tool-call-delta", id: call.id, name: call.name, delta: call.args })
    }
  }

  source(source: SourcePart): void {
    this.#slots.push(source)
    this.#onEvent({ type: "source", source })
  }

  /** A finished part of which no delta was shown, such as a provider's own search. */
  part(part: Part): void {
    this.close()
    this.#slots.push(part)
  }

  get calls(): ReadonlyArray<OpenCall> {
    return this.#slots.filter(isCall)
  }

  parts(): ReadonlyArray<Part> {
    this.close()
    return this.#slots.flatMap((slot): ReadonlyArray<Part> => {
      if (isCall(slot)) return [this.#callPart(slot)]
      if (!isRun(slot)) return [slot]
      const metadata = slot.metadata === undefined ? {} : { provider_metadata: slot.metadata }
      // A run without text is kept only for the sake of its provider data.
      if (slot.text === "" && slot.metadata === undefined) return []
      if (slot.kind === "text") return [{ type: "text", text: slot.text, ...metadata }]
      const completed = this.#finishedAt.get(slot)
      return [
        {
          type: "reasoning",
          text: slot.text,
          created_at: slot.startedAt,
          ...(completed === undefined ? {} : { completed_at: completed }),
          ...metadata,
        },
      ]
    })
  }

  #callPart(call: OpenCall): Part {
    return {
      type: "tool-call",
      tool_call_id: call.id,
      tool_name: call.name,
      ...parsedArgs(call.args),
      ...(call.metadata === undefined ? {} : { provider_metadata: call.metadata }),
    }
  }

  #run(kind: "text" | "reasoning"): OpenRun {
    if (this.#open?.kind === kind) return this.#open
    this.close()
    const run: OpenRun = { kind, text: "", startedAt: new Date().toISOString(), metadata: undefined }
    this.#slots.push(run)
    this.#open = run
    return run
  }
}

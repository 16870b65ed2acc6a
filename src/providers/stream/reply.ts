import { randomUUID } from "node:crypto"
import type { ProviderCallId } from "../../contract/ids.ts"
import { nestsDeeper } from "../../contract/json-depth.ts"
import type { Part, SourcePart } from "../../contract/parts.ts"
import { isEmptyObject, isWhole, ObjectEnd, parsedArgs } from "../call-arguments.ts"
import type { FailureContext } from "../classify.ts"
import { parseJson } from "../json.ts"
import type { StreamEvent } from "../provider.ts"
import { MAX_CALLS, MAX_KEPT_BYTES, MAX_NAME_LENGTH, MAX_REPLY_BYTES, MAX_SOURCES, pastLimit } from "./reply-limits.ts"

/**
 * Collects one streamed reply: the parts in their order, while each delta goes to the listener at once. Adapters close a
 * run of text or reasoning by starting another part or with `close`. A reply past the limits of `reply-limits.ts` is a
 * ProviderError, thrown by whatever adds too much.
 */

interface OpenRun {
  readonly kind: "text" | "reasoning"
  text: string
  readonly startedAt: string
  metadata: unknown
}

export interface OpenCall {
  id: ProviderCallId
  name: string
  args: string
  /** Where the object ends that they are. */
  end: ObjectEnd
  announced: boolean
  metadata: unknown
  /** The provider has said that the arguments are all there. */
  complete: boolean
  /** Pieces that began with all that was there, and the arguments if they did so by chance. */
  repeats: number
  joined: string | undefined
}

type Slot = OpenRun | OpenCall | Part

const isCall = (slot: Slot): slot is OpenCall => "announced" in slot
const isRun = (slot: Slot): slot is OpenRun => "kind" in slot

/** So many repetitions are no chance: this server sends the whole so far each time. */
const SURE_REPEATS = 3

const newProviderCallId = (): ProviderCallId => `call_${randomUUID().replaceAll("-", "")}`

const sizeOf = (value: unknown): number => (value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)))

export class Reply {
  readonly #slots: Array<Slot> = []
  readonly #calls: Array<OpenCall> = []
  readonly #ids = new Set<ProviderCallId>()
  readonly #sources = new Set<string>()
  readonly #context: FailureContext
  readonly #onEvent: (event: StreamEvent) => void
  readonly #finishedAt = new Map<OpenRun, string>()
  #open: OpenRun | undefined
  readonly #lengths = { text: 0, reasoning: 0 }
  #bytes = 0
  #keptBytes = 0

  constructor(context: FailureContext, onEvent: (event: StreamEvent) => void) {
    this.#context = context
    this.#onEvent = onEvent
  }

  text(text: string): void {
    if (text === "") return
    this.#spend(Buffer.byteLength(text))
    this.#run("text").text += text
    this.#lengths.text += text.length
    this.#onEvent({ type: "text", text })
  }

  reasoning(text: string): void {
    if (text === "") return
    this.#spend(Buffer.byteLength(text))
    this.#run("reasoning").text += text
    this.#lengths.reasoning += text.length
    this.#onEvent({ type: "reasoning", text })
  }

  /** Raw provider data of the open run of this kind; opens one when there is none (hidden thinking has no text). */
  annotate(kind: "text" | "reasoning", metadata: unknown): void {
    this.#run(kind).metadata = metadata
  }

  /** Data for the provider only, paid from a budget of its own; undefined where it nests too deeply to be kept. */
  kept<Value>(value: Value): Value | undefined {
    if (nestsDeeper(value)) return undefined
    this.#keptBytes += sizeOf(value)
    if (this.#keptBytes > MAX_KEPT_BYTES)
      throw pastLimit(this.#context, "more than 2 MiB of data of its own in a reply")
    return value
  }

  /** Ends the open run, so that the next delta starts a new part. */
  close(): void {
    if (this.#open?.kind === "reasoning") this.#finishedAt.set(this.#open, new Date().toISOString())
    this.#open = undefined
  }

  /** A call in the order of its first appearance. Its id and name may come later. */
  call(id = "", name = ""): OpenCall {
    if (this.#calls.length === MAX_CALLS) throw pastLimit(this.#context, `more than ${MAX_CALLS} tool calls in a reply`)
    this.close()
    const call: OpenCall = {
      id: "",
      name: "",
      args: "",
      end: new ObjectEnd(),
      announced: false,
      metadata: undefined,
      complete: false,
      repeats: 0,
      joined: undefined,
    }
    this.#slots.push(call)
    this.#calls.push(call)
    this.identify(call, id, name)
    return call
  }

  /**
   * What a call is named by, the first time that it comes. An id that another call of the reply has, or that is none, gives way
   * to one of ours. The listener hears of a call once its name is known, then of every delta.
   */
  identify(call: OpenCall, id = "", name = ""): void {
    if (call.name === "") this.#rename(call, name.trim())
    if (call.id === "" && (id !== "" || call.name !== "")) {
      const fits = id !== "" && id.length <= MAX_NAME_LENGTH && !this.#ids.has(id)
      call.id = fits ? id : newProviderCallId()
      this.#ids.add(call.id)
    }
    if (call.announced || call.name === "") return
    call.announced = true
    this.#onEvent({ type: "tool-call-delta", id: call.id, name: call.name, delta: call.args })
  }

  /** Takes a name where there is one already: once more, the next piece of it or, as with arguments, the whole so far. */
  nameDelta(call: OpenCall, piece: string): void {
    const name = piece.trim()
    if (call.name === "" || name === call.name) return
    this.#rename(call, name.startsWith(call.name) ? name : call.name + name)
  }

  /** Adds a piece of the arguments: what comes next or, as some servers have it, the whole so far. */
  callDelta(call: OpenCall, piece: string): void {
    let delta = piece
    if (call.args !== "" && piece.startsWith(call.args)) {
      call.repeats++
      call.joined = call.repeats < SURE_REPEATS ? (call.joined ?? call.args) + piece : undefined
      delta = piece.slice(call.args.length)
    } else if (call.joined !== undefined) call.joined += piece
    if (delta === "") return
    this.#spend(Buffer.byteLength(delta))
    call.args += delta
    call.end.add(delta)
    if (call.announced) this.#onEvent({ type: "tool-call-delta", id: call.id, name: call.name, delta })
  }

  /** The whole arguments, said at the end: mostly once more. What was streamed wins unless it is no whole. */
  wholeArguments(call: OpenCall, text: string): void {
    if (text.startsWith(call.args)) this.callDelta(call, text)
    else if (isWhole(text) && (!call.end.atEnd || isEmptyObject(call.args))) {
      this.#spend(Buffer.byteLength(text))
      call.args = text
      call.end = new ObjectEnd()
      call.end.add(text)
    }
    call.complete = true
  }

  source(source: SourcePart): void {
    const name = `${source.url}\n${source.title ?? ""}`
    // Some servers repeat the whole list with every event.
    if (this.#sources.has(name)) return
    if (this.#sources.size === MAX_SOURCES)
      throw pastLimit(this.#context, `more than ${MAX_SOURCES} sources in a reply`)
    this.#spend(Buffer.byteLength(name))
    this.#sources.add(name)
    this.#slots.push(source)
    this.#onEvent({ type: "source", source })
  }

  /** A finished part of which no delta was shown, such as a provider's own search. Left out when it nests too deeply. */
  part(part: Part): void {
    this.close()
    if (nestsDeeper(part)) return
    const { provider_metadata: raw, ...shown } = { provider_metadata: undefined, ...part }
    this.#spend(sizeOf(shown))
    this.kept(raw)
    this.#slots.push(part)
  }

  get calls(): ReadonlyArray<OpenCall> {
    return this.#calls
  }

  /** Bytes of what the model has said. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether there was text, or reasoning. */
  hasSaid(kind: OpenRun["kind"]): boolean {
    return this.#lengths[kind] > 0
  }

  /** What a text adds to all text, or reasoning, so far, if it begins with that; takes no longer than it is long. */
  unsaid(kind: OpenRun["kind"], text: string): string | undefined {
    const length = this.#lengths[kind]
    if (text.length < length) return undefined
    const said = this.#slots.map((slot) => (isRun(slot) && slot.kind === kind ? slot.text : "")).join("")
    return text.startsWith(said) ? text.slice(length) : undefined
  }

  get hasReasoning(): boolean {
    return this.#slots.some((slot) => isRun(slot) && slot.kind === "reasoning")
  }

  /**
   * The whole message, without calls that never got a name. `cut`: the provider stopped at a limit, so reasoning at the end is
   * not completed, and a call there that has no arguments has lost them.
   */
  parts(cut = false): ReadonlyArray<Part> {
    if (!cut) this.close()
    const last = this.#slots.at(-1)
    return this.#slots.flatMap((slot): ReadonlyArray<Part> => {
      if (isCall(slot)) return slot.name === "" ? [] : [callPart(slot, cut && slot === last && !slot.complete)]
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

  #rename(call: OpenCall, name: string): void {
    if (name.length > MAX_NAME_LENGTH) {
      throw pastLimit(this.#context, `a tool name of more than ${MAX_NAME_LENGTH} characters`)
    }
    this.#spend(Buffer.byteLength(name))
    call.name = name
  }

  #spend(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > MAX_REPLY_BYTES) throw pastLimit(this.#context, "more than 2 MiB in one reply")
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

const callPart = ({ args, id, joined, metadata, name }: OpenCall, cut: boolean): Part => {
  const text = joined !== undefined && parseJson(args) === undefined && isWhole(joined) ? joined : args
  return {
    type: "tool-call",
    tool_call_id: id,
    tool_name: name,
    ...(cut && text.trim() === "" ? { args_text: text } : parsedArgs(text)),
    ...(metadata === undefined ? {} : { provider_metadata: metadata }),
  }
}

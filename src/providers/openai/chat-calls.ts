import type { ProviderCallId } from "../../contract/ids.ts"
import { argumentsText } from "../call-arguments.ts"
import { asNumber, asRecord, asString, isRecord, type JsonRecord } from "../json.ts"
import type { OpenCall, Reply } from "../stream/reply.ts"

/**
 * Puts the tool calls of a Chat Completions stream together. OpenAI names a call once and then says by its index what belongs
 * to it. Servers that copy the protocol leave out index or id, give every call the index 0 or all calls one id, send a new id
 * with each piece, name the call in every piece, or send its name in pieces.
 */

interface ChatCall {
  readonly call: OpenCall
  /** As the server gave it first. */
  readonly id: ProviderCallId | undefined
  /** What the server put beside the fields of the protocol: it may want it back. */
  readonly extra: Record<string, unknown>
}

interface Piece {
  readonly index: number | undefined
  readonly id: ProviderCallId | undefined
  readonly name: string | undefined
  readonly args: string
  readonly extra: JsonRecord
}

const pieceOf = (given: JsonRecord): Piece => {
  const { arguments: _args, function: _function, id, index, name: _name, type: _type, ...extra } = given
  const fn = asRecord(given["function"])
  return {
    index: typeof index === "string" && /^\d{1,4}$/.test(index) ? Number(index) : asNumber(index),
    id: typeof id === "number" ? String(id) : asString(id),
    name: asString(fn?.["name"]) ?? asString(given["name"]),
    args: argumentsText(fn?.["arguments"] ?? given["arguments"]),
    extra,
  }
}

/** With the whole arguments already there, a piece that names another tool or other arguments begins another call. */
const beginsAnew = ({ args, name }: Piece, { call }: ChatCall): boolean => {
  if (name === undefined || !call.end.atEnd) return false
  return (call.name !== "" && name !== call.name) || (args !== "" && args !== call.args)
}

/** Nothing tells which call it belongs to but its place in the list. */
const isBare = (given: unknown): boolean => {
  if (!isRecord(given)) return false
  const { id, index, name } = pieceOf(given)
  return id === undefined && index === undefined && name === undefined
}

export class ChatCalls {
  readonly #reply: Reply
  readonly #all: Array<ChatCall> = []
  readonly #byIndex = new Map<number, ChatCall>()
  readonly #byId = new Map<ProviderCallId, ChatCall>()

  constructor(reply: Reply) {
    this.#reply = reply
  }

  /** Takes the pieces of one event. `whole`: they are all the calls there are, and their positions stand for indices. */
  add(list: ReadonlyArray<unknown>, whole: boolean): void {
    // The last calls go on, each in its place.
    const goingOn = list.length > 1 && list.every(isBare) ? this.#all.slice(-list.length) : []
    list.forEach((given, position) => this.#add(given, whole ? position : undefined, goingOn[position]))
  }

  #add(given: unknown, position: number | undefined, goesOn: ChatCall | undefined): void {
    if (!isRecord(given)) return
    const sent = pieceOf(given)
    const piece = { ...sent, index: sent.index ?? position }
    const { args, extra, id, index, name } = piece
    const before = goesOn ?? this.#known(piece)
    const known = before ?? this.#begin(piece)
    if (index !== undefined) this.#byIndex.set(index, known)
    if (before !== undefined && name !== undefined) this.#reply.nameDelta(known.call, name)
    this.#reply.identify(known.call, id, name)
    this.#reply.callDelta(known.call, args)
    for (const [key, value] of Object.entries(extra)) {
      if (value !== null && value !== undefined && this.#reply.kept(value) !== undefined) known.extra[key] = value
    }
  }

  /** Fields beyond the protocol's of each call that has some. */
  extras(): ReadonlyArray<readonly [call: OpenCall, extra: JsonRecord]> {
    return this.#all.flatMap(({ call, extra }) => (Object.keys(extra).length === 0 ? [] : [[call, extra] as const]))
  }

  #begin({ id, name }: Piece): ChatCall {
    const begun = { call: this.#reply.call(id, name), id, extra: {} }
    this.#all.push(begun)
    if (id !== undefined && !this.#byId.has(id)) this.#byId.set(id, begun)
    return begun
  }

  #known(piece: Piece): ChatCall | undefined {
    const { id, index, name } = piece
    const there = index === undefined ? undefined : this.#byIndex.get(index)
    if (there !== undefined && (id === undefined || there.id === undefined || there.id === id)) {
      return beginsAnew(piece, there) ? undefined : there
    }
    const named = id === undefined ? undefined : this.#byId.get(id)
    if (named !== undefined) {
      // The id of another call, at a place of its own: some servers give all calls the same.
      const own = name !== undefined && index !== undefined && there === undefined
      return own || beginsAnew(piece, named) ? undefined : named
    }
    if (there !== undefined) {
      // Another id at the same place: a new one with each piece, or another call.
      return name === undefined || (name === there.call.name && !there.call.end.atEnd) ? there : undefined
    }
    if (index !== undefined) return undefined
    // Neither index nor a known id: a name starts a call unless it only repeats itself, and bare arguments continue the last.
    const last = this.#all.at(-1)
    if (last === undefined) return undefined
    if (name === undefined) return id === undefined || piece.args !== "" ? last : undefined
    return id === undefined && name === last.call.name && last.call.args !== "" && !last.call.end.atEnd
      ? last
      : undefined
  }
}

import type { Part, TextPart, ToolCallPart, ToolResultPart } from "../contract/parts.ts"
import { storable } from "../db/engine/jsonb.ts"
import { boundedNesting } from "./bounded-json.ts"
import { type CallIdForm, CallIds, ToolNames } from "./call-names.ts"
import { type Kinship, kinship } from "./origin.ts"
import type { GenerateRequest, PromptMessage } from "./provider.ts"
import { isBlank, metadataFor, metadataOf, replayArgs, searchText } from "./transcript.ts"

/**
 * From the transcript, whatever happened in it, to one that the strictest server of a wire accepts. The writers only spell it.
 *
 * - What another model, or another account, sealed is left out; what it said is not.
 * - Each call is followed by exactly one result, right behind it, in the order of the calls. They belong together by their
 *   place: ids may repeat, in one reply too. All get ids and names that the wire takes.
 * - User and assistant take turns: neighbouring user messages are one, and none is empty.
 * - Text is whole Unicode without NUL; arguments are objects; nothing is nested deeper than servers read.
 */

/** What a wire, with all servers that speak it, is strict about. */
export interface Dialect {
  /** The name under which its adapter keeps data on parts. */
  readonly protocol: string
  /** The fields of that data that are nobody's secret: they hold at the same endpoint for every account. */
  readonly plain: ReadonlyArray<string>
  readonly callId: CallIdForm
  /** Some templates want a word of the assistant between the results of its calls and what a user says. */
  readonly repliesToResults: boolean
}

const said = (role: "user" | "assistant", text: string): PromptMessage => ({ role, parts: [{ type: "text", text }] })

const BEFORE = said("user", "[What was said before this is not shown.]")
const GO_ON = said("user", "Go on.")
const INTERRUPTED = said("assistant", "[I had not gone on yet when the next message came.]")
const SEPARATOR: TextPart = { type: "text", text: "\n\n" }

const isLocal = (part: ToolCallPart | ToolResultPart): boolean => part.provider_executed !== true

const cleanCall = (part: ToolCallPart): ToolCallPart => ({ ...part, args: storable(boundedNesting(replayArgs(part))) })

const cleanResult = (part: ToolResultPart): ToolResultPart => ({
  ...part,
  result: storable(boundedNesting(part.result)),
})

/** A search of a provider's own, which only that provider knows as one, is told in words. */
const searchInWords = (part: ToolResultPart): ReadonlyArray<Part> => {
  const text = searchText(part)
  return text === undefined ? [] : [{ type: "text", text: storable(text) }]
}

/** The part with the provider's data that may go to the one who is called, which is none for a stranger. */
const withUsableData = <P extends Part>(part: P, kin: Kinship, { plain, protocol }: Dialect): P => {
  if (!("provider_metadata" in part) || kin === "self") return part
  const { provider_metadata: _, ...bare } = part
  const data = kin === "endpoint" ? (metadataFor(part, protocol) ?? {}) : {}
  const open = Object.fromEntries(plain.flatMap((field) => (data[field] === undefined ? [] : [[field, data[field]]])))
  return (Object.keys(open).length === 0 ? bare : { ...bare, provider_metadata: metadataOf(protocol, open) }) as P
}

const hasData = (part: Part): boolean => "provider_metadata" in part && part.provider_metadata !== undefined

const assistantParts = (parts: ReadonlyArray<Part>, kin: Kinship, dialect: Dialect): ReadonlyArray<Part> => {
  const isKnown = (part: Part) => kin === "self" && metadataFor(part, dialect.protocol) !== undefined
  return parts.flatMap((given): ReadonlyArray<Part> => {
    const part = withUsableData(given, kin, dialect)
    switch (part.type) {
      case "text":
        return isBlank(part.text) ? [] : [{ ...part, text: storable(part.text) }]
      case "reasoning":
        if (kin === "stranger" || (hasData(given) && !hasData(part))) return []
        return isBlank(part.text) && !hasData(part) ? [] : [{ ...part, text: storable(part.text) }]
      case "tool-call":
        if (isLocal(part)) return [cleanCall(part)]
        return isKnown(part) ? [part] : []
      case "tool-result":
        if (isLocal(part)) return []
        return isKnown(part) ? [part] : searchInWords(part)
      default:
        return []
    }
  })
}

/** False of blank text. */
export const saysSomething = (part: Part): boolean => part.type !== "text" || !isBlank(part.text)

const userParts = (parts: ReadonlyArray<Part>): ReadonlyArray<Part> =>
  parts.some(saysSomething) ? parts.map((part) => storable(part)) : []

/** What a message is to the request. A request without reasoning takes all as strangers' work. */
const kinOf = (message: PromptMessage, { origin, reasoning }: GenerateRequest): Kinship =>
  reasoning === "omit" ? "stranger" : kinship(message.origin, origin)

/** Whether the endpoint that is called now has, for whichever account, given such a part in this conversation. */
export const hasGiven = (request: GenerateRequest, isSuch: (part: Part) => boolean): boolean =>
  request.messages.some(
    (message) => message.role === "assistant" && kinOf(message, request) !== "stranger" && message.parts.some(isSuch),
  )

/** Messages with what of them can be sent; those of which nothing is left are gone. Results are still as they were. */
const sendable = (request: GenerateRequest, dialect: Dialect): ReadonlyArray<PromptMessage> =>
  request.messages.flatMap((message, index) => {
    if (message.role === "tool") return [message]
    if (message.role === "user") {
      const parts = userParts(message.parts)
      return parts.length === 0 ? [] : [{ ...message, parts }]
    }
    const parts = assistantParts(message.parts, kinOf(message, request), dialect)
    // Reasoning alone is no message, but for a reply that goes on.
    const isOpen = request.goesOn === true && index === request.messages.length - 1
    return parts.some(({ type }) => type !== "reasoning" || isOpen) ? [{ ...message, parts }] : []
  })

const missingResult = (call: ToolCallPart): ToolResultPart => ({
  type: "tool-result",
  tool_call_id: call.tool_call_id,
  tool_name: call.tool_name,
  result: { error: "There is no record of a result of this call." },
  is_error: true,
})

const localResults = (message: PromptMessage | undefined): ReadonlyArray<ToolResultPart> =>
  (message?.parts ?? []).flatMap((part) => (part.type === "tool-result" && isLocal(part) ? [part] : []))

/** The messages, each assistant's with one message of the results of its calls behind it, under ids and names of the wire. */
const paired = (
  messages: ReadonlyArray<PromptMessage>,
  request: GenerateRequest,
  dialect: Dialect,
): ReadonlyArray<PromptMessage> => {
  const ids = new CallIds(dialect.callId)
  const names = new ToolNames(request.tools.map(({ name }) => name))
  const ordered: Array<PromptMessage> = []
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]
    // A result that stands elsewhere than behind its call answers nothing.
    if (message === undefined || message.role === "tool") continue
    const given: Array<ToolResultPart> = []
    for (; messages[at + 1]?.role === "tool"; at++) {
      given.push(...localResults(messages[at + 1]))
    }
    const native = kinOf(message, request) === "self"
    const results: Array<ToolResultPart> = []
    const parts = message.parts.map((part) => {
      if (part.type !== "tool-call" || !isLocal(part)) return part
      const identity = { tool_call_id: ids.next(part.tool_call_id, native), tool_name: names.of(part.tool_name) }
      const found = given.findIndex(({ tool_call_id }) => tool_call_id === part.tool_call_id)
      const [result = missingResult(part)] = found === -1 ? [] : given.splice(found, 1)
      results.push({ ...cleanResult(result), ...identity })
      return { ...part, ...identity }
    })
    ordered.push({ ...message, parts })
    if (results.length > 0) ordered.push({ role: "tool", parts: results })
  }
  return ordered
}

/** The messages so that user and assistant take turns, with a user at the beginning and somebody to answer at the end. */
const inTurns = (
  messages: ReadonlyArray<PromptMessage>,
  { goesOn }: GenerateRequest,
  dialect: Dialect,
): ReadonlyArray<PromptMessage> => {
  const turns: Array<PromptMessage> = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (message.role === "user" && last?.role === "user") {
      turns[turns.length - 1] = { ...last, parts: [...last.parts, SEPARATOR, ...message.parts] }
      continue
    }
    if (message.role === "user" && last?.role === "tool" && dialect.repliesToResults) turns.push(INTERRUPTED)
    if (message.role === "assistant" && last === undefined) turns.push(BEFORE)
    if (message.role === "assistant" && last?.role === "assistant") turns.push(GO_ON)
    turns.push(message)
  }
  const end = turns.at(-1)?.role
  if (end === undefined || (end === "assistant" && goesOn !== true)) turns.push(GO_ON)
  return turns
}

/** The conversation of the request, for the wire. */
export const normalHistory = (request: GenerateRequest, dialect: Dialect): ReadonlyArray<PromptMessage> =>
  inTurns(paired(sendable(request, dialect), request, dialect), request, dialect)

import type { Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from "./parts.ts"

/**
 * How deltas make parts: the one place for it, used by whoever sends, stores or shows a message that is being written. Text and
 * reasoning follow the text and reasoning right before them. Pieces of a call's arguments, or of a tool's result, follow what
 * there is of the call or result with the same id, until the whole takes their place.
 *
 * What is joined of some deltas is such a delta again, so it does not matter where they are cut. This file needs nothing when it
 * runs, so that the page, too, can use it.
 */

type CallDelta = ToolCallPart & { readonly args_delta: string }
type ResultDelta = ToolResultPart & { readonly result_delta: string }
type Delta = TextPart | ReasoningPart | CallDelta | ResultDelta

/** True for a piece that others may follow, false for a part that is whole. */
export const isDelta = (part: Part): part is Delta => {
  switch (part.type) {
    case "text":
    case "reasoning":
      return true
    case "tool-call":
      return part.args_delta !== undefined
    case "tool-result":
      return part.result_delta !== undefined
    default:
      return false
  }
}

/** What a delta adds. */
export const deltaText = (delta: Delta): string => {
  switch (delta.type) {
    case "text":
    case "reasoning":
      return delta.text
    case "tool-call":
      return delta.args_delta
    case "tool-result":
      return delta.result_delta
  }
}

/** A delta as two, which make it when they are joined. */
export const cutDelta = (delta: Delta, at: number): readonly [Delta, Delta] => {
  const text = deltaText(delta)
  const [head, tail] = [text.slice(0, at), text.slice(at)]
  switch (delta.type) {
    case "text":
      return [
        { ...delta, text: head },
        { ...delta, text: tail },
      ]
    case "reasoning": {
      const { completed_at: _, ...begun } = delta
      return [
        { ...begun, text: head },
        { ...delta, text: tail },
      ]
    }
    case "tool-call":
      return [
        { ...delta, args_delta: head },
        { ...delta, args_delta: tail },
      ]
    case "tool-result": {
      const { result_reset: _, ...more } = delta
      return [
        { ...delta, result_delta: head },
        { ...more, result_delta: tail },
      ]
    }
  }
}

/**
 * Two deltas, the second right behind the first, as one; undefined where they are of different blocks. What both say of their
 * block is taken from the first.
 */
export const joinDeltas = (a: Delta, b: Delta): Delta | undefined => {
  if (a.type === "text" && b.type === "text") return { ...b, ...a, text: a.text + b.text }
  if (a.type === "reasoning" && b.type === "reasoning") {
    return a.completed_at === undefined ? { ...b, ...a, text: a.text + b.text } : undefined
  }
  if (a.type === "tool-call" && b.type === "tool-call" && a.tool_call_id === b.tool_call_id) {
    return { ...b, ...a, args_delta: a.args_delta + b.args_delta }
  }
  if (a.type === "tool-result" && b.type === "tool-result" && a.tool_call_id === b.tool_call_id) {
    return b.result_reset === true ? b : { ...b, ...a, result_delta: a.result_delta + b.result_delta }
  }
  return undefined
}

/** One more part of a call or result of which there is something already. */
const continued = (held: Part, part: Part): Part => {
  if (!isDelta(part) || (part.type === "tool-result" && part.result_reset === true)) return part
  // A piece that comes after the whole is in it already.
  return isDelta(held) ? (joinDeltas(held, part) ?? held) : held
}

const add = (parts: Array<Part>, part: Part): void => {
  if (part.type === "tool-call" || part.type === "tool-result") {
    const at = parts.findLastIndex((held) => held.type === part.type && held.tool_call_id === part.tool_call_id)
    const held = parts[at]
    if (held === undefined) parts.push(part)
    else parts[at] = continued(held, part)
    return
  }
  const last = parts.at(-1)
  const joined = last !== undefined && isDelta(last) && isDelta(part) ? joinDeltas(last, part) : undefined
  if (joined === undefined) parts.push(part)
  else parts[parts.length - 1] = joined
}

/** The message being written, with one more streamed part. The parts that it does not touch stay the same objects. */
export const addPart = (parts: ReadonlyArray<Part>, part: Part): ReadonlyArray<Part> => {
  const more = [...parts]
  add(more, part)
  return more
}

/** Streamed parts, in their order, as those of one message. A call or result that was cut off is a delta still. */
export const addParts = (streamed: Iterable<Part>): Array<Part> => {
  const parts: Array<Part> = []
  for (const part of streamed) add(parts, part)
  return parts
}

import { type Body, first, objects } from "../scripted-provider/checks.ts"
import { badArguments, badName, badText, isEmpty, parsed, type Refuse, repeated } from "./texts.ts"

/** The Responses API of one organization: only what it has sealed itself can be read there. */

const badItem = (item: Body, seal: string): string | undefined => {
  switch (item["type"]) {
    case "reasoning":
      return item["encrypted_content"] === seal
        ? undefined
        : `The encrypted content for item ${String(item["id"])} could not be verified.`
    case "function_call":
      if (item["id"] !== undefined) return `Item '${String(item["id"])}' not found.`
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(item["call_id"]))) return "Invalid 'call_id'."
      return badName(item["name"], 64) ?? badArguments(parsed(item["arguments"]))
    case "function_call_output":
      return undefined
    default:
      return isEmpty(item["content"]) ? "input: content is required." : undefined
  }
}

const idsOf = (items: ReadonlyArray<Body>, type: string): ReadonlyArray<unknown> =>
  items.filter((item) => item["type"] === type).map((item) => item["call_id"])

const badPairs = (items: ReadonlyArray<Body>): string | undefined => {
  const calls = idsOf(items, "function_call")
  const outputs = idsOf(items, "function_call_output")
  if (repeated(calls) !== undefined || repeated(outputs) !== undefined) return "Duplicate call_id."
  const open = calls.find((id) => !outputs.includes(id))
  if (open !== undefined) return `No tool output found for function call ${String(open)}.`
  const lone = items.find((item, at) => {
    const follows = objects(items.slice(0, at)).some(
      (call) => call["type"] === "function_call" && call["call_id"] === item["call_id"],
    )
    return item["type"] === "function_call_output" && !follows
  })
  if (lone !== undefined) return `No tool call found for function call output with call_id ${String(lone["call_id"])}.`
  const dangling = items.some((item, at) => {
    const next = items[at + 1]
    return (
      item["type"] === "reasoning" &&
      (next === undefined || next["role"] === "user" || next["type"] === "function_call_output")
    )
  })
  return dangling ? "Item of type 'reasoning' was provided without its required following item." : undefined
}

export const responsesOf =
  (seal: string): Refuse =>
  (body) => {
    const items = objects(body["input"])
    if (items.length === 0) return "Missing required parameter: 'input'."
    return badText(body) ?? first(items, (item) => badItem(item, seal)) ?? badPairs(items)
  }

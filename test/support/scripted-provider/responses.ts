import { badTool, type Body, first, isJson, isObject, list, objects, unknownField } from "./checks.ts"
import type { Issued, StoredResponse } from "./script.ts"

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

/** The words of the real provider, which its error's code comes with. */
const PREVIOUS_RESPONSE = /^Previous response with id .* not found\.$/

/** `code` and `param` of the error with these words. */
export const responsesErrorFields = (message: string): Body =>
  PREVIOUS_RESPONSE.test(message)
    ? { code: "previous_response_not_found", param: "previous_response_id" }
    : { code: null, param: null }

interface Known {
  readonly issued: Issued
  readonly previous: StoredResponse | undefined
}

const badCallId = (item: Body, where: string): string | undefined => {
  const id = item["call_id"]
  if (typeof id !== "string" || !/^[a-zA-Z0-9_-]+$/.test(id))
    return `Invalid '${where}.call_id': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`
  return id.length <= 64
    ? undefined
    : `Invalid '${where}.call_id': string too long. Expected a string with maximum length 64.`
}

const badOutput = (item: Body, before: ReadonlyArray<Body>, { previous }: Known): string | undefined => {
  const calls = before.filter((other) => kindOf(other) === "function_call").map((other) => other["call_id"])
  return [...calls, ...(previous?.openCalls ?? [])].includes(item["call_id"])
    ? undefined
    : `No tool call found for function call output with call_id ${String(item["call_id"])}.`
}

const badReasoning = (item: Body, next: unknown, { issued }: Known): string | undefined => {
  const id = String(item["id"])
  if (item["encrypted_content"] === undefined)
    return `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false.`
  if (issued.reasoning.get(id) !== item["encrypted_content"])
    return `The encrypted content for item ${id} could not be verified.`
  const follows =
    isObject(next) &&
    (kindOf(next) !== "message" || next["role"] === "assistant") &&
    kindOf(next) !== "function_call_output"
  return follows ? undefined : `Item '${id}' of type 'reasoning' was provided without its required following item.`
}

const badSearch = (item: Body, before: ReadonlyArray<Body>, { issued }: Known): string | undefined => {
  const id = String(item["id"])
  if (!issued.searches.has(id)) return `Item '${id}' not found.`
  const reasoning = issued.searches.get(id)
  return reasoning === undefined || before.some((other) => other["id"] === reasoning)
    ? undefined
    : `Item '${id}' of type 'web_search_call' was provided without its required 'reasoning' item: '${reasoning}'.`
}

const badItem = (item: unknown, index: number, items: ReadonlyArray<unknown>, known: Known): string | undefined => {
  const where = `input[${index}]`
  if (!isObject(item)) return `${where} is not an object.`
  const kind = kindOf(item)
  const allowed = ITEM_FIELDS[kind]
  if (!allowed) return `Invalid value: '${kind}'. ${where}.type`
  const unknown = unknownField(item, allowed, `${where}.`)
  if (unknown !== undefined) return unknown
  const before = objects(items.slice(0, index))
  const isTwice = (other: unknown) => other !== undefined && other === item["id"]
  if (before.some((other) => isTwice(other["id"])) || known.previous?.itemIds.some(isTwice) === true)
    return `Duplicate item found with id ${String(item["id"])}. Remove duplicate items from your input and try again.`
  switch (kind) {
    case "message": {
      const content = item["content"]
      const types = objects(content).map((part) => part["type"])
      if (item["role"] === "user" && !types.every((type) => USER_CONTENT.includes(String(type))))
        return `${where}: invalid content.`
      return typeof content === "string" || types.length > 0 ? undefined : `${where}: content is required.`
    }
    case "function_call":
      if (item["id"] !== undefined)
        return `Item '${String(item["id"])}' not found. Items are not persisted when store is false.`
      return badCallId(item, where) ?? (isJson(item["arguments"]) ? undefined : `${where}: arguments are not JSON.`)
    case "function_call_output":
      return badCallId(item, where) ?? badOutput(item, before, known)
    case "reasoning":
      return badReasoning(item, items[index + 1], known)
    default:
      return badSearch(item, before, known)
  }
}

/** Calls that these items, or the stored response before them, leave without an output. */
export const openCallsOf = (items: ReadonlyArray<Body>, previous: StoredResponse | undefined) => {
  const idsOf = (kind: string) => items.filter((item) => kindOf(item) === kind).map((item) => item["call_id"])
  const answered = idsOf("function_call_output")
  return [...(previous?.openCalls ?? []), ...idsOf("function_call")].filter((id) => !answered.includes(id))
}

export const refuseResponses = (body: Body, issued: Issued): string | undefined => {
  const input = list(body["input"])
  const tools = objects(body["tools"])
  const previousId = body["previous_response_id"]
  if (typeof body["model"] !== "string") return "Missing required parameter: 'model'."
  if (input.length === 0) return "Missing required parameter: 'input'."
  if (body["stream"] !== true) return "The scripted provider only streams."
  if (tools.length === 0 && ("tools" in body || "tool_choice" in body)) return "'tool_choice' needs 'tools'."
  const previous = issued.responses.get(String(previousId))
  if (previousId !== undefined && previous === undefined)
    return `Previous response with id '${String(previousId)}' not found.`
  const [open] = openCallsOf(objects(input), previous)
  return (
    unknownField(body, FIELDS, "") ??
    first(input, (item, index) => badItem(item, index, input, { issued, previous })) ??
    (open === undefined ? undefined : `No tool output found for function call ${String(open)}.`) ??
    first(tools, (tool) => (tool["type"] === "function" ? badTool(tool["name"], tool["parameters"]) : undefined))
  )
}

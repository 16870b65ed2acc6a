import { badTool, type Body, duplicate, first, isJson, isObject, list, objects, unknownField } from "./checks.ts"
import { argsText, type Finish, pieces, type ScriptedCall, type ScriptedUsage, type Writer } from "./script.ts"

/** Chat Completions, as strict as OpenAI about what it takes. */

const FIELDS = [
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
  "user",
  "store",
  "metadata",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "verbosity",
  "prediction",
  "prompt_cache_key",
  "safety_identifier",
  "service_tier",
  "stop",
  "seed",
  "n",
  "response_format",
]
const MESSAGE_FIELDS = [
  "role",
  "content",
  "name",
  "tool_calls",
  "tool_call_id",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
]

const badMessage = (message: unknown, index: number): string | undefined => {
  if (!isObject(message)) return `messages[${index}] is not an object.`
  const calls = objects(message["tool_calls"])
  const content = message["content"]
  const empty = content === null || content === undefined
  switch (message["role"]) {
    case "system":
    case "developer":
    case "user":
      if (typeof content !== "string" && list(content).length === 0) return `messages[${index}]: content is required.`
      break
    case "assistant":
      if (empty && calls.length === 0) return `messages[${index}]: content or tool_calls is required.`
      if ("tool_calls" in message && calls.length === 0) return `messages[${index}]: tool_calls must not be empty.`
      break
    case "tool":
      if (typeof content !== "string" && list(content).length === 0) return `messages[${index}]: content is required.`
      break
    default:
      return `messages[${index}]: invalid role.`
  }
  const badCall = first(calls, (call) => {
    const fn = call["function"]
    if (call["type"] !== "function" || typeof call["id"] !== "string" || !isObject(fn))
      return `messages[${index}]: invalid tool call.`
    return isJson(fn["arguments"]) ? undefined : `messages[${index}]: tool call arguments are not JSON.`
  })
  return unknownField(message, MESSAGE_FIELDS, `messages[${index}].`) ?? badCall
}

/** Every call is answered by the tool messages right after it, and nothing else is. */
const badPairing = (messages: ReadonlyArray<Body>): string | undefined => {
  let open = new Set<unknown>()
  for (const message of messages) {
    if (message["role"] === "tool") {
      if (!open.delete(message["tool_call_id"])) {
        return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
      }
      continue
    }
    if (open.size > 0) break
    open = new Set(objects(message["tool_calls"]).map((call) => call["id"]))
  }
  return open.size === 0
    ? undefined
    : `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${[...open].join(", ")}`
}

export const refuseChat = (body: Body, extraFields: ReadonlyArray<string>): string | undefined => {
  const messages = list(body["messages"])
  const tools = objects(body["tools"])
  if (typeof body["model"] !== "string") return "you must provide a model parameter"
  if (messages.length === 0) return "messages must not be empty."
  if (body["stream"] !== true) return "The scripted provider only streams."
  if ("tools" in body && tools.length === 0) return "[] is too short - 'tools'"
  if (tools.length === 0 && ("tool_choice" in body || "parallel_tool_calls" in body)) {
    return "'tool_choice' and 'parallel_tool_calls' are only allowed when 'tools' are specified."
  }
  const names = tools.map((tool) => (isObject(tool["function"]) ? tool["function"]["name"] : undefined))
  if (duplicate(names) !== undefined) return `Duplicate tool ${String(duplicate(names))}.`
  return (
    unknownField(body, [...FIELDS, ...extraFields], "") ??
    first(messages, badMessage) ??
    badPairing(objects(messages)) ??
    first(tools, (tool) => {
      const fn = isObject(tool["function"]) ? tool["function"] : {}
      return badTool(fn["name"], fn["parameters"])
    })
  )
}

const FINISH: Readonly<Record<Finish, string>> = {
  stop: "stop",
  "tool-calls": "tool_calls",
  length: "length",
  "content-filter": "content_filter",
  pause: "stop",
}

export class ChatWriter implements Writer {
  readonly #base: Body
  readonly #withUsage: boolean
  readonly #number: number
  #calls = 0

  constructor(number: number, body: Body) {
    this.#number = number
    this.#base = {
      id: `chatcmpl-${number}`,
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model: body["model"],
    }
    this.#withUsage = isObject(body["stream_options"]) && body["stream_options"]["include_usage"] === true
  }

  event(data: Body): string {
    return `data: ${JSON.stringify(data)}\n\n`
  }

  #chunk(delta: Body, finish: string | null = null): string {
    return this.event({ ...this.#base, choices: [{ index: 0, delta, finish_reason: finish }] })
  }

  open(): string {
    return this.#chunk({ role: "assistant", content: "" })
  }

  text(delta: string): string {
    return this.#chunk({ content: delta })
  }

  reasoning(delta: string): string {
    return this.#chunk({ reasoning_content: delta })
  }

  redacted(): string {
    return ""
  }

  search(): string {
    return ""
  }

  found(): string {
    return ""
  }

  calls(calls: ReadonlyArray<ScriptedCall>): ReadonlyArray<string> {
    const base = this.#calls
    this.#calls += calls.length
    const starts = calls.map((call, at) => {
      const id = call.id ?? `call_${this.#number}_${base + at}`
      return this.#chunk({
        tool_calls: [{ index: base + at, id, type: "function", function: { name: call.tool, arguments: "" } }],
      })
    })
    const parts = calls.map((call) => pieces(argsText(call)))
    const longest = Math.max(...parts.map((own) => own.length))
    const deltas = Array.from({ length: longest }, (_, step) =>
      parts.flatMap((own, at) => {
        const piece = own[step]
        return piece === undefined
          ? []
          : [this.#chunk({ tool_calls: [{ index: base + at, function: { arguments: piece } }] })]
      }),
    )
    return [...starts, ...deltas.flat()]
  }

  close(finish: Finish, usage: ScriptedUsage | null): string {
    const end = this.#chunk({}, FINISH[finish])
    if (usage === null || !this.#withUsage) return `${end}data: [DONE]\n\n`
    const counted = this.event({
      ...this.#base,
      choices: [],
      usage: {
        prompt_tokens: usage.input,
        completion_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
        completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
      },
    })
    return `${end}${counted}data: [DONE]\n\n`
  }
}

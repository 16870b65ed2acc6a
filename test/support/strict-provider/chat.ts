import { type Body, first, isObject, objects } from "../scripted-provider/checks.ts"
import { badArguments, badName, badText, isEmpty, parsed, type Refuse, repeated } from "./texts.ts"

/** Servers of Chat Completions, each with what it refuses in a history. What they refuse alike is asked of all. */

interface ChatRules {
  readonly callId: RegExp
  /** Fields of an assistant's message beside role, content and tool_calls. */
  readonly assistantFields: ReadonlyArray<string>
  /** The template knows turns of user and assistant only; calls and their results belong to the assistant's. */
  readonly alternates?: boolean
  readonly userAfterTool?: boolean
  /** Every message with calls carries `reasoning_content`; `filled`: and an empty one counts as none. */
  readonly reasoning?: "wanted" | "filled"
  /** The only signature that the server takes for its own, on blocks of reasoning and on calls. */
  readonly seal?: string
}

const OPENAI_ID = /^.{1,40}$/

const idsOf = (message: Body): ReadonlyArray<unknown> => objects(message["tool_calls"]).map(({ id }) => id)

const sealsOf = (message: Body): ReadonlyArray<unknown> => [
  ...objects(message["reasoning_details"]).flatMap(({ signature }) => signature ?? []),
  ...objects(message["tool_calls"]).flatMap((call) => {
    const google = isObject(call["extra_content"]) ? call["extra_content"]["google"] : undefined
    return isObject(google) ? [google["thought_signature"]] : []
  }),
]

const badCall = (call: Body, rules: ChatRules): string | undefined => {
  const fn = isObject(call["function"]) ? call["function"] : {}
  if (!rules.callId.test(String(call["id"])))
    return `Tool call id was ${String(call["id"])} but must match ${rules.callId}.`
  return badName(fn["name"], 64) ?? badArguments(parsed(fn["arguments"]))
}

const badAssistant = (message: Body, rules: ChatRules): string | undefined => {
  const calls = objects(message["tool_calls"])
  const allowed = ["role", "content", "tool_calls", ...rules.assistantFields]
  const unknown = Object.keys(message).find((field) => !allowed.includes(field))
  if (unknown !== undefined) return `for 'role:assistant' property '${unknown}' is unsupported`
  if (message["content"] === null ? calls.length === 0 : isEmpty(message["content"])) {
    return "Assistant message must have either content or tool_calls, but not none."
  }
  if (sealsOf(message).some((seal) => seal !== rules.seal)) return "Corrupted thought signature."
  const reasoning = message["reasoning_content"]
  const isMissing = typeof reasoning !== "string" || (rules.reasoning === "filled" && reasoning === "")
  if (rules.reasoning !== undefined && calls.length > 0 && isMissing) {
    return rules.reasoning === "filled"
      ? "thinking is enabled but reasoning_content is missing in assistant tool call message"
      : "The `reasoning_content` in the thinking mode must be passed back to the API."
  }
  return first(calls, (call) => badCall(call, rules))
}

/** Each call is answered once, right behind its message. */
const badPairs = (messages: ReadonlyArray<Body>): string | undefined => {
  if (repeated(messages.flatMap(idsOf)) !== undefined) return "Tool call ids must be unique."
  let open: Array<unknown> = []
  for (const message of [...messages, {}]) {
    if (message["role"] === "tool") {
      const at = open.indexOf(message["tool_call_id"])
      if (at === -1) return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
      open.splice(at, 1)
    } else if (open.length > 0) return `An assistant message with 'tool_calls' must be followed by tool messages.`
    else open = [...idsOf(message)]
  }
  return undefined
}

const badOrder = (messages: ReadonlyArray<Body>, rules: ChatRules): string | undefined => {
  const roles = messages.map(({ role }) => role)
  if (roles.lastIndexOf("system") > 0) return "System message must be at the beginning."
  const talk = roles.filter((role) => role !== "system")
  if (talk[0] !== "user") return "Conversation must start with a user message."
  if (talk.at(-1) === "assistant") return "Expected last role User or Tool for serving but got assistant."
  if (rules.userAfterTool === false && talk.some((role, at) => role === "user" && talk[at - 1] === "tool")) {
    return "Unexpected role 'user' after role 'tool'."
  }
  const turns = messages.filter(
    (message) => message["role"] === "user" || (message["role"] === "assistant" && idsOf(message).length === 0),
  )
  return rules.alternates === true && turns.some(({ role }, at) => role === turns[at - 1]?.["role"])
    ? "Conversation roles must alternate user/assistant/user/assistant/..."
    : undefined
}

const refuses =
  (rules: ChatRules): Refuse =>
  (body) => {
    const messages = objects(body["messages"])
    return (
      badText(body) ??
      first(messages, (message) => {
        if (message["role"] === "assistant") return badAssistant(message, rules)
        return isEmpty(message["content"]) ? "messages: content must not be empty." : undefined
      }) ??
      badPairs(messages) ??
      badOrder(messages, rules)
    )
  }

/** What each server refuses in a request, as its words; undefined when it takes the request. */
export const CHAT_SERVERS = {
  openai: refuses({ callId: OPENAI_ID, assistantFields: [] }),
  mistral: refuses({ callId: /^[a-zA-Z0-9]{9}$/, assistantFields: [], userAfterTool: false }),
  gemma: refuses({ callId: OPENAI_ID, assistantFields: [], alternates: true, userAfterTool: false }),
  gemini: refuses({ callId: OPENAI_ID, assistantFields: [], seal: "SIG-GEMINI" }),
  deepseek: refuses({ callId: OPENAI_ID, assistantFields: ["reasoning_content"], reasoning: "wanted" }),
  kimi: refuses({ callId: /^.+$/, assistantFields: ["reasoning_content"], reasoning: "filled" }),
  groq: refuses({ callId: OPENAI_ID, assistantFields: ["reasoning"] }),
  openrouter: refuses({ callId: OPENAI_ID, assistantFields: ["reasoning", "reasoning_details"], seal: "SIG-ROUTER" }),
} satisfies Readonly<Record<string, Refuse>>

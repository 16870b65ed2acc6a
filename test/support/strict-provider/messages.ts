import { type Body, first, objects } from "../scripted-provider/checks.ts"
import { badArguments, badName, badText, isEmpty, type Refuse, repeated } from "./texts.ts"

/** Servers of Anthropic's Messages API: its own, which signs thinking, and those that copy it and sign none. */

interface Thinking {
  /** The only signature taken; undefined where thinking comes and goes without. */
  readonly seal: string | undefined
  /** Every message with calls must think. */
  readonly wanted?: boolean
}

const badBlock = (block: Body, { seal }: Thinking): string | undefined => {
  switch (block["type"]) {
    case "text":
      return isEmpty(block["text"]) ? "text content blocks must contain non-whitespace text" : undefined
    case "thinking":
      return block["signature"] === seal ? undefined : "Invalid `signature` in `thinking` block"
    case "tool_use":
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(block["id"])))
        return "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
      return badName(block["name"], 128) ?? badArguments(block["input"])
    default:
      return undefined
  }
}

const idsOf = (message: Body | undefined, type: string, field: string): ReadonlyArray<unknown> =>
  objects(message?.["content"])
    .filter((block) => block["type"] === type)
    .map((block) => block[field])

const badMessage = (
  message: Body,
  at: number,
  messages: ReadonlyArray<Body>,
  thinking: Thinking,
): string | undefined => {
  const blocks = objects(message["content"])
  if (blocks.length === 0) return `messages.${at}: all messages must have non-empty content`
  if (message["role"] !== (at % 2 === 0 ? "user" : "assistant")) return "roles must alternate"
  const calls = idsOf(messages[at - 1], "tool_use", "id")
  const results = idsOf(message, "tool_result", "tool_use_id")
  if ([...calls].toSorted().join() !== [...results].toSorted().join()) {
    return "tool_use ids were found without tool_result blocks immediately after"
  }
  if (blocks.slice(0, results.length).some(({ type }) => type !== "tool_result"))
    return "tool_result blocks must come first"
  if (blocks.at(-1)?.["type"] === "thinking") return "The final block in an assistant message cannot be `thinking`."
  const hasCalls = blocks.some(({ type }) => type === "tool_use")
  if (thinking.wanted === true && hasCalls && !blocks.some(({ type }) => type === "thinking")) {
    return "The `content[].thinking` in the thinking mode must be passed back to the API."
  }
  return first(blocks, (block) => badBlock(block, thinking))
}

export const messagesOf =
  (thinking: Thinking): Refuse =>
  (body) => {
    const messages = objects(body["messages"])
    if (messages.at(-1)?.["role"] !== "user") return "The conversation must end with a user message."
    if (repeated(messages.flatMap((message) => idsOf(message, "tool_use", "id"))) !== undefined) {
      return "`tool_use` ids must be unique"
    }
    return badText(body) ?? first(messages, (message, at) => badMessage(message, at, messages, thinking))
  }

import type { ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions"
import { isRecord } from "../json.ts"

/**
 * Fields of a Chat Completions request that are our own choice, and that not all servers take. One that a server refuses is left
 * out, or named as it is elsewhere, in one more request, and from then on. What an administrator has set is not left out: there
 * the refusal is told.
 */

const FIELDS = ["stream_options", "tool_choice", "max_tokens", "max_completion_tokens"] as const
type Field = (typeof FIELDS)[number]

/** The limit of the output, whose name has changed. */
const OTHER_NAME: Readonly<Partial<Record<string, Field>>> = {
  max_tokens: "max_completion_tokens",
  max_completion_tokens: "max_tokens",
}

const REFUSED =
  "(?:unsupported|not support|unknown|unrecognized|unexpected|not permitted|not allowed|extra (?:inputs|fields)|extra_forbidden|additional propert)"

/** Whatever is said of `stream_options` in a refusal, it is not needed; of the others only that they are not known. */
const PATTERNS: Readonly<Record<Field, RegExp>> = {
  stream_options: /stream_options|include_usage/,
  tool_choice: new RegExp(`${REFUSED}[^.]{0,80}\\btool_choice\\b|\\btool_choice\\b[^.]{0,80}${REFUSED}`),
  max_tokens: new RegExp(`${REFUSED}[^.]{0,80}\\bmax_tokens\\b|\\bmax_tokens\\b[^.]{0,80}${REFUSED}`),
  max_completion_tokens: new RegExp(
    `${REFUSED}[^.]{0,80}\\bmax_completion_tokens\\b|\\bmax_completion_tokens\\b[^.]{0,80}${REFUSED}`,
  ),
}

const refusedIn = (body: object, cause: unknown): Field | undefined => {
  if (!isRecord(cause) || (cause["status"] !== 400 && cause["status"] !== 422)) return undefined
  const words = `${String(cause["message"])} ${JSON.stringify(cause["error"])}`.toLowerCase()
  return FIELDS.find((field) => field in body && PATTERNS[field].test(words))
}

const adapted = (
  body: ChatCompletionCreateParamsStreaming,
  refused: ReadonlySet<string>,
): ChatCompletionCreateParamsStreaming => {
  const { max_tokens, max_completion_tokens, stream_options, tool_choice, ...rest } = body
  const given = { max_tokens, max_completion_tokens, stream_options, tool_choice }
  const fields = Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined || value === null) return []
    const sent = refused.has(name) ? OTHER_NAME[name] : name
    return sent === undefined || refused.has(sent) ? [] : [[sent, value] as const]
  })
  return { ...rest, ...Object.fromEntries(fields) }
}

/** What servers have refused so far, by who was called. */
const known = new Map<string, ReadonlySet<Field>>()

/** Sends the body without what `called`, a base URL and a model, refuses. Rejects with any other refusal as it is. */
export const withoutRefusedFields = async (
  called: string,
  body: ChatCompletionCreateParamsStreaming,
  send: (body: ChatCompletionCreateParamsStreaming) => Promise<Response>,
): Promise<Response> => {
  const refused = known.get(called) ?? new Set()
  const sent = adapted(body, refused)
  try {
    return await send(sent)
  } catch (cause) {
    const field = refusedIn(sent, cause)
    if (field === undefined) throw cause
    known.set(called, new Set([...refused, field]))
    return withoutRefusedFields(called, body, send)
  }
}

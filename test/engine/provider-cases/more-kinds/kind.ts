import type { RawAnswer, RawRequest, RawStep } from "../../../support/raw-provider.ts"

/** An input as the field has it, and what is right. The turn is "go", to a provider of the given type. */
export interface Kind {
  readonly name: string
  readonly type: "openai-compat" | "openai" | "anthropic"
  /** One for each request that is right; a further one is refused. */
  readonly answers: ReadonlyArray<RawStep>
  readonly ends?: "waiting" | "error"
  /** Text of the last assistant message. */
  readonly text?: string
  /** Calls of all assistant messages: name and arguments, or the text of arguments that are none. */
  readonly calls?: ReadonlyArray<readonly [name: string, args: unknown]>
  /** Parts of the last assistant message on the wire. */
  readonly message?: object
  readonly error?: { readonly kind?: string; readonly says?: RegExp }
  /** More about the requests, the first to the last. */
  readonly sent?: (requests: ReadonlyArray<RawRequest>) => void
}

/** An answer as it is: status 200 and event-stream unless something else is said. */
export const raw = (body: RawAnswer["body"], more: Omit<RawAnswer, "body"> = {}): RawAnswer => ({
  headers: { "content-type": "text/event-stream" },
  body,
  ...more,
})

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): RawAnswer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
})

/** Chat Completions chunks, without an end. */
export const chunk = (delta: unknown, finish_reason: unknown = null): unknown => ({
  id: "c",
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason }],
})

export const callDelta = (call: object): unknown => chunk({ tool_calls: [call] })

export const events = (...values: ReadonlyArray<unknown>): string =>
  values.map((value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`).join("")

/** Events that carry their type as name, too: Responses and Messages. */
export const typed = (...values: ReadonlyArray<Readonly<Record<string, unknown>>>): string =>
  values.map((value) => `event: ${String(value["type"])}\ndata: ${JSON.stringify(value)}\n\n`).join("")

export const messageStart = {
  type: "message_start",
  message: { id: "m", type: "message", role: "assistant", content: [], usage: { input_tokens: 5, output_tokens: 1 } },
}

/** The events of one content block. */
export const block = (
  index: number,
  content_block: Readonly<Record<string, unknown>>,
  ...deltas: ReadonlyArray<object>
): ReadonlyArray<Readonly<Record<string, unknown>>> => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index },
]

export const messageEnd = (stop_reason: string): ReadonlyArray<Readonly<Record<string, unknown>>> => [
  { type: "message_delta", delta: { stop_reason }, usage: { output_tokens: 7 } },
  { type: "message_stop" },
]

export const messagesText = (text: string): RawAnswer =>
  raw(
    typed(
      messageStart,
      ...block(0, { type: "text", text: "" }, { type: "text_delta", text }),
      ...messageEnd("end_turn"),
    ),
  )

export const responsesMessage = (text: string) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }],
})

export const responsesText = (text: string): RawAnswer =>
  raw(
    typed(
      { type: "response.output_item.added", output_index: 0, item: { ...responsesMessage(""), content: [] } },
      { type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: text },
      { type: "response.output_item.done", output_index: 0, item: responsesMessage(text) },
      { type: "response.completed", response: { id: "r", status: "completed", output: [responsesMessage(text)] } },
    ),
  )

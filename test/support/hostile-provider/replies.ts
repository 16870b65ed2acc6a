/** One good answer of a model as events of each protocol, to be spoilt by the scripts. */

export type Protocol = "chat" | "responses" | "messages"

export interface ReplyContent {
  readonly reasoning: string
  readonly texts: ReadonlyArray<string>
  readonly calls: ReadonlyArray<{ readonly id: string; readonly name: string; readonly args: unknown }>
}

/** `data` is the value of an event, a text as it is where it is a text. */
export interface ReplyEvent {
  readonly event?: string
  readonly data: unknown
}

/** Writes JSON; the arguments of a call are JSON inside a text. */
export type WriteJson = (value: unknown) => string

const chatReply = ({ calls, reasoning, texts }: ReplyContent, write: WriteJson): ReadonlyArray<ReplyEvent> => {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    data: { id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] },
  })
  return [
    chunk({ role: "assistant", content: "" }),
    ...(reasoning === "" ? [] : [chunk({ reasoning_content: reasoning })]),
    ...texts.map((content) => chunk({ content })),
    ...calls.map(({ args, id, name }, index) =>
      chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: write(args) } }] }),
    ),
    chunk({}, calls.length > 0 ? "tool_calls" : "stop"),
    { data: { id: "c", choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } } },
    { data: "[DONE]" },
  ]
}

const responsesReply = ({ calls, reasoning, texts }: ReplyContent, write: WriteJson): ReadonlyArray<ReplyEvent> => {
  const text = texts.join("")
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  }
  const thought = { id: "rs_1", type: "reasoning", summary: [{ type: "summary_text", text: reasoning }] }
  const items = [
    ...(reasoning === "" ? [] : [thought]),
    ...(text === "" ? [] : [message]),
    ...calls.map(({ args, id, name }, index) => ({
      id: `fc_${index}`,
      type: "function_call",
      status: "completed",
      call_id: id,
      name,
      arguments: write(args),
    })),
  ]
  const events = [
    { type: "response.created", response: { id: "resp_1", status: "in_progress", output: [] } },
    ...items.flatMap((item, output_index) => [
      { type: "response.output_item.added", output_index, item },
      ...(item === message
        ? texts.map((delta) => ({
            type: "response.output_text.delta",
            item_id: "msg_1",
            output_index,
            content_index: 0,
            delta,
          }))
        : []),
      { type: "response.output_item.done", output_index, item },
    ]),
    {
      type: "response.completed",
      response: {
        id: "resp_1",
        status: "completed",
        output: items,
        usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
      },
    },
  ]
  return events.map((data, sequence_number) => ({ event: data.type, data: { sequence_number, ...data } }))
}

const messagesReply = ({ calls, reasoning, texts }: ReplyContent, write: WriteJson): ReadonlyArray<ReplyEvent> => {
  const blocks = [
    ...(reasoning === ""
      ? []
      : [[{ type: "thinking", thinking: "" }, [{ type: "thinking_delta", thinking: reasoning }]] as const]),
    ...(texts.length === 0
      ? []
      : [[{ type: "text", text: "" }, texts.map((text) => ({ type: "text_delta", text }))] as const]),
    ...calls.map(
      ({ args, id, name }) =>
        [{ type: "tool_use", id, name, input: {} }, [{ type: "input_json_delta", partial_json: write(args) }]] as const,
    ),
  ]
  const events = [
    {
      type: "message_start",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        content: [],
        usage: { input_tokens: 5, output_tokens: 1 },
      },
    },
    ...blocks.flatMap(([content_block, deltas], index) => [
      { type: "content_block_start", index, content_block },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    {
      type: "message_delta",
      delta: { stop_reason: calls.length > 0 ? "tool_use" : "end_turn" },
      usage: { output_tokens: 7 },
    },
    { type: "message_stop" },
  ]
  return events.map((data) => ({ event: data.type, data }))
}

export const replyEvents = (
  protocol: Protocol,
  content: ReplyContent,
  write: WriteJson = JSON.stringify,
): ReadonlyArray<ReplyEvent> => {
  const writer = { chat: chatReply, responses: responsesReply, messages: messagesReply }[protocol]
  return writer(content, write)
}

export const writeEvent = ({ data, event }: ReplyEvent, lineEnd = "\n", write: WriteJson = JSON.stringify): string => {
  const text = typeof data === "string" ? data : write(data)
  return `${event === undefined ? "" : `event: ${event}${lineEnd}`}data: ${text}${lineEnd}${lineEnd}`
}

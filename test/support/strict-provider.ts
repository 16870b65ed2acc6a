import type { RawAnswer, RawStep } from "./raw-provider.ts"
import type { Refuse } from "./strict-provider/texts.ts"

/** A raw provider that first looks whether a real server would take the request, and answers 400 in its words if not. */

export const refused = (message: string, status = 400): RawAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error: { message, type: "invalid_request_error" } }),
})

/** The answer of a server that refuses what it must. */
export const strictly =
  (refuse: Refuse, step: RawStep): RawStep =>
  (request) => {
    const words = refuse(request.body)
    if (words !== undefined) return refused(words)
    return typeof step === "function" ? step(request) : step
  }

/** A good Messages answer of one text. */
export const messagesText = (text: string): RawAnswer => {
  const events = [
    { type: "message_start", message: { id: "msg", usage: { input_tokens: 1, output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
    { type: "message_stop" },
  ]
  return {
    headers: { "content-type": "text/event-stream" },
    body: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
  }
}

/** A good Responses answer of one text. */
export const responsesText = (text: string): RawAnswer => {
  const events = [
    { type: "response.created", response: { id: "resp", status: "in_progress", output: [] } },
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { id: "m", type: "message", role: "assistant", content: [] },
    },
    { type: "response.output_text.delta", output_index: 0, item_id: "m", content_index: 0, delta: text },
    {
      type: "response.output_item.done",
      output_index: 0,
      item: { id: "m", type: "message", role: "assistant", content: [] },
    },
    {
      type: "response.completed",
      response: {
        id: "resp",
        status: "completed",
        output: [],
        usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
      },
    },
  ]
  return {
    headers: { "content-type": "text/event-stream" },
    body: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
  }
}

import { chatText } from "../../../support/raw-provider.ts"
import {
  block,
  callDelta,
  chunk,
  events,
  json,
  type Kind,
  messageEnd,
  messagesText,
  messageStart,
  raw,
  responsesMessage,
  responsesText,
  typed,
} from "./kind.ts"

const half = { type: "text", text: "" }
const delta = { type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: "Half" }

/** Ends of streams: said, told as a failure, or missing. */
export const ends: ReadonlyArray<Kind> = [
  {
    name: "a connection that breaks behind the finish reason is a whole answer",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "Done." }), chunk({}, "stop")), { end: "reset" })],
    text: "Done.",
  },
  {
    name: "a body that ends without any word of an end is a cut",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "Half a sen" }))), chatText("A sentence.")],
    text: "A sentence.",
  },
  {
    name: "a finish reason in capitals (Gemini's STOP) is an end",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "Done." }), chunk({}, "STOP")))],
    text: "Done.",
  },
  {
    name: "the finish reason in the chunk of the last words is an end",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "Do" }), chunk({ content: "ne." }, "stop")))],
    text: "Done.",
  },
  {
    name: "MAX_TOKENS marks the message as cut",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "As long as" }), chunk({}, "MAX_TOKENS"), "[DONE]"))],
    text: "As long as",
    message: { finish_reason: "length" },
  },
  {
    name: "an upstream failure told as finish reason ERROR is tried again",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "Half" }), chunk({}, "ERROR"), "[DONE]")), chatText("Whole.")],
    text: "Whole.",
  },
  {
    name: "an error event in the middle is tried again, though [DONE] follows",
    type: "openai-compat",
    answers: [
      raw(events(chunk({ content: "Half" }), { error: { message: "Upstream timed out", code: 504 } }, "[DONE]")),
      chatText("Whole."),
    ],
    text: "Whole.",
  },
  {
    name: "an incomplete response at the output limit is kept and marked",
    type: "openai",
    answers: [
      raw(
        typed(delta, {
          type: "response.incomplete",
          response: {
            id: "r",
            status: "incomplete",
            incomplete_details: { reason: "max_output_tokens" },
            output: [{ ...responsesMessage("Half"), status: "incomplete" }],
          },
        }),
      ),
    ],
    text: "Half",
    message: { finish_reason: "length" },
  },
  {
    name: "a response that failed at the server is tried again",
    type: "openai",
    answers: [
      raw(
        typed(delta, {
          type: "response.failed",
          response: { id: "r", status: "failed", error: { code: "server_error", message: "Oh." }, output: [] },
        }),
      ),
      responsesText("Whole."),
    ],
    text: "Whole.",
  },
  {
    name: "an overloaded provider that says so in the middle is tried again",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          { type: "content_block_start", index: 0, content_block: half },
          { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Half" } },
          { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
        ),
      ),
      messagesText("Whole."),
    ],
    text: "Whole.",
  },
  {
    name: "a stop reason is an end, with or without message_stop",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          ...block(0, half, { type: "text_delta", text: "Done." }),
          ...messageEnd("end_turn").slice(0, 1),
        ),
      ),
    ],
    text: "Done.",
  },
  {
    name: "a context window that is full in mid-answer marks the message as cut",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          ...block(0, half, { type: "text_delta", text: "As long as" }),
          ...messageEnd("model_context_window_exceeded"),
        ),
      ),
    ],
    text: "As long as",
    message: { finish_reason: "length" },
  },
  {
    name: "arguments cut by the output limit are not taken for a call",
    type: "openai-compat",
    answers: [
      raw(
        events(
          callDelta({ index: 0, id: "a", type: "function", function: { name: "lookup", arguments: '{"q": "hal' } }),
          chunk({}, "length"),
          "[DONE]",
        ),
      ),
      chatText("I see."),
    ],
    calls: [["lookup", '{"q": "hal']],
    text: "I see.",
  },
  {
    name: "an answer of two line ends is none, and asked for again",
    type: "openai-compat",
    answers: [chatText("\n\n"), chatText("Here.")],
    text: "Here.",
  },
  {
    name: "a good status with an error as its body is judged by the error",
    type: "openai-compat",
    answers: [json(200, { error: { message: "Provider returned error", code: 502 } }), chatText("Here.")],
    text: "Here.",
  },
]

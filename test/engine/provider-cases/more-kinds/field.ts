import { chatText } from "../../../support/raw-provider.ts"
import {
  block,
  callDelta,
  chunk,
  events,
  type Kind,
  messageEnd,
  messagesText,
  messageStart,
  raw,
  responsesText,
  typed,
} from "./kind.ts"

const whole = callDelta({ index: 1, id: "a", type: "function", function: { name: "lookup", arguments: '{"q":1}' } })
const LOOKUP = [["lookup", { q: 1 }]] as const
const HALF = [["lookup", '{"q": "hal']] as const
const halfItem = {
  id: "fc_1",
  type: "function_call",
  status: "completed",
  call_id: "call_1",
  name: "lookup",
  arguments: '{"q": "hal',
}

/** As others have met them: each beside the public report that tells of it. */
export const field: ReadonlyArray<Kind> = [
  {
    name: "an entry without name and arguments before the call (experientiallabs/experiential#963)",
    type: "openai-compat",
    answers: [
      raw(
        events(
          callDelta({ index: 0, id: null, type: "function", function: { name: "", arguments: "" } }),
          whole,
          chunk({}, "tool_calls"),
          "[DONE]",
        ),
      ),
      chatText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  },
  {
    name: "a call that begins with a null id (experientiallabs/experiential#963)",
    type: "openai-compat",
    answers: [
      raw(
        events(
          callDelta({ index: 0, id: null, function: { name: "lookup", arguments: '{"q"' } }),
          callDelta({ index: 0, id: null, function: { name: null, arguments: ":1}" } }),
          chunk({}, "tool_calls"),
          "[DONE]",
        ),
      ),
      chatText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  },
  {
    name: "a frame without choices in the middle (experientiallabs/experiential#963)",
    type: "openai-compat",
    answers: [
      raw(events(chunk({ content: "Do" }), { id: "c", model: "m" }, chunk({ content: "ne." }), chunk({}, "stop"))),
    ],
    text: "Done.",
  },
  {
    name: "a body that ends behind the beginning of a call is a cut, not a call (OpenRouterTeam/ai-sdk-provider#558)",
    type: "openai-compat",
    answers: [
      raw(events(callDelta({ index: 0, id: "a", type: "function", function: { name: "lookup", arguments: "" } }))),
      chatText("At last."),
    ],
    calls: [],
    text: "At last.",
  },
  {
    name: "an item that is called complete and whose arguments are not (experientiallabs/experiential#896)",
    type: "openai",
    answers: [
      raw(
        typed(
          { type: "response.output_item.done", output_index: 0, item: halfItem },
          { type: "response.completed", response: { id: "r", status: "completed", output: [halfItem] } },
        ),
      ),
      responsesText("I see."),
    ],
    calls: HALF,
    text: "I see.",
  },
  {
    name: "a block that ends in the middle of its input (experientiallabs/experiential#963)",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          ...block(
            0,
            { type: "tool_use", id: "toolu_1", name: "lookup", input: {} },
            { type: "input_json_delta", partial_json: '{"q": "hal' },
          ),
          ...messageEnd("tool_use"),
        ),
      ),
      messagesText("I see."),
    ],
    calls: HALF,
    text: "I see.",
  },
  {
    name: "a stream of nothing but an error (apache/rocketmq-dashboard#2178)",
    type: "openai-compat",
    answers: [
      raw(events({ error: { message: "You exceeded your current quota", type: "insufficient_quota" } }, "[DONE]")),
    ],
    ends: "error",
    error: { says: /exceeded your current quota/ },
  },
  {
    name: "a stream of nothing but a refusal of the request is not tried again (justrach/codegraff#748)",
    type: "openai-compat",
    answers: [
      raw(events({ error: { message: "tools.0.name is not valid", type: "invalid_request_error", code: 400 } })),
    ],
    ends: "error",
    error: { says: /tools\.0\.name is not valid/ },
  },
  {
    name: "a stream of nothing but an overload is tried again (farzaa/clicky#132)",
    type: "anthropic",
    answers: [
      raw(typed({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } })),
      messagesText("Here."),
    ],
    text: "Here.",
  },
  {
    name: "a failure in an envelope of another kind is tried again (CommandCodeAI/command-code#785)",
    type: "openai-compat",
    answers: [
      {
        status: 500,
        headers: { "content-type": "application/json" },
        body: '{"success":false,"error":{"code":"INTERNAL_SERVER_ERROR","status":500,"message":"Unexpected."}}',
      },
      chatText("Here."),
    ],
    text: "Here.",
  },
  {
    name: "a limit told in the middle of a stream, with its code as text",
    type: "openai-compat",
    answers: [
      raw(events(chunk({ content: "Half" }), { error: { message: "Rate limit reached", code: "429" } })),
      chatText("Whole."),
    ],
    text: "Whole.",
  },
  {
    name: "an empty finish reason in each chunk is none",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "Do" }, ""), chunk({ content: "ne." }, ""), chunk({}, "stop"), "[DONE]"))],
    text: "Done.",
  },
  {
    name: "a finish reason in each chunk ends nothing before its time",
    type: "openai-compat",
    answers: [raw(events(chunk({ content: "Do" }, "stop"), chunk({ content: "ne." }, "stop"), "[DONE]"))],
    text: "Done.",
  },
  {
    name: "pings, events and blocks that nobody knows are passed over",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          { type: "ping" },
          { type: "vendor_telemetry", index: 9, delta: { type: "x" } },
          ...block(0, { type: "vendor_block", data: {} }, { type: "vendor_delta", data: 1 }),
          ...block(1, { type: "text", text: "" }, { type: "text_delta", text: "Done." }),
          ...messageEnd("end_turn"),
        ),
      ),
    ],
    text: "Done.",
  },
  {
    name: "deltas of an item that was never announced, in events without a name",
    type: "openai",
    answers: [
      raw(
        events(
          { type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: "Done." },
          { type: "response.completed", response: { id: "r", status: "completed", output: [] } },
        ),
      ),
    ],
    text: "Done.",
  },
]

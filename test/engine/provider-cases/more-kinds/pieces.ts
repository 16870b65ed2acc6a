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
  typed,
} from "./kind.ts"

const started = { id: "a", type: "function", function: { name: "lookup", arguments: "" } }
const toolEnd = [chunk({}, "tool_calls"), "[DONE]"]
const LOOKUP = [["lookup", { q: 1 }]] as const
const toolBlock = (input: object) => ({ type: "tool_use", id: "toolu_1", name: "lookup", input })
const inputDelta = (partial_json: string) => ({ type: "input_json_delta", partial_json })

/** A step with one call, then words; for every dialect the call is `lookup({"q": 1})`. */
const oneCall = (name: string, ...step: ReadonlyArray<unknown>): Kind => ({
  name,
  type: "openai-compat",
  answers: [raw(events(...step, ...toolEnd)), chatText("I see.")],
  calls: LOOKUP,
  text: "I see.",
})

/** Pieces that do not come as the protocol says, and content in another shape. */
export const pieces: ReadonlyArray<Kind> = [
  oneCall(
    "each piece of the arguments has an id of its own",
    callDelta({ index: 0, ...started, id: "p0" }),
    callDelta({ index: 0, id: "p1", function: { arguments: '{"q"' } }),
    callDelta({ index: 0, id: "p2", function: { arguments: ":1}" } }),
  ),
  oneCall(
    "each piece repeats all arguments so far",
    callDelta({ index: 0, ...started, function: { name: "lookup", arguments: '{"q"' } }),
    callDelta({ index: 0, function: { arguments: '{"q":1' } }),
    callDelta({ index: 0, function: { arguments: '{"q":1}' } }),
  ),
  oneCall(
    "the name is repeated in each piece",
    callDelta({ index: 0, ...started, function: { name: "lookup", arguments: '{"q"' } }),
    callDelta({ index: 0, id: "a", function: { name: "lookup", arguments: ":1}" } }),
  ),
  oneCall(
    "the arguments are an object",
    callDelta({ index: 0, id: "a", type: "function", function: { name: "lookup", arguments: { q: 1 } } }),
  ),
  oneCall(
    "the call has neither index nor type",
    callDelta({ id: "a", function: { name: "lookup", arguments: '{"q":1}' } }),
  ),
  oneCall(
    "the id comes last",
    callDelta({ index: 0, function: { name: "lookup", arguments: '{"q"' } }),
    callDelta({ index: 0, id: "a", function: { arguments: ":1}" } }),
  ),
  {
    name: "two whole calls with index 0 and different ids are two",
    type: "openai-compat",
    answers: [
      raw(
        events(
          callDelta({ index: 0, id: "a", type: "function", function: { name: "lookup", arguments: '{"q":1}' } }),
          callDelta({ index: 0, id: "b", type: "function", function: { name: "search", arguments: '{"q":2}' } }),
          ...toolEnd,
        ),
      ),
      chatText("I see."),
    ],
    calls: [...LOOKUP, ["search", { q: 2 }]],
    text: "I see.",
  },
  {
    name: "calls whose end is said to be `stop` are made",
    type: "openai-compat",
    answers: [
      raw(
        events(
          callDelta({ index: 0, ...started, function: { name: "lookup", arguments: '{"q":1}' } }),
          chunk({}, "stop"),
          "[DONE]",
        ),
      ),
      chatText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  },
  {
    name: "a whole document where a stream was asked for",
    type: "openai-compat",
    answers: [
      json(200, {
        id: "c",
        object: "chat.completion",
        choices: [{ index: 0, message: { role: "assistant", content: "Whole." }, finish_reason: "stop" }],
        usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
      }),
    ],
    text: "Whole.",
  },
  {
    name: "a stream that is called JSON",
    type: "openai-compat",
    answers: [{ ...chatText("By content."), headers: { "content-type": "application/json" } }],
    text: "By content.",
  },
  {
    name: "a stream without a content type, behind an empty line and a byte order mark",
    type: "openai-compat",
    answers: [raw(`\ufeff\n${events(chunk({ content: "Hi." }), chunk({}, "stop"), "[DONE]")}`, { headers: {} })],
    text: "Hi.",
  },
  {
    name: "an event whose data stands on several lines",
    type: "openai-compat",
    answers: [
      raw(
        `${JSON.stringify(chunk({ content: "Hi." }), null, 2).replace(/^/gm, "data: ")}\n\n${events(chunk({}, "stop"), "[DONE]")}`,
      ),
    ],
    text: "Hi.",
  },
  {
    name: "CR LF cut in the middle, and `data:` without its blank",
    type: "openai-compat",
    answers: [
      raw([
        `data:${JSON.stringify(chunk({ content: "Hi." }))}\r`,
        `\n\r`,
        `\ndata:${JSON.stringify(chunk({}, "stop"))}\r\n\r\ndata:[DONE]\r\n\r\n`,
      ]),
    ],
    text: "Hi.",
  },
  {
    name: "empty places: null deltas, no choices, a choice of another index",
    type: "openai-compat",
    answers: [
      raw(
        events(
          { id: "c", choices: null },
          { id: "c", choices: [] },
          chunk(null),
          chunk({ content: null, tool_calls: null, reasoning_content: null }),
          chunk({ content: "Hi." }),
          { id: "c", choices: [{ index: 1, delta: { content: "Another." }, finish_reason: null }] },
          chunk({}, "stop"),
          "[DONE]",
        ),
      ),
    ],
    text: "Hi.",
  },
  {
    name: "the words come only in the event that ends the response",
    type: "openai",
    answers: [
      raw(
        typed(
          { type: "response.created", response: { id: "r", status: "in_progress", output: [] } },
          {
            type: "response.completed",
            response: { id: "r", status: "completed", output: [responsesMessage("At last.")] },
          },
        ),
      ),
    ],
    text: "At last.",
  },
  {
    name: "a whole message where a stream was asked for",
    type: "anthropic",
    answers: [
      json(200, {
        id: "m",
        type: "message",
        role: "assistant",
        content: [{ type: "text", text: "Whole." }],
        stop_reason: "end_turn",
        usage: { input_tokens: 5, output_tokens: 2 },
      }),
    ],
    text: "Whole.",
  },
  ...[
    ["the input stands in the start block, with no deltas", [] as ReadonlyArray<string>] as const,
    ["the input stands in the start block and comes again", ['{"q"', ":1}"]] as const,
  ].map(([name, deltas]): Kind => ({
    name,
    type: "anthropic",
    answers: [
      raw(typed(messageStart, ...block(0, toolBlock({ q: 1 }), ...deltas.map(inputDelta)), ...messageEnd("tool_use"))),
      messagesText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  })),
]

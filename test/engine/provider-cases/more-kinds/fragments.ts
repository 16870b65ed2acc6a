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

const LOOKUP = [["lookup", { q: 1 }]] as const
const BOTH = [...LOOKUP, ["search", { q: 2 }]] as const

const steps = (name: string, calls: NonNullable<Kind["calls"]>, ...step: ReadonlyArray<unknown>): Kind => ({
  name,
  type: "openai-compat",
  answers: [raw(events(...step, chunk({}, "tool_calls"), "[DONE]")), chatText("I see.")],
  calls,
  text: "I see.",
})

const named = (name: string, args: unknown, more: object = {}) => ({
  type: "function",
  function: { name, arguments: args },
  ...more,
})

/** Calls in pieces that no protocol describes. */
export const fragments: ReadonlyArray<Kind> = [
  steps(
    "the name comes in pieces",
    LOOKUP,
    callDelta({ index: 0, id: "a", ...named("look", "") }),
    callDelta({ index: 0, function: { name: "up", arguments: "" } }),
    callDelta({ index: 0, function: { arguments: '{"q":1}' } }),
  ),
  steps(
    "the name comes in pieces, with the id in each and arguments beside them",
    LOOKUP,
    callDelta({ index: 0, id: "a", ...named("look", '{"q"') }),
    callDelta({ index: 0, id: "a", ...named("up", ":1}") }),
  ),
  steps(
    "the name grows with each piece",
    LOOKUP,
    callDelta({ index: 0, id: "a", ...named("look", "") }),
    callDelta({ index: 0, id: "a", ...named("lookup", '{"q":1}') }),
  ),
  steps(
    "empty arguments stand before the real ones",
    LOOKUP,
    callDelta({ index: 0, id: "a", ...named("lookup", "{}") }),
    callDelta({ index: 0, function: { arguments: '{"q"' } }),
    callDelta({ index: 0, function: { arguments: ":1}" } }),
  ),
  steps(
    "an empty object stands before the real one",
    LOOKUP,
    callDelta({ index: 0, id: "a", ...named("lookup", {}) }),
    callDelta({ index: 0, id: "a", function: { arguments: '{"q":1}' } }),
  ),
  steps(
    "all pieces of the arguments come twice",
    LOOKUP,
    callDelta({ index: 0, id: "a", ...named("lookup", "") }),
    ...['{"q"', ":1}", '{"q"', ":1}"].map((args) => callDelta({ index: 0, function: { arguments: args } })),
  ),
  steps(
    "the whole arguments come again, spelled with blanks",
    LOOKUP,
    callDelta({ index: 0, id: "a", ...named("lookup", '{"q":1}') }),
    callDelta({ index: 0, id: "a", function: { arguments: '{"q": 1}' } }),
  ),
  steps("the arguments are null", [["lookup", {}]], callDelta({ index: 0, id: "a", ...named("lookup", null) })),
  steps(
    "the arguments are the word null",
    [["lookup", {}]],
    callDelta({ index: 0, id: "a", ...named("lookup", "null") }),
  ),
  steps("blanks around the name", LOOKUP, callDelta({ index: 0, id: "a", ...named(" lookup\n", '{"q":1}') })),
  steps(
    "indices and ids of another type",
    BOTH,
    callDelta({ index: "0", id: 1, ...named("lookup", "") }),
    callDelta({ index: "1", id: 2, ...named("search", "") }),
    callDelta({ index: "0", function: { arguments: '{"q":1}' } }),
    callDelta({ index: "1", function: { arguments: '{"q":2}' } }),
  ),
  steps(
    "parallel calls without index, each piece with its id",
    BOTH,
    callDelta({ id: "a", ...named("lookup", "") }),
    callDelta({ id: "b", ...named("search", "") }),
    callDelta({ id: "a", function: { arguments: '{"q":1}' } }),
    callDelta({ id: "b", function: { arguments: '{"q":2}' } }),
  ),
  steps(
    "parallel calls without index or id, side by side",
    BOTH,
    chunk({ tool_calls: [named("lookup", '{"q"'), named("search", '{"q"')] }),
    chunk({ tool_calls: [{ function: { arguments: ":1}" } }, { function: { arguments: ":2}" } }] }),
  ),
  steps(
    "parallel calls whose ids change with each piece",
    BOTH,
    callDelta({ index: 0, id: "a1", ...named("lookup", '{"q"') }),
    callDelta({ index: 1, id: "b1", ...named("search", '{"q"') }),
    callDelta({ index: 0, id: "a2", function: { arguments: ":1}" } }),
    callDelta({ index: 1, id: "b2", function: { arguments: ":2}" } }),
  ),
  steps(
    "two calls with the same name and whole arguments, index 0 and no id",
    [
      ["lookup", { q: 1 }],
      ["lookup", { q: 2 }],
    ],
    callDelta({ index: 0, ...named("lookup", '{"q":1}') }),
    callDelta({ index: 0, ...named("lookup", '{"q":2}') }),
  ),
  steps(
    "the index begins at 1",
    LOOKUP,
    callDelta({ index: 1, id: "a", ...named("lookup", '{"q"') }),
    callDelta({ index: 1, function: { arguments: ":1}" } }),
  ),
  {
    name: "the first piece of an input is an empty object (Messages)",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          ...block(
            0,
            { type: "tool_use", id: "toolu_1", name: "lookup", input: {} },
            ...["{}", '{"q"', ":1}"].map((partial_json) => ({ type: "input_json_delta", partial_json })),
          ),
          ...messageEnd("tool_use"),
        ),
      ),
      messagesText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  },
  {
    name: "a tool call whose reply ends with end_turn is made (Messages)",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          ...block(
            0,
            { type: "tool_use", id: "toolu_1", name: "lookup", input: {} },
            { type: "input_json_delta", partial_json: '{"q":1}' },
          ),
          ...messageEnd("end_turn"),
        ),
      ),
      messagesText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  },
  {
    name: "a call that stands only in the response that ends (Responses)",
    type: "openai",
    answers: [
      raw(
        typed({
          type: "response.completed",
          response: {
            id: "r",
            status: "completed",
            output: [{ id: "fc", type: "function_call", call_id: "c", name: "lookup", arguments: { q: 1 } }],
          },
        }),
      ),
      responsesText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  },
  {
    name: "arguments that come whole in `done`, behind pieces of an empty object (Responses)",
    type: "openai",
    answers: [
      raw(
        typed(
          {
            type: "response.output_item.added",
            output_index: 0,
            item: { id: "fc", type: "function_call", call_id: "c", name: "lookup", arguments: "{}" },
          },
          { type: "response.function_call_arguments.delta", item_id: "fc", output_index: 0, delta: "{}" },
          { type: "response.function_call_arguments.done", item_id: "fc", output_index: 0, arguments: '{"q":1}' },
          { type: "response.completed", response: { id: "r", status: "completed", output: [] } },
        ),
      ),
      responsesText("I see."),
    ],
    calls: LOOKUP,
    text: "I see.",
  },
]

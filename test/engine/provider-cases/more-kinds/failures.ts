import { chatText } from "../../../support/raw-provider.ts"
import { callDelta, chunk, events, json, type Kind, raw, responsesMessage, typed } from "./kind.ts"

const usage = (counts: unknown) => ({ id: "c", choices: [], usage: counts })
const answered = (counts: unknown): Kind["answers"] => [
  raw(events(chunk({ content: "Counted." }), chunk({}, "stop"), usage(counts), "[DONE]")),
]
const final = (name: string, answer: Kind["answers"][number], error: NonNullable<Kind["error"]>): Kind => ({
  name,
  type: "openai-compat",
  answers: [answer],
  ends: "error",
  error,
})
const nested = (levels: number) => `{"z":${"[".repeat(levels)}${"]".repeat(levels)}}`

/** Refusals judged by their meaning; numbers, depth and size. */
export const failures: ReadonlyArray<Kind> = [
  final(
    "an overflow in the words of vLLM, with the code of another error",
    json(400, {
      object: "error",
      message: "This model's maximum context length is 4096 tokens. However, you requested 4290 tokens.",
      code: 40_303,
    }),
    { kind: "context_overflow", says: /longer|too long|compact/i },
  ),
  final(
    "an overflow in the words of llama.cpp, as status 500",
    json(500, {
      error: {
        code: 500,
        message: "the request exceeds the available context size. try increasing it",
        type: "server_error",
      },
    }),
    { kind: "context_overflow", says: /longer|too long|compact/i },
  ),
  final(
    "a number in words is no status code",
    json(400, { error: { message: "max_tokens must be at most 429, not 503", type: "invalid_request_error" } }),
    { says: /at most 429, not 503/ },
  ),
  final(
    "credits that are used up",
    json(402, { error: { message: "Insufficient credits. Add more at the provider.", code: 402 } }),
    { says: /Insufficient credits/ },
  ),
  final("a wait of a day ends the turn", json(429, { error: { message: "Slow down." } }, { "retry-after": "86400" }), {
    kind: "rate_limit",
  }),
  {
    name: "a wait as a date in the past is none",
    type: "openai-compat",
    answers: [
      json(429, { error: { message: "Slow down." } }, { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }),
      chatText("Here."),
    ],
    text: "Here.",
  },
  {
    name: "a web page from a gateway that is overloaded is tried again",
    type: "openai-compat",
    answers: [
      { status: 503, headers: { "content-type": "text/html" }, body: "<html><h1>503</h1></html>" },
      chatText("Here."),
    ],
    text: "Here.",
  },
  {
    name: "counts as text",
    type: "openai-compat",
    answers: answered({ prompt_tokens: "12", completion_tokens: "3" }),
    text: "Counted.",
  },
  {
    name: "counts beyond 2^53, below 0, and of another type",
    type: "openai-compat",
    answers: answered({ prompt_tokens: 1e30, completion_tokens: -4, total_tokens: [], prompt_tokens_details: 7 }),
    text: "Counted.",
  },
  {
    name: "fractions of tokens in a response",
    type: "openai",
    answers: [
      raw(
        typed({
          type: "response.completed",
          response: {
            id: "r",
            status: "completed",
            output: [responsesMessage("Counted.")],
            usage: { input_tokens: 10.5, output_tokens: 1e308, total_tokens: 13.5 },
          },
        }),
      ),
    ],
    text: "Counted.",
  },
  final(
    "a step of 300 calls ends the turn at once",
    raw(
      events(
        ...Array.from({ length: 300 }, (_, index) =>
          callDelta({ index, id: `c${index}`, type: "function", function: { name: "lookup", arguments: "{}" } }),
        ),
        chunk({}, "tool_calls"),
        "[DONE]",
      ),
    ),
    {},
  ),
  final(
    "text of 2.5 MiB ends the turn at once",
    raw(
      events(...Array.from({ length: 40 }, () => chunk({ content: "x".repeat(65_536) })), chunk({}, "stop"), "[DONE]"),
    ),
    {},
  ),
  {
    name: "arguments nested 5,000 deep are no arguments, and the model is told",
    type: "openai-compat",
    answers: [
      raw(
        events(
          callDelta({ index: 0, id: "a", type: "function", function: { name: "lookup", arguments: nested(5_000) } }),
          chunk({}, "tool_calls"),
          "[DONE]",
        ),
      ),
      chatText("I see."),
    ],
    text: "I see.",
  },
  {
    name: "half of a surrogate pair and a NUL are no reason to ask again",
    type: "openai-compat",
    answers: [
      raw(events('{"choices":[{"index":0,"delta":{"content":"a\\ud83d\\u0000b"}}]}', chunk({}, "stop"), "[DONE]")),
    ],
    ends: "waiting",
  },
]

import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { chatText, type RawAnswer } from "../../../support/raw-provider.ts"
import {
  block,
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

const done = [chunk({}, "stop"), "[DONE]"]
const hello = events(chunk({ content: "Héllo 👋." }), ...done)

const good = (name: string, answer: RawAnswer, text: string): Kind => ({
  name,
  type: "openai-compat",
  answers: [answer],
  text,
})
const again = (name: string, ...answers: ReadonlyArray<RawAnswer>): Kind => ({
  name,
  type: "openai-compat",
  answers: [...answers, chatText("Here.")],
  text: "Here.",
})
const final = (name: string, answer: RawAnswer, error: NonNullable<Kind["error"]>): Kind => ({
  name,
  type: "openai-compat",
  answers: [answer],
  ends: "error",
  error,
})
const packed = (encoding: string, body: Uint8Array): RawAnswer =>
  raw(body, { headers: { "content-type": "text/event-stream", "content-encoding": encoding } })
const bytewise = (text: string) => Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte))

/** Bodies: packed, cut, mixed, in another's form; and failures that hide in them. */
export const bodies: ReadonlyArray<Kind> = [
  good("a stream packed with gzip", packed("gzip", gzipSync(hello)), "Héllo 👋."),
  good("a stream packed with brotli", packed("br", brotliCompressSync(hello)), "Héllo 👋."),
  good("a stream packed with deflate", packed("deflate", deflateSync(hello)), "Héllo 👋."),
  good("a stream in single bytes", raw(bytewise(hello)), "Héllo 👋."),
  good(
    "each chunk brings the delta and the message so far",
    raw(
      events(
        ...["Do", "Done", "Done."].map((content, at) => ({
          id: "c",
          choices: [
            {
              index: 0,
              finish_reason: at === 2 ? "stop" : null,
              message: { role: "assistant", content },
              delta: { role: "assistant", content: ["Do", "ne", "."][at] },
            },
          ],
        })),
        "[DONE]",
      ),
    ),
    "Done.",
  ),
  good(
    "each chunk brings the message so far",
    raw(
      events(
        ...["Do", "Done", "Done."].map((content, at) => ({
          id: "c",
          choices: [{ index: 0, finish_reason: at === 2 ? "stop" : null, message: { role: "assistant", content } }],
        })),
        "[DONE]",
      ),
    ),
    "Done.",
  ),
  good(
    "a whole document that has a delta, too",
    json(200, {
      id: "c",
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          message: { role: "assistant", content: "Done." },
          delta: { role: "assistant", content: "" },
        },
      ],
    }),
    "Done.",
  ),
  good(
    "data that is no JSON between the events",
    raw(events(chunk({ content: "Do" }), "ping", "OK", chunk({ content: "ne." }), ...done)),
    "Done.",
  ),
  good("blanks before [DONE]", raw(events(chunk({ content: "Done." }), "  [DONE]")), "Done."),
  good(
    "numbers that JSON does not have",
    raw(
      events(
        '{"id":"c","choices":[{"index":0,"delta":{"content":"-Infinity, NaN: Done."},"logprobs":{"token_logprob":-Infinity,"top":[NaN]}}]}',
        ...done,
      ),
    ),
    "-Infinity, NaN: Done.",
  ),
  good(
    "chunks on lines of their own, without `data:`",
    raw(`${JSON.stringify(chunk({ content: "Done." }))}\n${JSON.stringify(chunk({}, "stop"))}\n`),
    "Done.",
  ),
  good(
    "a list of chunks",
    json(200, [chunk({ content: "Do" }), chunk({ content: "ne." }), chunk({}, "stop")]),
    "Done.",
  ),
  good(
    "usage and an end in a chunk of its own, with a choice that says nothing",
    raw(
      events(
        chunk({ content: "Done." }),
        chunk({}, "stop"),
        {
          id: "c",
          choices: [{ index: 0, delta: {}, finish_reason: null }],
          usage: { prompt_tokens: 1, completion_tokens: 2 },
        },
        "[DONE]",
      ),
    ),
    "Done.",
  ),
  again(
    "an event that the network has torn",
    raw('data: {"id":"c","choices":[{"index":0,"delta":{"content":"Ha\n\ndata: [DONE]\n\n'),
  ),
  again(
    "words of an overload where an event should be",
    raw(events(chunk({ content: "Ha" }), "error: the server is overloaded, please try again later")),
  ),
  again(
    "an error event with words only",
    raw(
      `${events(chunk({ content: "Ha" }))}event: error\ndata: upstream connect error or disconnect/reset before headers\n\n`,
    ),
  ),
  again(
    "an error event whose document has no field `error`",
    raw(`${events(chunk({ content: "Ha" }))}event: error\ndata: {"message":"The model is overloaded"}\n\n`),
  ),
  final(
    "an error event that says that the key is wrong",
    raw(`event: error\ndata: {"message":"Invalid API key"}\n\n`),
    { kind: "auth", says: /Invalid API key/ },
  ),
  final(
    "a good status with words of a wrong key",
    raw("invalid api key", { headers: { "content-type": "text/plain" } }),
    { kind: "auth", says: /invalid api key/ },
  ),
  final(
    "a good status with a document that says what is wrong",
    json(200, { code: 401, message: "Token expired or incorrect", success: false }),
    { kind: "auth", says: /Token expired or incorrect/ },
  ),
  final(
    "a good status with MiniMax's way to say that there is no credit",
    json(200, { id: "", choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } }),
    { kind: "usage_limit", says: /insufficient balance/ },
  ),
  final(
    "the same in a stream",
    raw(events({ id: "c", choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } })),
    { kind: "usage_limit", says: /insufficient balance/ },
  ),
  again(
    "a good status with a document that says to come again",
    json(200, { detail: "Too many requests, try again in 0.01 seconds" }),
  ),
  final(
    "a page to sign in at",
    {
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<!DOCTYPE html><html><head><title>x</title></head><body>Sign in</body></html>",
    },
    { says: /base URL[^]*Sign in/ },
  ),
  again("a 503 that names its end as a date", {
    status: 503,
    headers: { "retry-after": new Date(Date.now() - 1_000).toUTCString() },
    body: "",
  }),
  again(
    "a gateway that refuses for what is behind it",
    json(400, { message: "The model is busy, please retry later." }),
  ),
  again("a failure of the model that is called a dependency", json(424, { error: "Request failed during generation" })),
  final(
    "a moderation that is told as a forbidden request",
    json(403, { error: { message: "Your request was blocked by our moderation system.", code: "moderation_blocked" } }),
    { kind: "content_filter", says: /moderation/ },
  ),
  final(
    "a 429 that no wait mends",
    json(429, {
      error: { message: "You exceeded your current quota.", type: "insufficient_quota", code: "insufficient_quota" },
    }),
    { kind: "usage_limit", says: /current quota/ },
  ),
  final(
    "an output limit above the model's",
    json(400, {
      error: {
        message: "max_tokens is too large: 128000. This model supports at most 16384 completion tokens.",
        type: "invalid_request_error",
        param: "max_tokens",
      },
    }),
    { kind: "config", says: /16384 completion tokens/ },
  ),
  final(
    "an output limit that leaves no room for what is said",
    json(400, {
      object: "error",
      message:
        "'max_tokens' or 'max_completion_tokens' is too large: 40000. This model's maximum context length is 32768 tokens and your request has 512 input tokens (40000 > 32768 - 512).",
      type: "BadRequestError",
      code: 400,
    }),
    { kind: "config", says: /output limit/i },
  ),
  final(
    "a request that is too large for the gateway",
    {
      status: 413,
      headers: { "content-type": "text/html" },
      body: "<html><head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>",
    },
    { kind: "context_overflow" },
  ),
  {
    name: "a refusal in the middle keeps and marks what was shown",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          ...block(0, { type: "text", text: "" }, { type: "text_delta", text: "As far as" }),
          ...messageEnd("refusal"),
        ),
      ),
    ],
    text: "As far as",
    message: { finish_reason: "refusal" },
  },
  {
    name: "a failure told as error event without `error` (Messages)",
    type: "anthropic",
    answers: [
      raw(typed(messageStart, { type: "error", message: "Overloaded" })),
      raw(`${typed(messageStart)}event: error\ndata: {"detail":"Service unavailable"}\n\n`),
      messagesText("Here."),
    ],
    text: "Here.",
  },
  {
    name: "text behind thinking in a block of the same index, which was never begun",
    type: "anthropic",
    answers: [
      raw(
        typed(
          messageStart,
          { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
          { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "So." } },
          { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Done." } },
          ...messageEnd("end_turn"),
        ),
      ),
    ],
    text: "Done.",
  },
  {
    name: "a response that is still being made is no answer",
    type: "openai",
    answers: [json(200, { id: "r", status: "in_progress", output: [responsesMessage("Ha")] }), responsesText("Here.")],
    text: "Here.",
  },
]

// What a model may send at most in a step, and one thing more than that: an event of 8 MiB. By name of the model.

const MIB = 2 ** 20
const CALLS = 256
const KIB_OF_TEXT = 4

const event = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: "limit", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const end = (reason) => `${event({}, reason)}data: [DONE]\n\n`

const inWritesOf = (bytes, text) =>
  Array.from({ length: Math.ceil(text.length / bytes) }, (_, i) => text.slice(i * bytes, (i + 1) * bytes))

const call = (index) => ({
  tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name: "lookup", arguments: '{"q":1}' } }],
})

const scripts = {
  "limit-event": () => [...inWritesOf(1024, event({ content: "x".repeat(8 * MIB) })), end("stop")],
  "limit-calls": () => [Array.from({ length: CALLS }, (_, index) => event(call(index))).join(""), end("tool_calls")],
  "limit-text": () => [
    ...Array.from({ length: (2 * MIB) / (KIB_OF_TEXT * 1024) - 1 }, () =>
      event({ content: "word ".repeat((KIB_OF_TEXT * 1024) / 5) }),
    ),
    end("stop"),
  ],
}

/** The models, with what a person reads of them. */
export const LIMITS = {
  "limit-event": "an event of 8 MiB in writes of 1 KiB",
  "limit-calls": "256 calls in a step",
  "limit-text": "an answer of 2 MiB",
}

/** The writes that answer a request; after the results of tools a word is enough. Undefined for any other model. */
export function limitWrites({ messages, model }) {
  if (!Object.hasOwn(scripts, model)) return undefined
  return messages.at(-1)?.role === "tool" ? [event({ content: "Seen." }), end("stop")] : scripts[model]()
}

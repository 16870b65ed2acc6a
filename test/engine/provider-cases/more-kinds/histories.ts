import { expect } from "vitest"
import { chatText, type RawRequest } from "../../../support/raw-provider.ts"
import { isObject } from "../../../support/scripted-provider/checks.ts"
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

const list = (value: unknown): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  Array.isArray(value) ? value.filter(isObject) : []

/** Calls and results in the last request, whatever its protocol, as [id of the call, its name] and ids of results. */
const replayed = (requests: ReadonlyArray<RawRequest>) => {
  const body = requests.at(-1)?.body ?? {}
  const calls: Array<readonly [unknown, unknown]> = []
  const results: Array<unknown> = []
  for (const message of list(body["messages"] ?? body["input"])) {
    for (const call of list(message["tool_calls"])) {
      calls.push([call["id"], isObject(call["function"]) ? call["function"]["name"] : undefined])
    }
    if (message["role"] === "tool") results.push(message["tool_call_id"])
    if (message["type"] === "function_call") calls.push([message["call_id"], message["name"]])
    if (message["type"] === "function_call_output") results.push(message["call_id"])
    for (const part of list(message["content"])) {
      if (part["type"] === "tool_use") calls.push([part["id"], part["name"]])
      if (part["type"] === "tool_result") results.push(part["tool_use_id"])
    }
  }
  return { calls, results }
}

/** Each call has an id and a name that a strict server takes, and one result. */
const fit =
  (calls: number, name = /^[a-zA-Z0-9_-]{1,64}$/) =>
  (requests: ReadonlyArray<RawRequest>): void => {
    const sent = replayed(requests)
    const ids = sent.calls.map(([id]) => String(id))
    expect(ids).toHaveLength(calls)
    expect(new Set(ids).size).toBe(calls)
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/)
    for (const [, each] of sent.calls) expect(String(each)).toMatch(name)
    expect(sent.results).toEqual(ids)
  }

const call = (index: number, id: string, name: string, args: string) =>
  callDelta({ index, id, type: "function", function: { name, arguments: args } })
const step = (...calls: ReadonlyArray<unknown>) => raw(events(...calls, chunk({}, "tool_calls"), "[DONE]"))
const toolBlocks = (...ids: ReadonlyArray<string>) =>
  raw(
    typed(
      messageStart,
      ...ids.flatMap((id, index) =>
        block(
          index,
          { type: "tool_use", id, name: "lookup", input: {} },
          { type: "input_json_delta", partial_json: "{}" },
        ),
      ),
      ...messageEnd("tool_use"),
    ),
  )
const responsesCalls = (...ids: ReadonlyArray<string>) => {
  const items = ids.map((call_id, index) => ({
    id: `fc_${index}`,
    type: "function_call",
    status: "completed",
    call_id,
    name: "lookup",
    arguments: "{}",
  }))
  return raw(
    typed(...items.map((item, output_index) => ({ type: "response.output_item.done", output_index, item })), {
      type: "response.completed",
      response: { id: "r", status: "completed", output: items },
    }),
  )
}

/** What a model made up goes back in a form that strict servers take; what a provider needs back goes back as it was. */
export const histories: ReadonlyArray<Kind> = [
  ...[
    [
      "three calls with one id",
      step(...["a", "a", "a"].map((id, index) => call(index, id, "lookup", "{}"))),
      3,
    ] as const,
    ["calls with empty ids", step(call(0, "", "lookup", "{}"), call(1, "", "lookup", "{}")), 2] as const,
    [
      "an id with blanks, colons and letters that are not ASCII",
      step(call(0, "functions.lookup:0 é", "lookup", "{}")),
      1,
    ] as const,
    ["an id of 300 characters", step(call(0, "x".repeat(300), "lookup", "{}")), 1] as const,
    ["a name of control tokens", step(call(0, "a", "lookup<|channel|>commentary", "{}")), 1] as const,
    ["a name with dots, as of a module", step(call(0, "a", "functions.lookup", "{}")), 1] as const,
    ["arguments that are a list", step(call(0, "a", "lookup", "[1, 2]")), 1] as const,
    ["arguments that are no JSON", step(call(0, "a", "lookup", "q=1")), 1] as const,
    ["arguments that are empty", step(call(0, "a", "lookup", "")), 1] as const,
  ].map(([name, answer, calls]): Kind => ({
    name: `${name} (Chat Completions)`,
    type: "openai-compat",
    answers: [answer, chatText("I see.")],
    text: "I see.",
    sent: fit(calls),
  })),
  {
    name: "blocks with one id, and one without (Messages)",
    type: "anthropic",
    answers: [toolBlocks("toolu_1", "toolu_1", ""), messagesText("I see.")],
    text: "I see.",
    sent: fit(3, /^[a-zA-Z0-9_-]{1,128}$/),
  },
  {
    name: "items with one call id (Responses)",
    type: "openai",
    answers: [responsesCalls("call_1", "call_1"), responsesText("I see.")],
    text: "I see.",
    sent: fit(2),
  },
  {
    name: "what stands beside a call and is not of the protocol comes back on it",
    type: "openai-compat",
    answers: [
      step(
        callDelta({
          index: 0,
          id: "a",
          type: "function",
          function: { name: "lookup", arguments: "{}" },
          provider_specific_fields: { thought_signature: "c2lnbmVk" },
        }),
      ),
      chatText("I see."),
    ],
    text: "I see.",
    sent: (requests) => {
      const calls = list(requests.at(-1)?.body["messages"]).flatMap((message) => list(message["tool_calls"]))
      expect(calls).toMatchObject([{ provider_specific_fields: { thought_signature: "c2lnbmVk" } }])
    },
  },
]

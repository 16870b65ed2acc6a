import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { messageRow } from "../../test/support/message-row.ts"
import { requestTo, tool } from "../../test/support/provider-call.ts"
import { type Body, isObject, objects } from "../../test/support/scripted-provider/checks.ts"
import { refuseGoogle } from "../../test/support/scripted-provider/google.ts"
import { record, rounds, seed } from "../../test/support/soak.ts"
import { CHAT_SERVERS } from "../../test/support/strict-provider/chat.ts"
import { messagesOf } from "../../test/support/strict-provider/messages.ts"
import { responsesOf } from "../../test/support/strict-provider/responses.ts"
import type { Refuse } from "../../test/support/strict-provider/texts.ts"
import type { ProviderType } from "../contract/models.ts"
import type { Part, ToolCallPart } from "../contract/parts.ts"
import type { MessageRow } from "../db/chats/rows.ts"
import { anthropicCall } from "../providers/anthropic/request.ts"
import { googleRequest } from "../providers/google/request.ts"
import { chatRequest } from "../providers/openai/chat-request.ts"
import { responsesRequest } from "../providers/openai/responses-request.ts"
import type { GenerateRequest } from "../providers/provider.ts"
import { partialMessages } from "./interruption.ts"
import { buildPrompt } from "./prompt.ts"

/**
 * Whatever a chat holds, made by whichever models under whichever accounts, broken off wherever: no server refuses what is
 * written of it.
 */

type Write = (request: GenerateRequest) => object

interface Server {
  readonly type: ProviderType
  readonly write: Write
  readonly refuse: Refuse
  /** What comes with a reply: the reasoning before it, and what hangs on its first call. `account` tells seals apart. */
  readonly reasons?: (text: string, account: string) => Part
  readonly marks?: (account: string) => unknown
  /** Reasoning is wanted back with every call, and this is how the request has it where the server gave none in this chat. */
  readonly wants?: "fill" | "pad"
}

const chat: Write = (request) => chatRequest(request)
const messages: Write = (request) => anthropicCall(request).body

/** As the SDK puts it: what is no content stands beside the settings. */
const google: Write = (request) => {
  const { config = {}, contents } = googleRequest(request)
  const { automaticFunctionCalling: _, systemInstruction, toolConfig, tools } = config
  return { contents, systemInstruction, toolConfig, tools }
}
const marked = (account: string) => ({ google: { signature: sealOf("SIG-GOOGLE", account) } })
const onGoogle = (wanted: boolean): Server => ({
  type: "google",
  write: (request) => google({ ...request, model: wanted ? "gemini-3-pro" : "gemini-2.5-pro" }),
  refuse: (body) => refuseGoogle(body, { isOurs: (signature) => signature === "SIG-GOOGLE", wanted }),
  reasons: (text, account) => reasoning(text, { google: { signature: sealOf("SIG-GOOGLE", account), from: 2 } }),
  marks: marked,
})

const reasoning = (text: string, provider_metadata?: unknown): Part => ({
  type: "reasoning",
  text,
  created_at: "then",
  completed_at: "now",
  ...(provider_metadata === undefined ? {} : { provider_metadata }),
})
const inField = (field: string) => (text: string) => reasoning(text, { openai_chat: { field } })
const onChat = { type: "openai-compat", write: chat } as const

/** The account of now seals with the word that the strict server takes, the one before with its own. */
const sealOf = (word: string, account: string): string => (account === "now" ? word : `${word}-${account}`)

const encrypted = (word: string) => (text: string, account: string) =>
  reasoning(text, {
    openai_responses: {
      item: { type: "reasoning", id: `rs_${text}`, summary: [], encrypted_content: sealOf(word, account) },
    },
  })
const signed = (text: string, account: string) =>
  reasoning(text, { anthropic: { block: { type: "thinking", thinking: text, signature: sealOf("SIG-A", account) } } })

const SERVERS: Readonly<Record<string, Server>> = {
  openai: { ...onChat, refuse: CHAT_SERVERS.openai },
  mistral: { ...onChat, refuse: CHAT_SERVERS.mistral },
  gemma: { ...onChat, refuse: CHAT_SERVERS.gemma },
  groq: { ...onChat, refuse: CHAT_SERVERS.groq, reasons: inField("reasoning") },
  deepseek: { ...onChat, refuse: CHAT_SERVERS.deepseek, reasons: inField("reasoning_content"), wants: "fill" },
  kimi: { ...onChat, refuse: CHAT_SERVERS.kimi, reasons: inField("reasoning_content"), wants: "pad" },
  gemini: {
    ...onChat,
    refuse: CHAT_SERVERS.gemini,
    marks: (account) => ({
      openai_chat: { call: { extra_content: { google: { thought_signature: sealOf("SIG-GEMINI", account) } } } },
    }),
  },
  openrouter: {
    ...onChat,
    refuse: CHAT_SERVERS.openrouter,
    reasons: (text, account) =>
      reasoning(text, {
        openai_chat: {
          reasoning_details: [{ type: "reasoning.text", text, signature: sealOf("SIG-ROUTER", account) }],
        },
      }),
  },
  "org a": { type: "azure", write: responsesRequest, refuse: responsesOf("ENC-A"), reasons: encrypted("ENC-A") },
  "org b": { type: "azure", write: responsesRequest, refuse: responsesOf("ENC-B"), reasons: encrypted("ENC-B") },
  anthropic: { type: "anthropic", write: messages, refuse: messagesOf({ seal: "SIG-A" }), reasons: signed },
  "gemini 2.5": onGoogle(false),
  "gemini 3": onGoogle(true),
  minimax: {
    type: "anthropic",
    write: messages,
    refuse: messagesOf({ seal: undefined, wanted: true }),
    reasons: (text) => reasoning(text),
    wants: "fill",
  },
}

const NAMES = Object.keys(SERVERS)

const callArbitrary = fc.record({
  id: fc.constantFrom(
    "grep:3",
    "call_1",
    "",
    "functions.execute:0",
    "chatcmpl-tool-0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
    "Abc123xyZ",
    "ü/ü",
    "a_thought_b",
  ),
  name: fc.constantFrom(
    "execute",
    "execute<|channel|>commentary",
    "functions.execute",
    "functions_execute",
    "",
    "9lives",
    "x".repeat(90),
  ),
  args: fc.constantFrom<Pick<ToolCallPart, "args" | "args_text">>(
    { args: { command: "ls" } },
    { args: [1] },
    { args_text: '{"cut' },
    { args: { half: "\ud83d \u0000" } },
    {},
  ),
})

const replyArbitrary = fc.record({
  thinks: fc.boolean(),
  text: fc.constantFrom("", "well", "  ", "half \ud83d"),
  calls: fc.array(callArbitrary, { maxLength: 3 }),
  fate: fc.constantFrom("whole", "whole", "cut"),
  results: fc.constantFrom("all", "all", "none", "first", "twice", "backwards"),
  account: fc.constantFrom("now", "now", "before"),
  model: fc.constantFrom(...NAMES),
})
type Reply = typeof replyArbitrary extends fc.Arbitrary<infer Value> ? Value : never

const eventArbitrary = fc.oneof(
  { weight: 3, arbitrary: replyArbitrary },
  { weight: 2, arbitrary: fc.constantFrom("hello", " ", "a question") },
  { weight: 1, arbitrary: fc.constant({ stray: true }) },
)

const resultOf = (call: Part): Part =>
  call.type === "tool-call"
    ? { type: "tool-result", tool_call_id: call.tool_call_id, tool_name: call.tool_name, result: { output: "ok" } }
    : call

const RESULTS: Readonly<Record<Reply["results"], (results: ReadonlyArray<Part>) => ReadonlyArray<Part>>> = {
  all: (results) => results,
  none: () => [],
  first: (results) => results.slice(0, 1),
  twice: (results) => results.flatMap((result) => [result, result]),
  backwards: (results) => results.toReversed(),
}

const rowsOfReply = (
  { account, calls, fate, model, results, text, thinks }: Reply,
  at: number,
): ReadonlyArray<MessageRow> => {
  const server = SERVERS[model]
  const given: ReadonlyArray<Part> = [
    ...(thinks && server?.reasons !== undefined ? [server.reasons(`thought ${at}`, account)] : []),
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...calls.map((call, index): ToolCallPart => ({
      type: "tool-call",
      tool_call_id: call.id,
      tool_name: call.name,
      ...call.args,
      ...(index === 0 && server?.marks !== undefined ? { provider_metadata: server.marks(account) } : {}),
    })),
  ]
  if (fate === "cut") {
    // Only what was shown is left of a reply that the user stopped.
    const shown = given.map((part): Part => {
      if (part.type === "reasoning") return { type: "reasoning", text: part.text }
      if (part.type !== "tool-call") return part
      return { type: "tool-call", tool_call_id: part.tool_call_id, tool_name: part.tool_name, args_delta: '{"comm' }
    })
    return partialMessages(
      shown.map((part) => ({ role: "assistant", part })),
      model,
      "",
    ).map(({ content, modelConfigId, role }) => messageRow(role, content, { model_config_id: modelConfigId ?? null }))
  }
  const answers = RESULTS[results](given.filter(({ type }) => type === "tool-call").map(resultOf))
  return [
    messageRow("assistant", given, { model_config_id: model, provider_origin: `${model}/${account}` }),
    ...answers.map((answer) => messageRow("tool", [answer])),
  ]
}

/** Behind it the chat waits: a call is made only when somebody is to be answered. */
const isLastWord = ({ content, role }: MessageRow): boolean =>
  role === "assistant" && content.every(({ type }) => type !== "tool-call")

const rowsOf = (events: ReadonlyArray<Reply | string | { readonly stray: boolean }>): ReadonlyArray<MessageRow> => [
  messageRow("system", [{ type: "text", text: "rules" }]),
  ...events.flatMap((event, at) => {
    if (typeof event === "string") return [messageRow("user", [{ type: "text", text: event }])]
    if ("stray" in event) {
      return [
        messageRow("tool", [{ type: "tool-result", tool_call_id: "call_1", tool_name: "execute", result: "late" }]),
      ]
    }
    return rowsOfReply(event, at)
  }),
]

const bodyFor = (name: string, rows: ReadonlyArray<MessageRow>, more: Partial<GenerateRequest> = {}): Body => {
  const server = SERVERS[name]
  if (server === undefined) throw new Error(`There is no server ${name}`)
  const connection = { type: server.type, displayName: name, baseUrl: "http://127.0.0.1:1", apiKey: "k", headers: {} }
  const called = { modelConfigId: name, origin: `${name}/now` }
  const last = rows.at(-1)
  const asked = last !== undefined && isLastWord(last) ? [messageRow("user", [{ type: "text", text: "go on" }])] : []
  const request = requestTo(connection, [], {
    ...buildPrompt([...rows, ...asked], called),
    origin: called.origin,
    reasoning: server.wants,
    tools: [tool("execute"), tool("functions_execute")],
    ...more,
  })
  return JSON.parse(JSON.stringify(server.write(request)))
}

/** The server has shown in this chat that it gives the reasoning that it wants back. */
const hasGiven = (name: string, rows: ReadonlyArray<MessageRow>): boolean =>
  rows.some(
    ({ content, provider_origin }) =>
      provider_origin?.startsWith(`${name}/`) === true &&
      content.some((part) => part.type === "reasoning" && part.text !== ""),
  )

const callIdsIn = (body: Body): ReadonlyArray<unknown> => [
  ...objects(body["messages"]).flatMap((message) => [
    ...objects(message["tool_calls"]).map(({ id }) => id),
    ...objects(message["content"]).flatMap(({ id, type }) => (type === "tool_use" ? [id] : [])),
  ]),
  ...objects(body["contents"]).flatMap((content) =>
    objects(content["parts"]).flatMap(({ functionCall }) => (isObject(functionCall) ? [functionCall["id"]] : [])),
  ),
  ...objects(body["input"]).flatMap((item) => (item["type"] === "function_call" ? [item["call_id"]] : [])),
]

const runs = { numRuns: rounds({ test: 400, soak: 20_000 }), seed }

describe("whatever a chat holds", () => {
  it.each(NAMES)("%s takes the next request", (name) => {
    const property = fc.property(fc.array(eventArbitrary, { maxLength: 8 }), (events) => {
      const rows = rowsOf(events)
      const given = hasGiven(name, rows) && SERVERS[name]?.wants === "fill"
      expect(SERVERS[name]?.refuse(bodyFor(name, rows, given ? { reasoning: undefined } : {}))).toBeUndefined()
    })
    fc.assert(property, runs)
    record(`histories that ${name} takes`, { conversations: runs.numRuns })
  })

  it.each(NAMES)("%s takes it without earlier reasoning, and nothing sealed is left in it", (name) => {
    const property = fc.property(fc.array(eventArbitrary, { maxLength: 8 }), (events) => {
      const body = bodyFor(name, rowsOf(events), { reasoning: "omit" })
      const refusal = SERVERS[name]?.wants === undefined ? SERVERS[name]?.refuse(body) : undefined
      expect(refusal).toBeUndefined()
      expect(JSON.stringify(body)).not.toMatch(/SIG-|ENC-|thought \d/)
    })
    fc.assert(property, runs)
  })

  it.each(NAMES)("%s sees the same ids of calls when the chat has grown", (name) => {
    const property = fc.property(fc.array(eventArbitrary, { maxLength: 8 }), fc.nat(8), (events, at) => {
      const before = callIdsIn(bodyFor(name, rowsOf(events.slice(0, at))))
      expect(callIdsIn(bodyFor(name, rowsOf(events))).slice(0, before.length)).toEqual(before)
    })
    fc.assert(property, runs)
  })
})

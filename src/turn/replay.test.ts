import fc from "fast-check"
import { afterAll, beforeAll, expect, it } from "vitest"
import { messageRow } from "../../test/support/message-row.ts"
import { generate, tool } from "../../test/support/provider-call.ts"
import { ScriptedProvider } from "../../test/support/scripted-provider.ts"
import type { Item, Step } from "../../test/support/scripted-provider/script.ts"
import { record, rounds, seed } from "../../test/support/soak.ts"
import type { ModelCallConfig, ProviderType } from "../contract/models.ts"
import type { MessageRole, Part } from "../contract/parts.ts"
import type { MessageRow } from "../db/chats/rows.ts"
import { jsonb } from "../db/engine/jsonb.ts"
import type { GenerateResult, StreamEvent } from "../providers/provider.ts"
import { partialMessages } from "./interruption.ts"
import { buildPrompt } from "./prompt.ts"
import { responseChain } from "./response-chain.ts"

/**
 * Whatever the models of a conversation said, in whatever order they took turns, and wherever they were interrupted: what is
 * sent next is something that the provider accepts.
 */

let provider: ScriptedProvider

beforeAll(async () => {
  provider = await ScriptedProvider.start()
})

afterAll(async () => {
  await provider.close()
})

interface Model {
  readonly type: ProviderType
  readonly model: string
  readonly config: ModelCallConfig
}

const searching = { web_search_enabled: true }
const thinking = { budget_tokens: 2_000 }

const MODELS = {
  stateless: { type: "openai", model: "gpt-5.2", config: { provider_options: { openai: searching } } },
  chaining: {
    type: "openai",
    model: "gpt-5.2",
    config: { provider_options: { openai: { ...searching, store: true } } },
  },
  // Its name does not tell that it thinks, so its reasoning comes without the encrypted content.
  deployment: { type: "azure", model: "ours", config: { provider_options: { openai: searching } } },
  thinker: {
    type: "anthropic",
    model: "claude-test-4-5",
    config: { provider_options: { anthropic: { ...searching, thinking } } },
  },
  plain: {
    type: "anthropic",
    model: "claude-test-4-5",
    config: { provider_options: { anthropic: { ...searching, send_reasoning: false } } },
  },
  compatible: { type: "openai-compat", model: "local", config: {} },
} satisfies Readonly<Record<string, Model>>

type ModelName = keyof typeof MODELS

const originOfModel = (name: ModelName): string => `${name}/account`

const results = [{ url: "https://cats.example", title: "Cats" }]

const ITEMS: Readonly<Record<string, Item>> = {
  reasoning: { reasoning: ["let ", "me see"] },
  redacted: { redacted: "hidden" },
  // Postgres keeps neither NUL nor half a surrogate pair.
  binary: { reasoning: ["a \u0000 in the ", "file \ud83d"] },
  text: { text: ["well", ", so"] },
  blank: { text: " \n" },
  search: { search: "cats", results },
}

const ending = fc.constantFrom("text", "nothing", "calls", "pause", "cut off")

const replyArbitrary = fc.record({
  items: fc.array(fc.constantFrom(...Object.keys(ITEMS)), { maxLength: 4 }),
  ending,
  fate: fc.constantFrom("whole", "whole", "whole", "results lost", "interrupted"),
})

type Reply = typeof replyArbitrary extends fc.Arbitrary<infer Value> ? Value : never

const turnArbitrary = fc.record({
  model: fc.constantFrom(...(Object.keys(MODELS) as ReadonlyArray<ModelName>)),
  replies: fc.array(replyArbitrary, { minLength: 1, maxLength: 3 }),
})

const stepsOf = (reply: Reply, model: Model): ReadonlyArray<Step> => {
  const items = reply.items.flatMap((name) => ITEMS[name] ?? [])
  // Some servers give the same id again and again, in an alphabet of their own.
  const id = model.type === "openai-compat" ? { id: "functions.execute:0" } : {}
  const calls: Item = { calls: [{ tool: "execute", args: { command: "ls" }, ...id }] }
  switch (reply.ending) {
    case "text":
      return [{ items: [...items, { text: "done" }] }]
    case "calls":
      return [{ items: [...items, calls] }]
    case "cut off":
      return [{ items: [...items, { reasoning: "and then" }], finish: "length" }]
    case "pause":
      return model.type === "anthropic"
        ? [
            { items: [...items, { search: "dogs" }], finish: "pause" },
            { items: [{ found: results }, ...items, { text: "done" }] },
          ]
        : [{ items: [...items, { text: "done" }] }]
    default:
      return [{ items }]
  }
}

const shownPart = (event: StreamEvent): Part => {
  switch (event.type) {
    case "source":
      return event.source
    case "tool-call-delta":
      return { type: "tool-call", tool_call_id: event.id, tool_name: event.name, args_delta: event.delta }
    default:
      return event
  }
}

class Conversation {
  readonly rows: Array<MessageRow> = []

  add(role: MessageRole, parts: ReadonlyArray<Part>, more: Partial<MessageRow> = {}): void {
    // As it comes back from the database.
    const content: ReadonlyArray<Part> = JSON.parse(jsonb(parts))
    this.rows.push(messageRow(role, content, more))
  }

  async call(name: ModelName, events: Array<StreamEvent>): Promise<GenerateResult> {
    const { config, model, type }: Model = MODELS[name]
    const called = { modelConfigId: name, origin: originOfModel(name) }
    return generate(
      {
        connection: provider.connection(type),
        model,
        config,
        ...buildPrompt(this.rows, called),
        origin: called.origin,
        chain: responseChain(this.rows, { turn_plan_mode: false, generation_attempt: 1 }, called),
        tools: [tool("execute")],
        providerTools: ["web_search"],
        toolChoice: "auto",
      },
      events,
    )
  }

  /** True when the turn goes on with another step. */
  keep(name: ModelName, reply: Reply, result: GenerateResult, events: ReadonlyArray<StreamEvent>): boolean {
    if (reply.fate === "interrupted") {
      const shown = events.map((event) => ({ role: "assistant" as const, part: shownPart(event) }))
      for (const message of partialMessages(shown, name, "")) {
        this.add(message.role, message.content, { model_config_id: message.modelConfigId ?? null })
      }
      return false
    }
    if (result.parts.length === 0) return false
    const id = result.responseId ?? null
    this.add("assistant", result.parts, {
      model_config_id: name,
      provider_response_id: id,
      provider_origin: originOfModel(name),
    })
    if (reply.ending !== "calls") return false
    for (const part of result.parts) {
      if (part.type !== "tool-call" || part.provider_executed === true || reply.fate === "results lost") continue
      const { tool_call_id, tool_name } = part
      this.add("tool", [{ type: "tool-result", tool_call_id, tool_name, result: { output: "ok" } }])
    }
    return true
  }
}

const refusalsSince = (count: number) => provider.requests.slice(count).flatMap(({ refusal }) => refusal ?? [])

it("whatever was said before, the next request is accepted", async () => {
  let calls = 0
  let chained = 0
  let paused = 0
  const property = fc.asyncProperty(fc.array(turnArbitrary, { minLength: 2, maxLength: 5 }), async (turns) => {
    const before = provider.requests.length
    provider.reset()
    const conversation = new Conversation()
    for (const { model, replies } of turns) {
      conversation.add("user", [{ type: "text", text: "go on" }])
      for (const reply of replies) {
        const steps = stepsOf(reply, MODELS[model])
        provider.script(...steps)
        const events: Array<StreamEvent> = []
        const result = await conversation.call(model, events).catch((cause: unknown) => {
          throw new Error(refusalsSince(before).join(" "), { cause })
        })
        calls++
        if (steps.length > 1) paused++
        if (!conversation.keep(model, reply, result, events)) break
      }
    }
    const requests = provider.requests.slice(before)
    chained += requests.filter(({ body }) => body["previous_response_id"] !== undefined).length
    expect(refusalsSince(before)).toEqual([])
    expect(provider.left).toBe(0)
  })
  await fc.assert(property, { numRuns: rounds({ test: 60, soak: 3_000 }), seed })
  // Few conversations of few turns need not have had a chain or a pause.
  expect(calls < 2_000 || Math.min(chained, paused) > 0).toBe(true)
  record("conversations over changing models", { calls, chained, paused })
}, 300_000)

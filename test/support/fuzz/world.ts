import fc from "fast-check"
import { isObject } from "../scripted-provider/checks.ts"
import { levelsUpTo, oddText, tooDeep, writeJson } from "./odd-values.ts"
import type { Known } from "./schema-values.ts"

/** What exists on the server, as its answers told, so that most calls are about something that is there. */

interface KnownChat {
  readonly id: string
  readonly messages: Set<number>
  readonly queued: Set<number>
  readonly calls: Set<string>
  readonly approvals: Set<string>
}

/** What of a chat a route is about, by the end of its path. */
const SUBJECTS = [
  [/\/messages\/\{message\}$/, "messages"],
  [/\/queue\//, "queued"],
  [/\/tool-results$/, "calls"],
  [/\/approvals$/, "approvals"],
] as const

/** Chats that calls are made to; older ones are left alone. */
const MOST_CHATS = 30
const TOOLS = ["lookup_1", "lookup_2", "lookup_3"]

const labelKey = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,63}$/)
const oneOf = (values: Iterable<unknown>): fc.Arbitrary<unknown> | undefined => {
  const list = [...values]
  return list.length === 0 ? undefined : fc.constantFrom(...list)
}

/** What a person writes to the simulator: something odd, or lines that make it act. */
const words = fc.oneof(
  { weight: 5, arbitrary: oddText },
  { weight: 1, arbitrary: oddText.map((text) => `/think ${text.replaceAll("\n", " ")}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("/slow 20 5\n", "/slow 300 1\n", "\n/help", "\n/error 503 1\n", "\n/plan"),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...TOOLS), fc.dictionary(fc.string(), fc.oneof(oddText, levelsUpTo(120)), { maxKeys: 3 }))
      .map(([tool, args]) => `/tool ${tool} ${writeJson(args)}`),
  },
)

const examples = fc.oneof({ weight: 15, arbitrary: levelsUpTo(50) }, { weight: 1, arbitrary: tooDeep })

const dynamicTools = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...TOOLS),
    description: oddText,
    input_schema: fc.record({
      type: fc.constant("object"),
      properties: fc.dictionary(fc.string(), fc.record({ description: oddText, examples }), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    }),
  }),
  { selector: ({ name }) => name, maxLength: TOOLS.length },
)

export class World {
  readonly #organization: string
  readonly #models: ReadonlyArray<string>
  readonly #provider: string
  #chats: ReadonlyArray<KnownChat> = []

  constructor(organization: string, provider: string, models: ReadonlyArray<string>) {
    this.#organization = organization
    this.#provider = provider
    this.#models = models
  }

  /** What the fields of a call to this path may hold; it is about one chat, `which` of those that have what it is about. */
  known(path: string, which: number): Known {
    const subject = SUBJECTS.find(([ending]) => ending.test(path))?.[1]
    const fit = this.#chats.filter((chat) => subject === undefined || chat[subject].size > 0)
    const chats = fit.length > 0 ? fit : this.#chats
    const chat = chats[which % Math.max(1, chats.length)]
    return {
      organization_id: fc.constant(this.#organization),
      model_config_id: fc.constantFrom(...this.#models),
      ai_provider_id: fc.constant(this.#provider),
      chat: fc.constant(chat?.id ?? this.#organization),
      message: oneOf(chat?.messages ?? []),
      queued: oneOf(chat?.queued ?? []),
      tool_call_id: oneOf(chat?.calls ?? []),
      id: oneOf(chat?.approvals ?? []),
      user: fc.constant("me"),
      limit: fc.integer({ min: 1, max: 200 }),
      before_id: fc.integer({ min: 100, max: 10_000 }),
      version: fc.integer({ min: 1, max: 8 }),
      content: fc.array(fc.record({ type: fc.constantFrom("text", " TEXT"), text: words }), {
        minLength: 1,
        maxLength: 3,
      }),
      labels: fc.dictionary(labelKey, fc.string({ minLength: 1, maxLength: 256 }), { noNullPrototype: true }),
      label: fc.tuple(labelKey, fc.string({ minLength: 1 })).map(([key, value]) => `${key}:${value}`),
      q: fc.constantFrom("archived:true", "archived:false", ""),
      unsafe_dynamic_tools: dynamicTools,
      // Those that exist come with features that are not there yet.
      workspace_id: undefined,
      mcp_server_ids: undefined,
      // Nothing listens there and none of them is ever called: nobody beyond this machine is asked.
      enabled: fc.constant(false),
      base_url: fc.constant("http://127.0.0.1:9/v1"),
      api_key: fc.stringMatching(/^[\x21-\x7e]{1,64}$/),
      model: fc.constantFrom("simulator-fast", "simulator-3"),
      is_default: fc.constant(false),
      provider_options: undefined,
      reasoning_effort: undefined,
      deployment: fc.constantFrom(null, 1_000),
      per_user: fc.constantFrom(null, 200),
      per_organization: fc.constantFrom(null, 1_000),
    }
  }

  /** Takes from an answer what exists now. */
  learn(answer: unknown): void {
    const rest: Array<unknown> = [answer]
    while (rest.length > 0) {
      const value = rest.pop()
      if (Array.isArray(value)) rest.push(...value.slice(0, 50))
      else if (isObject(value)) {
        this.#note(value)
        rest.push(...Object.values(value).filter((field) => typeof field === "object"))
      }
    }
  }

  #note(value: Readonly<Record<string, unknown>>): void {
    const { chat_id: chatId, content, id } = value
    const chat = this.#chats.find((each) => each.id === chatId)
    if (typeof value["activity"] === "string" && typeof id === "string") this.#add(id)
    else if (chat && typeof id === "number") {
      if ("kind" in value) chat.queued.add(id)
      else if (value["role"] === "user") chat.messages.add(id)
      for (const part of Array.isArray(content) ? content : []) {
        const call = isObject(part) && part["type"] === "tool-call" ? part["tool_call_id"] : undefined
        if (typeof call === "string") chat.calls.add(call)
      }
    }
  }

  /** Approvals do not say whose they are. */
  learnApprovals(chatId: string | undefined, answer: unknown): void {
    const chat = this.#chats.find(({ id }) => id === chatId)
    const approvals = isObject(answer) && Array.isArray(answer["approvals"]) ? answer["approvals"] : []
    for (const approval of approvals) {
      if (isObject(approval) && typeof approval["id"] === "string") chat?.approvals.add(approval["id"])
    }
  }

  #add(id: string): void {
    if (this.#chats.some((chat) => chat.id === id)) return
    const chat = { id, messages: new Set<number>(), queued: new Set<number>(), calls: new Set<string>() }
    this.#chats = [{ ...chat, approvals: new Set<string>() }, ...this.#chats].slice(0, MOST_CHATS)
  }
}

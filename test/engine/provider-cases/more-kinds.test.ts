import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Message } from "../../../src/contract/chats.ts"
import { useReaders } from "../../support/chat-view.ts"
import { type Engine, useEngines } from "../../support/engine.ts"
import { chatText, RawProvider } from "../../support/raw-provider.ts"
import { bodies } from "./more-kinds/bodies.ts"
import { ends } from "./more-kinds/ends.ts"
import { failures } from "./more-kinds/failures.ts"
import { field } from "./more-kinds/field.ts"
import { fragments } from "./more-kinds/fragments.ts"
import { histories } from "./more-kinds/histories.ts"
import { type Kind, messagesText, responsesText } from "./more-kinds/kind.ts"
import { pieces } from "./more-kinds/pieces.ts"

/** Further inputs of the kinds that broke turns in the field. After each of them the chat takes another message. */

const engines = useEngines({ TROUPE_RETRY_CAP_MS: "20" })
const follow = useReaders()
let engine: Engine
let provider: RawProvider
let models: Readonly<Record<Kind["type"], string>>

beforeAll(async () => {
  engine = await engines.start()
  provider = await RawProvider.start()
  const model_config = { openai_config: { use_responses_api: true } }
  const add = (type: Kind["type"], base_url: string) =>
    engines.addModel(
      { provider: type, display_name: type, base_url, api_key: "k" },
      type === "openai" ? { model_config } : {},
    )
  models = {
    "openai-compat": await add("openai-compat", `${provider.url}/v1`),
    openai: await add("openai", `${provider.url}/v1`),
    anthropic: await add("anthropic", provider.url),
  }
})
afterAll(() => provider.close())
beforeEach(() => provider.reset())

const textOf = (message: Message | undefined): string =>
  (message?.content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("")

const wellAnswered = { "openai-compat": chatText, openai: responsesText, anthropic: messagesText }

const expectRight = async ({ answers, calls, ends: end = "waiting", error, message, sent, text, type }: Kind) => {
  provider.answer(...answers)
  const chatId = await engine.create("go", { more: { model_config_id: models[type] } })
  const reader = follow(engine, chatId)
  const view = await reader.idle()
  expect(view.activity, `${JSON.stringify(view.error)}`).toBe(end)
  expect(provider.requests).toHaveLength(answers.length)
  const spoken = view.transcript.filter(({ role }) => role === "assistant")
  if (text !== undefined) expect(textOf(spoken.at(-1))).toBe(text)
  if (message !== undefined) expect(spoken.at(-1)).toMatchObject(message)
  if (calls !== undefined) {
    const made = spoken.flatMap(({ content }) => content.filter((part) => part.type === "tool-call"))
    expect(made.map(({ args, args_text, tool_name }) => [tool_name, args ?? args_text])).toEqual(calls)
  }
  if (error !== undefined) {
    const { kind, says } = error
    if (kind !== undefined) expect(view.error).toMatchObject({ kind })
    if (says !== undefined) expect(`${view.error?.message} ${view.error?.detail}`).toMatch(says)
    expect(view.error?.message).toMatch(/^[A-Z].*\.$/)
    expect(JSON.stringify(view.error)).not.toMatch(/no body|undefined|\[object|<html/)
  }
  sent?.(provider.requests)

  provider.answer(wellAnswered[type]("Going on."))
  await engine.send(chatId, "and now?")
  const after = await reader.until(({ transcript }) => textOf(transcript.at(-1)) === "Going on.")
  expect(after.error).toBeUndefined()
}

describe.each([
  ["ends of streams", ends],
  ["pieces and shapes", pieces],
  ["histories and provider data", histories],
  ["failures, numbers, depth and size", failures],
  ["as met in the field", field],
  ["calls in pieces", fragments],
  ["bodies", bodies],
])("%s", (_, kinds) => {
  it.each(kinds.map((kind) => [kind.name, kind] as const))("%s", (__, kind) => expectRight(kind))
})

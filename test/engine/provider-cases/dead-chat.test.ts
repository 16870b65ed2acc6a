import { describe, expect, it } from "vitest"
import type { ProviderType } from "../../../src/contract/models.ts"
import { chatText, type RawAnswer, type RawStep } from "../../support/raw-provider.ts"
import { useRawModels } from "../../support/raw-models.ts"
import { messagesText, refused, responsesText } from "../../support/strict-provider.ts"

/**
 * A history that a provider refuses for a reason that nobody foresaw. The chat is not lost: it can go on with another model,
 * be compacted, and then go on where it was.
 */

const raw = useRawModels()

const POISON = "the poisoned word"

/** A server that refuses every history in which an assistant's message, or a call, stands as such and holds the poison. */
const poisoned =
  (text: (words: string) => RawAnswer, field: "messages" | "input"): RawStep =>
  ({ body }) => {
    const all: ReadonlyArray<{ readonly role?: unknown; readonly type?: unknown }> = Array.isArray(body[field])
      ? body[field]
      : []
    const isBad = all.some((message) => message.role !== "user" && JSON.stringify(message).includes(POISON))
    return isBad ? refused("messages.1: this cannot be read.") : text("an answer")
  }

const ADAPTERS: ReadonlyArray<
  readonly [string, ProviderType, string, (words: string) => RawAnswer, "messages" | "input"]
> = [
  ["Chat Completions", "openai-compat", "raw", chatText, "messages"],
  ["Responses", "openai", "gpt-5.2", responsesText, "input"],
  ["Messages", "anthropic", "claude-test-4-5", messagesText, "messages"],
]

describe.each(ADAPTERS)("after a refusal of the history by a server of %s", (_, type, name, text, field) => {
  const refusedChat = async () => {
    const model = await raw.add(type, name)
    model.server.answer(text(POISON))
    const chat = await raw.begin(model, "Rule: never touch the production database.")
    await chat.reader.activity("waiting")
    model.server.always(poisoned(text, field))
    expect((await raw.turn(chat, "go on")).error).toMatchObject({ kind: "config" })
    return { model, chat }
  }

  it("another model goes on", async () => {
    const { chat } = await refusedChat()
    const other = await raw.add("openai-compat")
    other.server.answer(chatText("taken over"))
    expect((await raw.turn(chat, "and you?", other)).lines.at(-1)).toBe("assistant: taken over")
  })

  it("a compaction puts the conversation as one text, and the same model goes on", async () => {
    const { chat, model } = await refusedChat()
    const view = await raw.compact(chat)
    expect(view.error).toBeUndefined()
    const asked = JSON.stringify(model.server.requests.at(-1)?.body)
    expect(asked).toContain("never touch the production database")
    expect(asked).toContain(POISON)
    expect((await raw.turn(chat, "well?")).lines.at(-1)).toBe("assistant: an answer")
  })

  it("the next message goes on as soon as the server takes it", async () => {
    const { chat, model } = await refusedChat()
    model.server.always(text("taken now"))
    expect((await raw.turn(chat, "once more")).lines.at(-1)).toBe("assistant: taken now")
  })
})

import { beforeAll, describe, expect, it } from "vitest"
import { chatText, type RawAnswer, type RawStep, sse } from "../../support/raw-provider.ts"
import { type RawModel, useRawModels } from "../../support/raw-models.ts"
import { refused } from "../../support/strict-provider.ts"

/** A summary replaces the history: so half of one never does, and a conversation that is too long gets one too. */

const raw = useRawModels()
let model: RawModel

beforeAll(async () => {
  model = await raw.add("openai-compat", "raw", { context_limit: 16_384 })
})

const RULE = "Rule: never touch the production database."

const ending = (text: string, finish_reason: string): RawAnswer =>
  sse(
    { id: "c", choices: [{ index: 0, delta: { role: "assistant", content: text } }] },
    { id: "c", choices: [{ index: 0, delta: {}, finish_reason }] },
    "[DONE]",
  )

const sent = () => JSON.stringify(model.server.requests.at(-1)?.body["messages"])

describe("a summary that is not whole", () => {
  it.each([
    ["length", /cut its summary off at the output limit, so the conversation was left as it is/],
    ["content_filter", /content policy, so the conversation was left as it is/],
    ["refusal", /refused to summarise the conversation, so the conversation was left as it is/],
    ["error", /./],
    ["a word of its own", /did not bring its summary to an end/],
  ])("leaves the conversation as it is and says why: %s", async (finish, message) => {
    model.server.answer(chatText("understood"))
    const chat = await raw.begin(model, RULE)
    await chat.reader.activity("waiting")
    model.server.always(ending("The user wants: 1. never touch the prod", finish))
    const failed = await raw.compact(chat)
    expect(failed.error?.message).toMatch(message)
    model.server.always(chatText("on"))
    await raw.turn(chat, "next")
    expect(sent()).toContain(RULE)
    expect(sent()).not.toContain("1. never touch the prod")
  })
})

/** A server that takes so many characters, calls a tool as often as told, and summarises when asked to. */
const limited = (characters: number, steps: () => boolean): RawStep => {
  let calls = 0
  return ({ body }) => {
    const messages = Array.isArray(body["messages"])
      ? (body["messages"] as ReadonlyArray<{ readonly role: string; readonly content: unknown }>)
      : []
    if (JSON.stringify(messages).length > characters) {
      return refused(
        "This model's maximum context length is 16384 tokens. However, your messages resulted in 20000 tokens.",
      )
    }
    const asked = messages.findLast(({ role }) => role === "user")?.content
    if (String(asked).includes("Summarise"))
      return chatText(`SUMMARY: ${JSON.stringify(messages).includes(RULE) ? RULE : "nothing"}`)
    if (!steps()) return chatText("done")
    return sse(
      {
        id: "c",
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: [
                {
                  index: 0,
                  id: `call_${++calls}`,
                  function: {
                    name: "read_file",
                    arguments: JSON.stringify({ path: `/${calls}${"x".repeat(13_000)}` }),
                  },
                },
              ],
            },
          },
        ],
      },
      { id: "c", choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] },
      "[DONE]",
    )
  }
}

describe("a context that overflows in the middle of a turn", () => {
  it("is named, can be compacted, and the chat goes on", async () => {
    let works = true
    model.server.always(limited(60_000, () => works))
    const chat = await raw.begin(model, `${RULE} Do the work.`)
    const overflown = await chat.reader.until(({ error }) => error !== undefined)
    expect(overflown.error).toMatchObject({ kind: "context_overflow", retryable: false })
    expect(overflown.error?.message).toMatch(/Compact it/)
    works = false
    expect((await raw.compact(chat)).error).toBeUndefined()
    expect((await raw.turn(chat, "continue")).lines.at(-1)).toBe("assistant: done")
    expect(sent()).toContain(`SUMMARY: ${RULE}`)
  })

  it("can be compacted by a model that takes much less", async () => {
    let left = 2
    model.server.always(limited(200_000, () => left-- > 0))
    const chat = await raw.begin(model, `${RULE} Do the work.`)
    await chat.reader.activity("waiting")
    model.server.always(limited(9_000, () => false))
    expect((await raw.turn(chat, "more")).error).toMatchObject({ kind: "context_overflow" })
    expect((await raw.compact(chat)).error).toBeUndefined()
    expect((await raw.turn(chat, "continue")).lines.at(-1)).toBe("assistant: done")
  })

  it("says so when not even the shortest form fits, and changes nothing", async () => {
    model.server.answer(chatText("understood"))
    const chat = await raw.begin(model, RULE)
    await chat.reader.activity("waiting")
    model.server.always(limited(10, () => false))
    const before = model.server.requests.length
    expect((await raw.compact(chat)).error).toMatchObject({
      kind: "context_overflow",
      message: expect.stringContaining("takes less than the shortest form of this conversation"),
    })
    expect(model.server.requests.length - before).toBeLessThanOrEqual(7)
    model.server.always(chatText("on"))
    await raw.turn(chat, "next")
    expect(sent()).toContain("understood")
  })

  it("of one message alone is told as what it is, since nothing is there to compact", async () => {
    model.server.always(limited(20_000, () => false))
    const chat = await raw.begin(model, "y".repeat(30_000))
    const view = await chat.reader.until(({ error }) => error !== undefined)
    expect(view.error).toMatchObject({
      kind: "context_overflow",
      message: expect.stringContaining("Your message is longer than the model"),
    })
  })
})

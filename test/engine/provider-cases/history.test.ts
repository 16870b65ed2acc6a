import { beforeAll, describe, expect, it } from "vitest"
import { caseFile, chatText, type RawStep, sse } from "../../support/raw-provider.ts"
import { type RawModel, useRawModels } from "../../support/raw-models.ts"
import { messagesText, refused, responsesText, strictly } from "../../support/strict-provider.ts"
import { CHAT_SERVERS } from "../../support/strict-provider/chat.ts"
import { messagesOf } from "../../support/strict-provider/messages.ts"
import { responsesOf } from "../../support/strict-provider/responses.ts"

/** A history that holds what no provider takes back, sent to servers that refuse what theirs refuse. */

const raw = useRawModels()
let chat: RawModel
let other: RawModel
let responses: RawModel
let anthropic: RawModel

beforeAll(async () => {
  chat = await raw.add("openai-compat")
  other = await raw.add("openai-compat")
  responses = await raw.add("azure")
  anthropic = await raw.add("anthropic", "claude-test-4-5")
})

const chatCall = (id: string, args: object, tool = "execute") =>
  sse(
    {
      id: "c",
      choices: [
        {
          index: 0,
          delta: {
            role: "assistant",
            tool_calls: [{ index: 0, id, type: "function", function: { name: tool, arguments: JSON.stringify(args) } }],
          },
        },
      ],
    },
    { id: "c", choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] },
    "[DONE]",
  )

describe("two calls of one reply with the same id", () => {
  it.each([
    [
      "Chat Completions",
      () => chat,
      "chat.sse",
      ["echo one", "echo two"],
      strictly(CHAT_SERVERS.mistral, chatText("done")),
    ],
    [
      "Responses",
      () => responses,
      "responses.sse",
      ["echo 0", "echo 1"],
      strictly(responsesOf("ENC"), responsesText("done")),
    ],
    [
      "Messages",
      () => anthropic,
      "anthropic.sse",
      ["echo 1", "echo 2"],
      strictly(messagesOf({ seal: "SIG" }), messagesText("done")),
    ],
  ] as const)("are two calls with two results on %s", async (_, model, file, commands, next: RawStep) => {
    model().server.answer(caseFile(`08-duplicate-call-ids/${file}`), next, next)
    const running = commands.map(raw.nextCommand)
    const { chatId, reader } = await raw.begin(model(), "go")
    for (const command of running) await command.end()
    expect((await reader.idle()).lines.slice(1)).toEqual([
      "assistant: <execute> <execute>",
      "tool: <execute done>",
      "tool: <execute done>",
      "assistant: done",
    ])
    await raw.send(chatId, "and on")
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.length === 7)
    expect(model().server.left).toBe(0)
  })
})

describe("a name of a tool that no API takes", () => {
  it.each([
    ["control tokens", () => chat, "chat.sse", strictly(CHAT_SERVERS.openai, chatText("sorry"))],
    ["more than 64 characters", () => chat, "chat-long.sse", strictly(CHAT_SERVERS.openai, chatText("sorry"))],
    ["a dot, on Responses", () => responses, "responses.sse", strictly(responsesOf("ENC"), responsesText("sorry"))],
    [
      "a dot, on Messages",
      () => anthropic,
      "anthropic.sse",
      strictly(messagesOf({ seal: "SIG" }), messagesText("sorry")),
    ],
  ] as const)(
    "is told to the model as an error, with a name that goes back: %s",
    async (_, model, file, next: RawStep) => {
      model().server.answer(caseFile(`10-tool-name-poison/${file}`), next)
      const { reader } = await raw.begin(model(), "go")
      const view = await reader.idle()
      expect(view.activity).toBe("waiting")
      expect(JSON.stringify(view.transcript[2])).toContain("There is no tool named")
    },
  )
})

it("ids of one provider are rewritten for the next, calls and results alike", async () => {
  chat.server.answer(caseFile("11-foreign-call-ids/step1-vllm.sse"), chatText("made"))
  const command = raw.nextCommand("echo hi")
  const { chatId, reader } = await raw.begin(chat, "go")
  await command.end()
  await reader.idle()
  other.server.answer(
    strictly(CHAT_SERVERS.mistral, chatText("taken")),
    strictly(CHAT_SERVERS.openai, chatText("again")),
  )
  await raw.send(chatId, "and you?", other)
  await reader.until(({ activity, lines }) => activity === "waiting" && lines.at(-1) === "assistant: taken")
  await raw.send(chatId, "still?", other)
  await reader.until(({ activity, lines }) => activity === "waiting" && lines.at(-1) === "assistant: again")
  // A prompt cache holds only while what was sent is sent again.
  const [first, second] = other.server.requests.map(({ body }) => body["messages"] as ReadonlyArray<unknown>)
  expect(second?.slice(0, first?.length)).toEqual(first)
})

describe("roles that do not take turns", () => {
  it("a user after results, where the user stopped a tool", async () => {
    chat.server.answer(
      chatCall("Abc123xyZ", { command: "sleep 30" }),
      strictly(CHAT_SERVERS.mistral, chatText("hello")),
    )
    const { chatId, reader } = await raw.begin(chat, "slow")
    await raw.engines.workspace.startedTimes("sleep 30", 1)
    await raw.engine.interrupt(chatId)
    await reader.activity("waiting")
    expect((await raw.turn({ chatId, reader }, "hello again")).lines.at(-1)).toBe("assistant: hello")
  })

  it("a user after a user, where a turn failed", async () => {
    chat.server.answer(refused("no", 400), strictly(CHAT_SERVERS.gemma, chatText("hello")))
    const { chatId, reader } = await raw.begin(chat, "please fail")
    await reader.activity("error")
    expect((await raw.turn({ chatId, reader }, "hello again")).lines.at(-1)).toBe("assistant: hello")
  })

  it("a user after a summary", async () => {
    const gemma = (text: string) => strictly(CHAT_SERVERS.gemma, chatText(text))
    chat.server.answer(gemma("hi"), gemma("the gist"), gemma("on"))
    const { chatId, reader } = await raw.begin(chat, "hi")
    await reader.activity("waiting")
    await raw.compact({ chatId, reader })
    expect((await raw.turn({ chatId, reader }, "next")).lines.at(-1)).toBe("assistant: on")
  })
})

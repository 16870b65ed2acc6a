import { Effect, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { Encryption } from "../../../src/db/engine/encryption.ts"
import { keyPlace, ModelCatalog } from "../../../src/models/catalog.ts"
import { caseFile, chatText, type RawAnswer, sse } from "../../support/raw-provider.ts"
import { type RawModel, useRawModels } from "../../support/raw-models.ts"
import { messagesText, refused, responsesText, strictly } from "../../support/strict-provider.ts"
import { CHAT_SERVERS } from "../../support/strict-provider/chat.ts"
import { messagesOf } from "../../support/strict-provider/messages.ts"
import { responsesOf } from "../../support/strict-provider/responses.ts"
import type { Refuse } from "../../support/strict-provider/texts.ts"

/** What a provider needs back goes back to it, in every later request, and to nobody else. */

const raw = useRawModels()

interface Said {
  readonly activity: string
  readonly lines: ReadonlyArray<string>
}

const says =
  (text: string) =>
  ({ activity, lines }: Said): boolean =>
    activity === "waiting" && lines.at(-1) === `assistant: ${text}`

type Message = Readonly<Record<string, unknown>>

/** Messages of the latest request to a server. */
const sent = ({ server }: RawModel): ReadonlyArray<Message> => {
  const messages = server.requests.at(-1)?.body["messages"]
  return Array.isArray(messages) ? messages : []
}

/** A turn of one call of `execute` that ends at once, and then the text. */
const turnWithCall = async (model: RawModel, step: RawAnswer, refuse: Refuse, command = "echo hi") => {
  model.server.answer(step, strictly(refuse, chatText("done")))
  const running = raw.nextCommand(command)
  const chat = await raw.begin(model, "use the tool")
  await running.end()
  await chat.reader.until(({ activity }) => activity === "waiting" || activity === "error")
  expect(chat.reader.view.error).toBeUndefined()
  return chat
}

it("a signature on a call goes back on that call", async () => {
  const gemini = await raw.add("openai-compat")
  const step = caseFile("01-thought-signature/step1.sse")
  const { reader } = await turnWithCall(gemini, step, (body) =>
    JSON.stringify(body["messages"]).includes('"extra_content":{"google":{"thought_signature":"SIG-1"}}')
      ? undefined
      : "Function call is missing a thought_signature in functionCall parts.",
  )
  expect(reader.view.lines.at(-1)).toBe("assistant: done")
})

describe("reasoning that is wanted back with every call", () => {
  const { deepseek } = CHAT_SERVERS

  it("goes back in later turns", async () => {
    const model = await raw.add("openai-compat")
    const { chatId, reader } = await turnWithCall(model, caseFile("02-reasoning-every-turn/step1.sse"), deepseek)
    model.server.answer(strictly(deepseek, chatText("plain")))
    expect((await raw.turn({ chatId, reader }, "and now plain")).lines.at(-1)).toBe("assistant: plain")
    expect(sent(model).find(({ tool_calls }) => tool_calls !== undefined)).toMatchObject({
      reasoning_content: "I need the tool",
    })
  })

  it("goes back of a call that the user stopped", async () => {
    const model = await raw.add("openai-compat")
    model.server.answer(caseFile("02-reasoning-every-turn/step1.sse"), strictly(deepseek, chatText("plain")))
    const command = raw.nextCommand("echo hi")
    const { chatId, reader } = await raw.begin(model, "slow tool")
    await command.begun()
    await raw.engine.interrupt(chatId)
    await reader.activity("waiting")
    expect((await raw.turn({ chatId, reader }, "go on plainly")).lines.at(-1)).toBe("assistant: plain")
  })

  it("is empty where the model gave none, and the server is asked once", async () => {
    const model = await raw.add("openai-compat")
    const step = caseFile("02-reasoning-every-turn/step1-no-reasoning.sse")
    const last = strictly(deepseek, chatText("plain"))
    // Refused the first time, since nothing told that this server wants it.
    model.server.answer(step, last, last, last)
    const command = raw.nextCommand("echo x")
    const { chatId, reader } = await raw.begin(model, "noreason tool")
    await command.end()
    await reader.until(says("plain"))
    await raw.send(chatId, "more")
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.length === 6)
    expect(model.server.requests).toHaveLength(4)
    expect(sent(model).find(({ tool_calls }) => tool_calls !== undefined)).toMatchObject({ reasoning_content: "" })
  })

  it("is a blank where an empty one counts as none, of calls that another model made too", async () => {
    const [maker, kimi] = [await raw.add("openai-compat"), await raw.add("openai-compat")]
    const step = caseFile("02-reasoning-every-turn/step1-no-reasoning.sse")
    const { chatId, reader } = await turnWithCall(maker, step, CHAT_SERVERS.openai, "echo x")
    kimi.server.always(strictly(CHAT_SERVERS.kimi, chatText("kimi here")))
    expect((await raw.turn({ chatId, reader }, "and you?", kimi)).lines.at(-1)).toBe("assistant: kimi here")
  })

  it("never goes to a server that did not send it", async () => {
    const [maker, groq] = [await raw.add("openai-compat"), await raw.add("openai-compat")]
    const { chatId, reader } = await turnWithCall(maker, caseFile("02-reasoning-every-turn/step1.sse"), deepseek)
    groq.server.answer(strictly(CHAT_SERVERS.groq, chatText("groq here")))
    expect((await raw.turn({ chatId, reader }, "and you?", groq)).lines.at(-1)).toBe("assistant: groq here")
  })
})

const thinkingCall = [
  { type: "message_start", message: { id: "m", usage: { input_tokens: 1, output_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "I need the tool" } },
  { type: "content_block_stop", index: 0 },
  { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "t1", name: "execute", input: {} } },
  { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"command":"echo u"}' } },
  { type: "content_block_stop", index: 1 },
  { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
]

it("thinking that nobody signed goes back to an endpoint that signs none, and to no other", async () => {
  const [minimax, anthropic] = [await raw.add("anthropic", "minimax-m2"), await raw.add("anthropic", "claude-test-4-5")]
  const unsigned = messagesOf({ seal: undefined, wanted: true })
  const command = raw.nextCommand("echo u")
  minimax.server.answer(
    sse(...thinkingCall),
    strictly(unsigned, messagesText("done")),
    strictly(unsigned, messagesText("more")),
  )
  const { chatId, reader } = await raw.begin(minimax, "go")
  await command.end()
  await reader.until(says("done"))
  expect((await raw.turn({ chatId, reader }, "on")).lines.at(-1)).toBe("assistant: more")
  expect(JSON.stringify(sent(minimax))).toContain('{"type":"thinking","thinking":"I need the tool"}')
  anthropic.server.answer(strictly(messagesOf({ seal: "SIG-A" }), messagesText("signed here")))
  expect((await raw.turn({ chatId, reader }, "and you?", anthropic)).lines.at(-1)).toBe("assistant: signed here")
})

describe("what is sealed for one", () => {
  const chat = (refuse: Refuse) => strictly(refuse, chatText("answer of B"))
  const pairs = [
    {
      name: "encrypted reasoning of one organization, to another",
      types: ["openai", "openai"],
      model: "gpt-5.2",
      file: "responses-A.sse",
      seal: "ENC-ORG-A",
      answer: strictly(responsesOf("ENC-ORG-B"), responsesText("answer of B")),
    },
    {
      name: "thinking signed by a compatible server, to Anthropic",
      types: ["anthropic", "anthropic"],
      model: "claude-test-4-5",
      file: "anthropic-A.sse",
      seal: "SIG-K",
      answer: strictly(messagesOf({ seal: "SIG-ANTHROPIC" }), messagesText("answer of B")),
    },
    {
      name: "signed details of one model, to another of the same gateway",
      types: ["openrouter", "openrouter"],
      model: "raw",
      file: "openrouter-A.sse",
      seal: "SIG-A",
      answer: chat(CHAT_SERVERS.openrouter),
    },
    {
      name: "details of a gateway, to a server that knows no such field",
      types: ["openrouter", "openai-compat"],
      model: "raw",
      file: "openrouter-A.sse",
      seal: "reasoning_details",
      answer: chat(CHAT_SERVERS.groq),
    },
  ] as const

  it.each(pairs)("is not sent: $name", async ({ answer, file, model, seal, types }) => {
    const a = await raw.add(types[0], model)
    const b = await raw.add(types[1], model)
    a.server.answer(caseFile(`30-sealed-for-another/${file}`))
    b.server.answer(answer, answer)
    const { chatId, reader } = await raw.begin(a, "hello")
    await reader.activity("waiting")
    expect((await raw.turn({ chatId, reader }, "and you?", b)).lines.at(-1)).toBe("assistant: answer of B")
    await raw.send(chatId, "again")
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.length === 6)
    for (const { body } of b.server.requests) expect(JSON.stringify(body)).not.toContain(seal)
    expect(JSON.stringify(b.server.requests[0]?.body)).toContain("answer of")
    // The one who sealed it gets it back.
    a.server.answer(caseFile(`30-sealed-for-another/${file}`))
    await raw.send(chatId, "and A?", a)
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.length === 8)
    expect(JSON.stringify(a.server.requests.at(-1)?.body)).toContain(seal)
  })

  /** Gives the provider of a model config another key, as an administrator would. */
  const changeKey = async (model: RawModel, key: string) => {
    const [provider] = await raw.engines.query<{ id: string }>(
      (sql) => sql`select ai_provider_id as id from model_configs where id = ${model.id}`,
    )
    const id = provider?.id ?? ""
    const change = Effect.gen(function* () {
      const encryption = yield* Encryption
      return encryption.encrypt(keyPlace(id), Redacted.make(key))
    })
    const sealed = await raw.engine.run(change)
    await raw.engines.query((sql) => sql`update providers set api_key = ${sealed} where id = ${id}`)
    await raw.engine.run(Effect.flatMap(ModelCatalog, ({ invalidate }) => invalidate))
  }

  it("is not sent to the same model under another account", async () => {
    const model = await raw.add("openai", "gpt-5.2")
    model.server.answer(caseFile("30-sealed-for-another/responses-A.sse"), responsesText("same account"))
    const { chatId, reader } = await raw.begin(model, "hello")
    await reader.activity("waiting")
    expect((await raw.turn({ chatId, reader }, "again")).lines.at(-1)).toBe("assistant: same account")
    expect(JSON.stringify(model.server.requests[1]?.body)).toContain("ENC-ORG-A")
    await changeKey(model, "key of another account")
    model.server.answer(strictly(responsesOf("ENC-ORG-B"), responsesText("other account")))
    expect((await raw.turn({ chatId, reader }, "and now?")).lines.at(-1)).toBe("assistant: other account")
  })

  it("is not sent when the model config calls another model", async () => {
    const model = await raw.add("openrouter")
    model.server.answer(caseFile("30-sealed-for-another/openrouter-A.sse"))
    const { chatId, reader } = await raw.begin(model, "hello")
    await reader.activity("waiting")
    await raw.engines.query((sql) => sql`update model_configs set model = 'another' where id = ${model.id}`)
    await raw.engine.run(Effect.flatMap(ModelCatalog, ({ invalidate }) => invalidate))
    model.server.answer(strictly(CHAT_SERVERS.openrouter, chatText("another here")))
    expect((await raw.turn({ chatId, reader }, "and you?")).lines.at(-1)).toBe("assistant: another here")
  })

  it("and refused all the same, is left out of one more request of the same attempt", async () => {
    const model = await raw.add("openai", "gpt-5.2")
    const once = refused("The encrypted content gAAA could not be verified. Reason: it could not be decrypted.")
    model.server.answer(caseFile("30-sealed-for-another/responses-A.sse"), once, responsesText("without it"))
    const { chatId, reader } = await raw.begin(model, "hello")
    await reader.activity("waiting")
    const view = await raw.turn({ chatId, reader }, "again")
    expect(view.lines.at(-1)).toBe("assistant: without it")
    expect(view.retries).toEqual([])
    const [, first, second] = model.server.requests.map(({ body }) => JSON.stringify(body["input"]))
    expect([first?.includes("ENC-ORG-A"), second?.includes("ENC-ORG-A")]).toEqual([true, false])
  })
})

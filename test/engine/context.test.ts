import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { ModelCatalog } from "../../src/models/catalog.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"
import { written } from "../support/written-state.ts"

/** What of a chat's history goes to the model: summarised or cleared on request, and still there to be read. */

const engines = useEngines({ TROUPE_COMPACTION_MS: "2500" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

interface PromptLine {
  readonly role: string
  readonly content: unknown
}

const latest = () => {
  const request = engines.provider.requests.at(-1)
  if (request === undefined) throw new Error("The model was not asked")
  return request.body
}

const promptOf = (body: Readonly<Record<string, unknown>>) => body["messages"] as ReadonlyArray<PromptLine>

/** Roles and texts of the latest request, without the system prompt. */
const asked = (): ReadonlyArray<string> =>
  promptOf(latest())
    .filter(({ role }) => role !== "system")
    .map(({ role, content }) => `${role}: ${typeof content === "string" ? content : JSON.stringify(content)}`)

const talk = async (...replies: ReadonlyArray<string>) => {
  engines.provider.script({ items: [{ text: replies[0] ?? "" }] })
  const chatId = await engine.create("question 1")
  const reader = follow(engine, chatId)
  await reader.activity("waiting")
  for (const [index, reply] of replies.slice(1).entries()) {
    engines.provider.script({ items: [{ text: reply }] })
    await engine.send(chatId, `question ${index + 2}`)
    await reader.until(({ lines, activity }) => activity === "waiting" && lines.at(-1) === `assistant: ${reply}`)
  }
  return { chatId, reader }
}

const next = async ({ chatId, reader }: Awaited<ReturnType<typeof talk>>, words: string, reply: string) => {
  engines.provider.script({ items: [{ text: reply }] })
  await engine.send(chatId, words)
  await reader.until(({ lines, activity }) => activity === "waiting" && lines.at(-1) === `assistant: ${reply}`)
}

const compacted = ({ reader }: Awaited<ReturnType<typeof talk>>) =>
  reader.until(({ lines, activity }) => activity === "waiting" && lines.at(-1) === "tool: <chat_summarized done>")

describe("compaction on request", () => {
  it("takes a slot like a turn, and the model goes on from the summary", async () => {
    const chat = await talk("answer 1", "answer 2")
    const messages = promptOf(latest())
    engines.provider.script({
      items: [{ text: ["They talked", " about numbers."] }],
      usage: { input: 700, output: 20 },
    })
    await engine.compact(chat.chatId)
    const view = await compacted(chat)
    expect(view.lines).toEqual([
      "user: question 1",
      "assistant: answer 1",
      "user: question 2",
      "assistant: answer 2",
      "assistant: <chat_summarized>",
      "tool: <chat_summarized done>",
    ])
    expect(view.transcript.at(-1)?.content).toMatchObject([
      {
        result: {
          source: "manual",
          summary: "They talked about numbers.",
          context_tokens: 700,
          context_limit_tokens: 100_000,
          usage_percent: 1,
        },
      },
    ])
    // Nothing but the instruction is new in the request, tools included: a provider's cache of the prefix holds.
    const request = latest()
    expect(promptOf(request).slice(0, messages.length)).toEqual(messages)
    expect(request).toMatchObject({ tool_choice: "none", tools: expect.arrayContaining([expect.anything()]) })

    await next(chat, "question 3", "answer 3")
    expect(asked()).toEqual([expect.stringMatching(/They talked about numbers.\n\nquestion 3$/)])
    const events = await engines.query<{ event: string; to: string }>(
      (sql) => sql`select event, to_activity as to from chat_transitions where chat_id = ${chat.chatId}
        and (event in ('RequestCompaction', 'CommitCompaction') or to_activity = 'running.compacting') order by version`,
    )
    expect(events).toEqual([
      { event: "RequestCompaction", to: "running.compacting" },
      { event: "CommitCompaction", to: "waiting" },
    ])
    // Its tokens are in the books.
    const [row] = await engines.query<{ output_tokens: number }>(
      (sql) =>
        sql`select output_tokens from chat_messages where chat_id = ${chat.chatId} and role = 'assistant' and compressed`,
    )
    expect(row).toEqual({ output_tokens: 20 })
  })

  it("holds after the actor is loaded again", async () => {
    const chat = await talk("answer 1")
    engines.provider.script({ items: [{ text: "the gist" }] })
    await engine.compact(chat.chatId)
    await compacted(chat)
    await engine.stop()
    engine = await engines.start()
    const reader = follow(engine, chat.chatId)
    await reader.activity("waiting")
    await next({ chatId: chat.chatId, reader }, "and now", "answer 2")
    expect(asked()).toEqual([expect.stringMatching(/^user: .*the gist\n\nand now$/s)])
  })

  it("leaves messages that nobody has answered to be answered", async () => {
    const chat = await talk("answer 1")
    engines.provider.script({ items: [{ event: { error: { message: "no", code: 400 } } }] })
    await engine.send(chat.chatId, "unanswered")
    await chat.reader.activity("error")
    engines.provider.script({ items: [{ text: "the gist" }] })
    await engine.compact(chat.chatId)
    await compacted(chat)
    expect(asked().join("\n")).not.toContain("unanswered")
    await next(chat, "well?", "answer 2")
    expect(asked()).toEqual([expect.stringMatching(/^user: .*the gist\n\nunanswered\n\nwell\?$/s)])
  })

  it("lets messages wait, and takes them up when it is done", async () => {
    const chat = await talk("answer 1")
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }, { text: "the gist" }] }, { items: [{ text: "answer 2" }] })
    await engine.compact(chat.chatId)
    await chat.reader.activity("running.compacting")
    await engine.send(chat.chatId, "meanwhile")
    gate.open()
    await chat.reader.until(({ lines, activity }) => activity === "waiting" && lines.at(-1) === "assistant: answer 2")
    expect(asked()).toEqual([expect.stringMatching(/^user: .*the gist\n\nmeanwhile$/s)])
  })

  it("can be interrupted, and then nothing has changed", async () => {
    const chat = await talk("answer 1")
    engines.provider.script({ items: [{ text: "the gi" }, { silence: true }] })
    await engine.compact(chat.chatId)
    await engines.provider.taken()
    await engine.interrupt(chat.chatId)
    const view = await chat.reader.activity("waiting")
    expect(view.lines).toEqual(["user: question 1", "assistant: answer 1"])
    await next(chat, "question 2", "answer 2")
    expect(asked()).toEqual(["user: question 1", "assistant: answer 1", "user: question 2"])
  })

  it("is taken up after a crash", async () => {
    const chat = await talk("answer 1")
    const before = engines.provider.requests.length
    engines.provider.script({ items: [{ silence: true }] }, { items: [{ text: "the gist" }] })
    await engine.compact(chat.chatId)
    await engines.provider.requestArrived(before + 1)
    await engine.crash()
    engine = await engines.start()
    const reader = follow(engine, chat.chatId)
    const view = await compacted({ chatId: chat.chatId, reader })
    expect(view.lines.slice(0, 2)).toEqual(["user: question 1", "assistant: answer 1"])
  })

  it.each([
    { name: "no summary", step: { items: [{ text: "  " }] }, times: 3, message: /wrote no summary/ },
    { name: "a summary that takes too long", step: { items: [{ silence: true }] }, times: 3, message: /in time/ },
    {
      name: "a refusal",
      step: { status: 401, message: "bad key" },
      times: 1,
      message: /./,
    },
  ] as const)("says so after $name, and loses nothing", async ({ step, times, message }) => {
    const chat = await talk("answer 1")
    engines.provider.script(...Array.from({ length: times }, () => step))
    await engine.compact(chat.chatId)
    const view = await chat.reader.activity("error")
    expect(view.error?.message).toMatch(message)
    expect(view.lines).toEqual(["user: question 1", "assistant: answer 1"])
    await next(chat, "question 2", "answer 2")
    expect(asked()).toEqual(["user: question 1", "assistant: answer 1", "user: question 2"])
  })

  it("is charged for the tries that brought no summary, too", async () => {
    const priced = await engines.addModel(
      {
        provider: "openai-compat",
        display_name: "Priced",
        base_url: `${engines.provider.url}/v1`,
        api_key: engines.provider.apiKey,
      },
      { model_config: { cost: { input_price_per_million_tokens: "2", output_price_per_million_tokens: "10" } } },
    )
    await engine.run(Effect.flatMap(ModelCatalog, ({ invalidate }) => invalidate))
    engines.provider.script({ items: [{ text: "answer 1" }] })
    const chatId = await engine.create("question 1", { more: { model_config_id: priced } })
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    engines.provider.script(
      { items: [{ text: " " }], usage: { input: 700, output: 5 } },
      { items: [{ text: "the gist" }], usage: { input: 710, output: 20 } },
    )
    await engine.compact(chatId)
    const view = await compacted({ chatId, reader })
    // What the model holds is what the last of them was told.
    expect(view.transcript.at(-1)?.content).toMatchObject([{ result: { summary: "the gist", context_tokens: 710 } }])
    const [row] = await engines.query<object>(
      (sql) => sql`select model_config_id, input_tokens, output_tokens, context_limit, total_cost_micros
        from chat_messages where chat_id = ${chatId} and role = 'assistant' and compressed`,
    )
    expect(row).toEqual({
      model_config_id: priced,
      input_tokens: 1410,
      output_tokens: 25,
      context_limit: 100_000,
      total_cost_micros: 2 * 1410 + 10 * 25,
    })
  })

  it("is refused where there is nothing to summarise, and while the chat works", async () => {
    const chat = await talk("answer 1")
    engines.provider.script({ items: [{ text: "the gist" }] })
    await engine.compact(chat.chatId, "once")
    await compacted(chat)
    await engine.compact(chat.chatId, "once")
    expect(await refusal(engine.compact(chat.chatId))).toMatchObject({ _tag: "NothingToForget" })
    engines.provider.script({ items: [{ silence: true }] })
    await engine.send(chat.chatId, "work")
    await engines.provider.taken()
    expect(await refusal(engine.compact(chat.chatId))).toMatchObject({ _tag: "CommandRefused", reason: "not_allowed" })
    await engine.interrupt(chat.chatId)
    await chat.reader.activity("waiting")
    await engine.patch(chat.chatId, { archived: true })
    expect(await refusal(engine.compact(chat.chatId))).toMatchObject({ _tag: "CommandRefused", reason: "archived" })
  })
})

describe("clearing the context", () => {
  it("hides the history from the model at once, and from nobody else", async () => {
    const chat = await talk("answer 1")
    await engine.clear(chat.chatId)
    await chat.reader.until(({ lines }) => lines.at(-1) === "tool: <context_cleared done>")
    await next(chat, "question 2", "answer 2")
    expect(asked()).toEqual(["user: question 2"])
    expect(chat.reader.view.lines).toEqual([
      "user: question 1",
      "assistant: answer 1",
      "assistant: <context_cleared>",
      "tool: <context_cleared done>",
      "user: question 2",
      "assistant: answer 2",
    ])
    // The system prompt is not part of what is cleared.
    expect(promptOf(latest())).toContainEqual(expect.objectContaining({ role: "system" }))
  })

  it("is undone by editing a message before it", async () => {
    const chat = await talk("answer 1", "answer 2")
    await engine.clear(chat.chatId)
    await next(chat, "question 3", "answer 3")
    const second = chat.reader.view.transcript.find(({ content }) => JSON.stringify(content).includes("question 2"))
    engines.provider.script({ items: [{ text: "better" }] })
    await engine.edit(chat.chatId, second?.id ?? 0, "question 2, anew")
    await chat.reader.until(({ lines, activity }) => activity === "waiting" && lines.at(-1) === "assistant: better")
    expect(asked()).toEqual(["user: question 1", "assistant: answer 1", "user: question 2, anew"])
  })

  it("answers calls that an error left open", async () => {
    engines.provider.script({ items: [{ calls: [{ tool: "ask", args: {}, id: "a" }] }] })
    const chatId = await engine.create("go", {
      more: { unsafe_dynamic_tools: [{ name: "ask", input_schema: { type: "object" } }] },
    })
    const reader = follow(engine, chatId)
    await reader.activity("requires_action.client_tools")
    // As a server leaves it that ends a turn among its tools.
    await engine.crash()
    await engines.query(
      (sql) => sql`update chats set ${sql.update(written("error"))}, requires_action_deadline_at = null,
        last_error = '{"message": "It broke.", "retryable": false}' where id = ${chatId} returning id`,
    )
    engine = await engines.start()
    await engine.clear(chatId)
    const view = await follow(engine, chatId).until(({ lines }) => lines.at(-1) === "tool: <context_cleared done>")
    expect(view.lines).toEqual([
      "user: go",
      "assistant: <ask>",
      "tool: <ask failed>",
      "assistant: <context_cleared>",
      "tool: <context_cleared done>",
    ])
    expect(view.activity).toBe("waiting")
    await next({ chatId, reader: follow(engine, chatId) }, "again", "fine")
    expect(asked()).toEqual(["user: again"])
  })

  it("is refused where there is nothing to clear, and with a backlog", async () => {
    const chat = await talk("answer 1")
    await engine.clear(chat.chatId, "once")
    await engine.clear(chat.chatId, "once")
    expect(await refusal(engine.clear(chat.chatId))).toMatchObject({ _tag: "NothingToForget" })
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }, { event: { error: { message: "no", code: 400 } } }] })
    await engine.send(chat.chatId, "work")
    await chat.reader.activity("running.generating")
    expect(await refusal(engine.clear(chat.chatId))).toMatchObject({ _tag: "CommandRefused" })
    await engine.send(chat.chatId, "queued")
    gate.open()
    await chat.reader.activity("error")
    expect(await refusal(engine.clear(chat.chatId))).toMatchObject({ _tag: "CommandRefused" })
  })
})

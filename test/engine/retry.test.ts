import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { CapacityLimits } from "../../src/actors/host/capacity-limits.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

/** Doing a turn that has failed again: no message is added, and what was tried before is kept. */

const engines = useEngines({
  TROUPE_IDLE_ACTOR_MS: "60000",
  TROUPE_RETRY_BASE_MS: "600000",
  TROUPE_RETRY_CAP_MS: "600000",
})
const follow = useReaders()
let engine: Engine
let other: string

beforeAll(async () => {
  other = await engines.addModel({
    provider: "openai-compat",
    display_name: "Another",
    base_url: `${engines.provider.url}/v1`,
    api_key: engines.provider.apiKey,
  })
  engine = await engines.start()
})

const REFUSED = { status: 400, message: "invalid model" }
const BUSY = { status: 503, message: "busy" }

/** A chat whose turn has ended in an error after these words. */
const failed = async (...shown: ReadonlyArray<string>) => {
  const words = shown.map((text) => ({ text }))
  engines.provider.script(
    words.length === 0 ? REFUSED : { items: [...words, { event: { error: { message: "no", code: 400 } } }] },
  )
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.activity("error")
  return { chatId, reader }
}

const backingOff = async () => {
  engines.provider.script(BUSY)
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.activity("running.backing_off")
  return { chatId, reader }
}

const attempts = (chatId: string) =>
  engines.query<{ attempt: number; reason: string; text: string | null; model: string }>(
    (sql) => sql`
      select a.attempt, a.reason, a.model_config_id as model,
        (select string_agg(p.part ->> 'text', '' order by p.seq) from chat_parts p where p.chat_id = a.chat_id
          and p.history_version = a.history_version and p.attempt = a.attempt) as text
      from chat_attempts a where a.chat_id = ${chatId} order by a.history_version, a.attempt`,
  )

const journal = async (chatId: string) => {
  const rows = await engines.query<{ event: string }>(
    (sql) => sql`select event from chat_transitions where chat_id = ${chatId} order by version`,
  )
  return rows.map(({ event }) => event)
}

describe("a turn that has failed", () => {
  it("is done again from the last message, and keeps what it had shown as an attempt", async () => {
    const { chatId, reader } = await failed("half a thought")
    engines.provider.script({ items: [{ text: "whole" }] })
    const row = await engine.retry(chatId)
    expect(row).toMatchObject({ id: chatId, last_error: null })
    const { lines, error } = await reader.activity("waiting")
    expect([lines, error]).toEqual([["user: go", "assistant: whole"], undefined])
    expect(await attempts(chatId)).toMatchObject([{ attempt: 1, reason: "error", text: "half a thought" }])
    // One commit: the retry brings its slot and counts its first attempt.
    expect(await journal(chatId)).toEqual(["Create", "FinishError", "Retry", "FinishTurn"])
  })

  it("is asked of another model, which is the chat's from then on", async () => {
    const { chatId, reader } = await failed()
    engines.provider.script({ items: [{ text: "mine" }] })
    await engine.retry(chatId, { model: other })
    await reader.activity("waiting")
    expect(reader.view.messages.size).toBe(2)
    expect((await engine.row(chatId)).last_model_config_id).toBe(other)
    expect([...reader.view.messages.values()].at(-1)?.model_config_id).toBe(other)
  })

  it("has all its attempts again", async () => {
    const gate = openGate()
    const limited = 5
    engines.provider.script({ ...REFUSED, after: gate.wait })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    gate.open()
    await reader.activity("error")
    engines.provider.script(BUSY)
    await engine.retry(chatId)
    await reader.until(({ retries }) => retries.length === 1)
    expect(reader.view.retries[0]).toMatchObject({ attempt: 1, max_attempts: limited })
    engines.provider.script({ items: [{ text: "at last" }] })
    await engine.retry(chatId)
    await reader.activity("waiting")
  })

  it("fails again, and says so again", async () => {
    const { chatId, reader } = await failed()
    engines.provider.script({ status: 401, message: "bad key" })
    await engine.retry(chatId)
    await reader.until(({ activity, error }) => activity === "error" && error?.kind === "auth")
    expect(await attempts(chatId)).toMatchObject([{ reason: "error" }, { reason: "error" }])
  })

  it("leaves the queue where it is, which goes on when the turn is over", async () => {
    const gate = openGate()
    engines.provider.script({ ...REFUSED, after: gate.wait })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("running.generating")
    await engine.send(chatId, "next")
    gate.open()
    await reader.activity("error")
    engines.provider.script({ items: [{ text: "to go" }] }, { items: [{ text: "to next" }] })
    await engine.retry(chatId)
    const { lines } = await reader.until((view) => view.activity === "waiting" && view.queue.length === 0)
    expect(lines).toEqual(["user: go", "assistant: to go", "user: next", "assistant: to next"])
  })

  it("is done again once by a call that is repeated", async () => {
    const { chatId, reader } = await failed()
    engines.provider.script({ items: [{ text: "once" }] })
    await engine.retry(chatId, { key: "key" })
    await reader.activity("waiting")
    expect(await engine.retry(chatId, { key: "key" })).toMatchObject({ id: chatId })
    expect((await journal(chatId)).filter((event) => event === "Retry")).toHaveLength(1)
  })

  it("waits in the line where no slot is free", async () => {
    const limit = (perUser: number | null) =>
      engine.run(
        Effect.flatMap(CapacityLimits, ({ write }) =>
          write({ deployment: null, perUser, perOrganization: null }, engine.caller.userId),
        ),
      )
    const { chatId, reader } = await failed()
    await limit(1)
    const gate = openGate()
    engines.provider.script({ items: [{ text: "holding" }, { gate: gate.wait }] })
    const holder = follow(engine, await engine.create("hold the slot"))
    await holder.shown("holding")
    expect((await engine.retry(chatId)).activity).toBe("pending")
    engines.provider.script({ items: [{ text: "my turn" }] })
    gate.open()
    expect((await reader.activity("waiting")).lines).toEqual(["user: go", "assistant: my turn"])
    await limit(null)
  })
})

describe("an attempt that is waited for", () => {
  it("is made at once, and counts on", async () => {
    const { chatId, reader } = await backingOff()
    engines.provider.script({ items: [{ text: "now" }] })
    await engine.retry(chatId)
    expect((await reader.activity("waiting")).lines).toEqual(["user: go", "assistant: now"])
    expect(await journal(chatId)).toEqual(["Create", "RecordRetryState", "Retry", "FinishTurn"])
  })
})

it("where nothing has failed there is nothing to try again", async () => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: "thinking" }, { gate: gate.wait }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("thinking")
  const nothing = { _tag: "CommandRefused", reason: "not_allowed", message: /nothing to try again/ }
  const refused = async () => {
    const { message, ...rest } = (await refusal(engine.retry(chatId))) as { readonly message: string }
    expect(rest).toMatchObject({ _tag: nothing._tag, reason: nothing.reason })
    expect(message).toMatch(nothing.message)
  }
  await refused()
  gate.open()
  await reader.activity("waiting")
  await refused()
})

import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { InstanceId } from "../../src/actors/host/instance.ts"
import { Admissions } from "../../src/db/chats/admission.ts"
import { ChatBoardReads } from "../../src/db/chats/board.ts"
import { Instances } from "../../src/db/chats/instances.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { ChatBrought } from "../../src/db/chats/brought.ts"
import { ChatStepReads } from "../../src/db/chats/steps.ts"
import { ChatTraceReads } from "../../src/db/chats/traces.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { explain, planNodes, recordStatements } from "../support/sent-plans.ts"
import type { SentStatement } from "../support/sent-statements.ts"

/** Tables that grow with every message. Each statement of a request or a turn must reach its rows through an index. */
const WATCHED = ["chat_messages", "chat_parts", "tool_calls", "chat_queued_messages"]

const engines = useEngines()
const follow = useReaders()
let engine: Engine
let chatId = ""

const CHATS = 200

beforeAll(async () => {
  engine = await engines.start()
  engines.provider.script(
    { items: [{ calls: [{ tool: "read_file", args: { path: "/a" } }] }] },
    { items: [{ text: "done" }] },
  )
  chatId = await engine.create("a chat among many")
  const first = follow(engine, chatId)
  await first.activity("waiting")
  await engines.query(
    (sql) => sql`
      with source as (select * from chats where id = ${chatId}),
      others as (
        insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id)
        select gen_random_uuid(), owner_id, organization_id, 'waiting', machine_version, last_model_config_id
        from source, generate_series(1, ${CHATS}) returning id, owner_id),
      messages as (
        insert into chat_messages (chat_id, created_version, role, content)
        select id, n, case when n % 2 = 0 then 'user' else 'assistant' end, '[]' from others, generate_series(1, 60) n
        returning id, chat_id, created_version),
      calls as (
        insert into tool_calls (id, chat_id, message_id, index, provider_call_id, tool_name, answered_version)
        select gen_random_uuid(), chat_id, id, 0, 'call', 'read_file', 2 from messages where created_version % 3 = 0),
      queued as (
        insert into chat_queued_messages (chat_id, created_version, removed_version, position, content, created_by)
        select id, n, n + 1, n, '[]', owner_id from others, generate_series(1, 30) n)
      insert into chat_parts (chat_id, history_version, attempt, seq, role, part)
      select id, 1, 1, n, 'assistant', '{}' from others, generate_series(1, 60) n returning seq`,
  )
  for (const table of [...WATCHED, "chats"]) await engines.query((sql) => sql`analyze ${sql(table)}`)
})

afterAll(() => {
  vi.restoreAllMocks()
})

const recording = (work: () => Promise<void>, tables = WATCHED) => recordStatements(work, tables)

const planOf = async (statement: SentStatement) => planNodes((await explain(engines.database.url, statement)).Plan)

/** Watched tables that the statement reads from one end to the other. */
const scanned = async (statement: SentStatement): Promise<ReadonlyArray<string>> =>
  (await planOf(statement)).flatMap((node) => {
    const table = node["Relation Name"] ?? ""
    return node["Node Type"] === "Seq Scan" && WATCHED.includes(table) ? [table] : []
  })

const expectIndexes = async (statements: ReadonlyArray<SentStatement>) => {
  const found: Array<{ readonly text: string; readonly tables: ReadonlyArray<string> }> = []
  for (const statement of statements) found.push({ text: statement.text, tables: await scanned(statement) })
  expect(found.filter(({ tables }) => tables.length > 0)).toEqual([])
}

describe("statements among many chats", () => {
  it("that read a whole table are found out", async () => {
    const everything = { text: "select id from chat_messages where visibility = $1", values: ["both"] }
    expect(await scanned(everything)).toEqual(["chat_messages"])
  })

  it("of every read use an index", async () => {
    const reads = await engine.run(ChatReads)
    const [row] = await engines.query<{ owner_id: string; ids: ReadonlyArray<number> }>(
      (sql) => sql`select owner_id, (select json_agg(id) from chat_messages where chat_id = ${chatId}) as ids
        from chats where id = ${chatId}`,
    )
    const { owner_id, ids } = row!
    const calls: Readonly<Record<keyof typeof reads, ReadonlyArray<Effect.Effect<unknown, unknown>>>> = {
      get: [reads.get(chatId)],
      facts: [reads.facts(chatId)],
      standing: [reads.standing(chatId)],
      listByIds: [reads.listByIds([chatId])],
      stateFacts: [reads.stateFacts(chatId)],
      toolPolicy: [reads.toolPolicy(chatId)],
      queuePositionOf: [reads.queuePositionOf(chatId)],
      listRoots: [
        reads.listRoots({ own: owner_id }, { limit: 50, offset: 0, archived: false, labels: [] }),
        reads.listRoots(
          { own: owner_id },
          {
            limit: 50,
            offset: 0,
            archived: true,
            labels: [{ team: "core" }, { size: "small" }],
          },
        ),
      ],
      listChildren: [reads.listChildren([chatId], false)],
      messages: [
        reads.messages(chatId, { limit: 50 }),
        reads.messages(chatId, { limit: 50, afterId: 1 }),
        reads.messages(chatId, { limit: 50, beforeId: 1000, afterId: 1 }),
      ],
      lastRole: [reads.lastRole(chatId)],
      messagesById: [reads.messagesById(chatId, ids)],
      queuedById: [reads.queuedById(chatId, [1, 2, 3])],
      wasPromoted: [reads.wasPromoted(chatId, 1)],
      messagesAt: [
        reads.messagesAt(chatId, { version: 9, sinceVersion: 2, afterId: 0 }),
        reads.messagesAt(chatId, { version: 9, sinceVersion: 0, afterId: 0, tail: 5 }),
      ],
      firstRemoved: [reads.firstRemoved(chatId, 1, 9)],
      firstEverRemoved: [reads.firstEverRemoved(chatId, 9)],
      queueAt: [reads.queueAt(chatId, 9)],
      queueNow: [reads.queueNow(chatId)],
      sinceBoundary: [reads.sinceBoundary(chatId)],
      transcript: [reads.transcript(chatId)],
      openCalls: [reads.openCalls(chatId)],
      lastCall: [reads.lastCall(chatId, "call")],
      parts: [reads.parts(chatId, { historyVersion: 1, attempt: 1, afterSeq: 0 })],
      partTexts: [reads.partTexts(chatId, { historyVersion: 1, attempt: 1, afterSeq: 0 })],
      attempts: [reads.attempts(chatId)],
      markRead: [reads.markRead(chatId, owner_id)],
      prompts: [reads.prompts(chatId, 2000)],
    }
    const statements = await recording(() =>
      engine.run(Effect.forEach(Object.values(calls).flat(), (call) => call, { discard: true }).pipe(Effect.orDie)),
    )
    // All but `facts`, `standing` and `queuePositionOf`, which read chats alone.
    expect(statements.length).toBeGreaterThanOrEqual(Object.keys(calls).length - 3)
    await expectIndexes(statements)
  })

  it("of all the steps of a chat use an index", async () => {
    const read = Effect.flatMap(ChatStepReads, (steps) => steps.rows(chatId, 0, 1000))
    const statements = await recording(() => engine.run(Effect.asVoid(read)), [...WATCHED, "chat_transitions"])
    expect(statements).toHaveLength(5)
    await expectIndexes(statements)
  })

  it("of a page of a chat's whole life use an index", async () => {
    const range = { after: 0, until: 100, version: 1000 }
    const read = Effect.gen(function* () {
      const traces = yield* ChatTraceReads
      yield* traces.fitting(chatId, range.after, range.until)
      yield* traces.rows(chatId, range)
    })
    const statements = await recording(() => engine.run(read), [...WATCHED, "chat_transitions"])
    expect(statements).toHaveLength(4)
    await expectIndexes(statements)
  })

  it("of what the transitions of a page came with use an index, and are one", async () => {
    const read = Effect.flatMap(ChatBrought, (brought) =>
      brought.by(chatId, { from: 2, to: 100, turningEvents: ["Admit"] }),
    )
    const statements = await recording(() => engine.run(Effect.asVoid(read)), [...WATCHED, "chat_transitions"])
    expect(statements).toHaveLength(1)
    await expectIndexes(statements)
    const turning = Effect.flatMap(ChatBrought, (brought) => brought.turningPoint(chatId, 100, ["Admit"]))
    const concerning = Effect.flatMap(ChatBrought, (brought) =>
      Effect.zip(brought.versionsOf(chatId, { message: 1 }), brought.versionsOf(chatId, { call: "call" })),
    )
    const others = await recording(
      () => engine.run(Effect.asVoid(Effect.zip(turning, concerning))),
      [...WATCHED, "chat_transitions"],
    )
    expect(others).toHaveLength(3)
    await expectIndexes(others)
  })

  it("of all cards of a board are one, by indexes, and sum what was paid from an index alone", async () => {
    const [all] = await engines.query<{ ids: ReadonlyArray<string> }>(
      (sql) => sql`select json_agg(id) as ids from chats`,
    )
    await engines.query((sql) => sql`update chat_messages set total_cost_micros = 5 where role = 'assistant'`)
    await engines.query((sql) => sql`vacuum analyze chat_messages`)
    for (const since of ["strip", "now"] as const) {
      const read = Effect.flatMap(ChatBoardReads, (board) => board.rows((all?.ids ?? []).slice(0, 50), since))
      const statements = await recording(
        () => engine.run(Effect.asVoid(Effect.orDie(read))),
        [...WATCHED, "chat_transitions"],
      )
      expect(statements).toHaveLength(1)
      await expectIndexes(statements)
      const [statement] = statements
      const nodes = statement === undefined ? [] : await planOf(statement)
      expect(nodes.filter((node) => node["Index Name"] === "chat_messages_cost")).toEqual([
        expect.objectContaining({ "Node Type": "Index Only Scan" }),
      ])
      expect(
        nodes.filter((node) => node["Relation Name"] === "chat_transitions" && node["Node Type"] === "Seq Scan"),
      ).toEqual([])
    }
  })

  it("that look for work among idle chats look at those with work alone", async () => {
    const look = Effect.gen(function* () {
      const instances = yield* Instances
      const admissions = yield* Admissions
      const instance = yield* InstanceId
      yield* instances.orphans(5000, 10)
      yield* instances.owned(instance)
      yield* instances.judge(5000)
      yield* admissions.forgotten(instance, 1000)
    }).pipe(Effect.orDie)
    const statements = await recording(() => engine.run(look), ["chats"])
    const indexes = new Set(["chats_owned", "chats_slots"])
    const found: Array<ReadonlyArray<string>> = []
    for (const statement of statements) {
      const used = (await planOf(statement)).map((node) => node["Index Name"] ?? "")
      found.push(used.filter((name) => indexes.has(name)))
    }
    expect(found.map((used) => used.length > 0)).toEqual([true, true, true, true])
  })

  it("of whole turns use an index", async () => {
    engines.provider.script(
      { items: [{ text: "half" }, { cut: "reset" }] },
      { items: [{ text: "look" }, { calls: [{ tool: "read_file", args: { path: "/b" } }] }] },
      { items: [{ text: "looked" }] },
      { items: [{ text: "long" }, { silence: true }] },
      { items: [{ text: "edited reply" }] },
    )
    const statements = await recording(async () => {
      const reader = follow(engine, chatId)
      await engine.send(chatId, "look again")
      await reader.until(({ lines, activity }) => activity === "waiting" && lines.includes("assistant: looked"))
      await engine.send(chatId, "at length")
      await reader.shown("long")
      const { queued } = await engine.send(chatId, "later")
      await engine.send(chatId, "never")
      await engine.removeQueued(chatId, queued?.id ?? 0)
      const user = reader.view.transcript.findLast(({ role }) => role === "user")
      await engine.edit(chatId, user?.id ?? 0, "edited")
      await reader.until(({ lines, activity }) => activity === "waiting" && lines.includes("assistant: edited reply"))
    })
    // Loading a chat is part of it.
    const loading = await recording(async () => {
      await engine.stop()
      engine = await engines.start()
      engines.provider.script({ items: [{ text: "loaded" }] })
      await engine.send(chatId, "after a restart")
      await follow(engine, chatId).until(
        ({ lines, activity }) => activity === "waiting" && lines.includes("assistant: loaded"),
      )
    })
    expect(statements.length).toBeGreaterThan(8)
    expect(loading.some(({ text }) => text.includes("answered_version is null"))).toBe(true)
    await expectIndexes([...statements, ...loading])
    expect(engines.provider.refusals).toEqual([])
  })
})

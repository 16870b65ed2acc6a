import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { giveSlot, type InertChats, useInertChats } from "../../../../test/support/inert-chats.ts"
import { machineState } from "../../../actors/chat/machine-state.ts"
import type { ChatMachineEvent } from "../../../machines/chat-events.ts"
import { decide } from "../../../machines/chat-state.ts"
import type { ChatRow } from "../rows.ts"
import { ChatCommits } from "./chat-commits.ts"
import { apply, type ChatCommit, plan } from "./commit.ts"
import type { LoadedChat } from "./loaded-chat.ts"

const chats = useInertChats()

/** A chat that this test owns, without an actor. */
const born = (): Promise<LoadedChat> =>
  chats.run(
    Effect.gen(function* () {
      const commits = yield* ChatCommits
      const { message_ids: _, ...row } = yield* commits.create(chats.newborn().chat, randomUUID())
      return { row, queue: [], openCalls: [] }
    }),
  )

const planned = (rows: LoadedChat, event: ChatMachineEvent): ChatCommit => {
  const decision = decide(machineState(rows), event)
  if (decision === undefined) throw new Error(`${event.type} is refused in ${rows.row.activity}`)
  const { next, changes } = decision
  const transition = { event, value: next.value, context: next.context, changes, actorUserId: null }
  return { ...plan(rows, { ...transition, now: new Date().toISOString(), startedAtUs: 0 }), receipt: null }
}

/** The rows of the owner after an event, and the row in the database. */
const after = (rows: LoadedChat, event: ChatMachineEvent) =>
  chats.run(
    Effect.gen(function* () {
      const commits = yield* ChatCommits
      const commit = planned(rows, event)
      if (commit.takesSlot === "row") yield* giveSlot(rows.row.id)
      const committed = yield* commits.commit(commit)
      const sql = yield* SqlClient.SqlClient
      const [stored] = yield* sql<ChatRow>`select * from chats where id = ${rows.row.id}`
      return { commit, committed, rows: apply(rows, commit, committed).state, stored }
    }),
  )

const writes = (build: Parameters<InertChats["query"]>[0]) => chats.query(build)

describe("the chat's row after a commit", () => {
  it("is the one of the database, through a turn that fails and is tried again", async () => {
    let rows = await born()
    const retrying_at = new Date().toISOString()
    const events: ReadonlyArray<ChatMachineEvent> = [
      { type: "Admit", modelConfigId: chats.modelConfigId },
      { type: "RecordRetryState", retry: { attempt: 1, delay_ms: 1, error: "busy", retrying_at } },
      { type: "Yield" },
      { type: "Admit", modelConfigId: chats.modelConfigId },
      { type: "FinishError", error: { message: "no", retryable: false } },
      { type: "SetArchived", archived: true },
    ]
    for (const event of events) {
      const next = await after(rows, event)
      expect({ after: event.type, ...next.rows.row }).toEqual({ after: event.type, ...next.stored })
      rows = next.rows
    }
  })

  it("has what others have written to it meanwhile", async () => {
    const rows = await born()
    await writes(
      (sql) =>
        sql`update chats set on_trial = true, suspicion = 2, recovery_attempts = 3 where id = ${rows.row.id} returning id`,
    )
    const { rows: next } = await after(rows, { type: "Admit", modelConfigId: chats.modelConfigId })
    expect(next.row).toMatchObject({ on_trial: true, suspicion: 2, recovery_attempts: 3 })
  })

  it("counts no crash any more once the history has changed", async () => {
    const { rows } = await after(await born(), { type: "Admit", modelConfigId: chats.modelConfigId })
    await writes(
      (sql) =>
        sql`update chats set on_trial = true, suspicion = 2, recovery_attempts = 3 where id = ${rows.row.id} returning id`,
    )
    const { rows: next } = await after(rows, {
      type: "FinishTurn",
      messages: [{ role: "assistant", visibility: "both", content: [] }],
    })
    expect(next.row).toMatchObject({ on_trial: false, suspicion: 0, recovery_attempts: 0 })
  })

  it("keeps a slot that was granted meanwhile for as long as the chat waits, and no longer", async () => {
    const { row } = await born()
    const waits = { row, queue: [], openCalls: [] }
    await chats.run(giveSlot(row.id))
    const { rows: next } = await after(waits, { type: "SetMode", mode: "plan" })
    expect(next.row.admitted_at).toBeInstanceOf(Date)
    const { rows: stopped } = await after(next, { type: "Interrupt" })
    expect(stopped.row).toMatchObject({ activity: "waiting", admitted_at: null })
  })

  it("is what it was, where the chat was to begin to run without a slot", async () => {
    const { row } = await born()
    const admit = planned({ row, queue: [], openCalls: [] }, { type: "Admit", modelConfigId: chats.modelConfigId })
    const commit = (change: Partial<ChatCommit> = {}) =>
      chats.run(Effect.flatMap(ChatCommits, (commits) => Effect.flip(commits.commit({ ...admit, ...change }))))
    expect(await commit()).toMatchObject({ _tag: "NoSlot", chatId: row.id })
    expect(await commit({ epoch: 2 })).toMatchObject({ _tag: "FenceLost" })
    const [stored] = await writes((sql) => sql`select * from chats where id = ${row.id}`)
    expect(stored).toEqual(row)
  })

  it("keeps `updated_at` when only the mode changes", async () => {
    const { row } = await born()
    const { rows } = await after({ row, queue: [], openCalls: [] }, { type: "SetMode", mode: "plan" })
    expect(rows.row).toMatchObject({ plan_mode: true, updated_at: row.updated_at, snapshot_version: 2 })
  })

  it("has the rules that were set, and keeps them with every later commit", async () => {
    const { row } = await born()
    const rules = [{ pattern: "execute", args: { command_prefix: ["npm", "it's"] }, action: "auto" }] as const
    const set = { type: "SetToolPolicy", rules, decisions: [], undecided: 0 } as const
    const { rows } = await after({ row, queue: [], openCalls: [] }, set)
    expect(rows.row).toMatchObject({ tool_policy: rules, updated_at: row.updated_at, snapshot_version: 2 })
    const { rows: later } = await after(rows, { type: "Interrupt" })
    expect(later.row.tool_policy).toEqual(rules)
    const [stored] = await writes((sql) => sql`select tool_policy from chats where id = ${row.id}`)
    expect(stored).toEqual({ tool_policy: rules })
  })

  it("has lost the pin of an archived chat, whoever set it", async () => {
    const { rows } = await after(await born(), { type: "Interrupt" })
    await writes((sql) => sql`update chats set pin_order = 4 where id = ${rows.row.id} returning id`)
    const { rows: next } = await after(rows, { type: "SetArchived", archived: true })
    expect(next.row).toMatchObject({ archived: true, pin_order: 0 })
  })

  it("is told again by its outcome, where the answer was lost", async () => {
    const { commit, committed } = await after(await born(), { type: "Admit", modelConfigId: chats.modelConfigId })
    const told = await chats.run(Effect.flatMap(ChatCommits, (commits) => commits.outcome(commit)))
    expect(told).toEqual(Option.some(committed))
  })
})

import { Effect } from "effect"
import { beforeAll, beforeEach, describe, expect, it } from "vitest"
import { Instances } from "../../src/db/chats/instances.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { written } from "../support/written-state.ts"

/** Whom a crash is held against, read from the rows that it leaves behind. */

const engines = useEngines({ TROUPE_SWEEP_MS: "600000" })
const follow = useReaders()
let engine: Engine
let chats: ReadonlyArray<string> = []

const DEAD = "11111111-1111-4111-8111-111111111111"

beforeAll(async () => {
  engine = await engines.start()
})

/** Three idle chats, whose rows the tests write as a server leaves them that has died. Nothing takes them up here. */
beforeEach(async () => {
  engines.provider.script(...["a", "b", "c"].map(() => ({ items: [{ text: "hi" }] })))
  chats = []
  for (const name of ["a", "b", "c"]) {
    const chatId = await engine.create(name)
    await follow(engine, chatId).activity("waiting")
    chats = [...chats, chatId]
  }
})

interface Facts {
  readonly suspicion?: number
  readonly onTrial?: boolean
  readonly recoveries?: number
  /** False: it waited for its trial, and had no owner. */
  readonly ran?: boolean
}

/** The rows after a crash, judged. */
const judged = async (...facts: ReadonlyArray<Facts>) => {
  for (const [index, { suspicion = 0, onTrial = false, recoveries = 0, ran = true }] of facts.entries()) {
    await engines.query(
      (sql) => sql`
        update chats set ${sql.update(written("running.generating"))}, owner_instance = ${ran ? DEAD : null}, suspicion = ${suspicion},
          on_trial = ${onTrial}, recovery_attempts = ${recoveries} where id = ${chats[index] ?? ""} returning id`,
    )
  }
  await engine.run(Effect.flatMap(Instances, (instances) => instances.judge(5000)))
  const rows = await engines.query<{ suspicion: number; recovery_attempts: number; on_trial: boolean; free: boolean }>(
    (sql) => sql`
      select suspicion, recovery_attempts, on_trial, owner_instance is null as free from chats
      where ${sql.in("id", chats)} and activity = 'running.generating' order by created_at`,
  )
  expect(rows.filter((row) => row.on_trial || !row.free)).toEqual([])
  await engines.query(
    (sql) => sql`update chats set ${sql.update(written("waiting"))} where ${sql.in("id", chats)} returning id`,
  )
  return rows.map((row) => [row.suspicion, row.recovery_attempts])
}

describe("a crash", () => {
  it("is the chat's that ran alone", async () => {
    expect(await judged({})).toEqual([[1, 1]])
  })

  it("is nobody's where several ran, and makes all of them suspect", async () => {
    expect(await judged({}, { suspicion: 1 }, { suspicion: 3 })).toEqual([
      [1, 0],
      [2, 0],
      [4, 0],
    ])
  })

  it("is the chat's that was on trial; those that ran beside it are not counted, those that waited are cleared", async () => {
    expect(
      await judged({ suspicion: 2, onTrial: true, recoveries: 1 }, { suspicion: 1 }, { suspicion: 2, ran: false }),
    ).toEqual([
      [3, 2],
      [2, 0],
      [0, 0],
    ])
  })

  it("is nobody's where two were on trial", async () => {
    expect(
      await judged({ suspicion: 2, onTrial: true }, { suspicion: 2, onTrial: true }, { suspicion: 2, ran: false }),
    ).toEqual([
      [3, 0],
      [3, 0],
      [2, 0],
    ])
  })

  it("is counted once, however often it is asked for", async () => {
    await judged({})
    await engine.run(Effect.flatMap(Instances, (instances) => instances.judge(5000)))
    const [row] = await engines.query<{ recovery_attempts: number }>(
      (sql) => sql`select recovery_attempts from chats where id = ${chats[0] ?? ""}`,
    )
    expect(row?.recovery_attempts).toBe(1)
  })

  it("is forgotten when the chat gets on", async () => {
    const [chatId = ""] = chats
    await engines.query(
      (sql) => sql`update chats set suspicion = 4, recovery_attempts = 2 where id = ${chatId} returning id`,
    )
    engines.provider.script({ items: [{ text: "fine" }] })
    await engine.send(chatId, "go on")
    await follow(engine, chatId).until(({ lines }) => lines.at(-1) === "assistant: fine")
    const [row] = await engines.query<{ suspicion: number; recovery_attempts: number }>(
      (sql) => sql`select suspicion, recovery_attempts from chats where id = ${chatId}`,
    )
    expect(row).toEqual({ suspicion: 0, recovery_attempts: 0 })
  })
})

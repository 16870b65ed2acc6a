import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { ChatCommits } from "../../src/db/chats/store/chat-commits.ts"
import { ChatParts } from "../../src/db/chats/parts.ts"
import { MAX_STEPS } from "../../src/turn/limits.ts"
import { type TestReader, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"
import { written } from "../support/written-state.ts"

const RECOVERY_ATTEMPTS = 2

const engines = useEngines({ TROUPE_RECOVERY_ATTEMPTS: String(RECOVERY_ATTEMPTS), TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

/** Another owner takes the chat, without the present one being told. */
const takeAway = (chatId: string) =>
  engines.query(
    (sql) =>
      sql`update chats set owner_epoch = owner_epoch + 1, owner_instance = null where id = ${chatId} returning id`,
  )

const row = async (chatId: string) => {
  const [found] = await engines.query<{
    readonly activity: string
    readonly snapshot_version: number
    readonly owner_epoch: number
    readonly recovery_attempts: number
  }>((sql) => sql`select activity, snapshot_version, owner_epoch, recovery_attempts from chats where id = ${chatId}`)
  if (found === undefined) throw new Error("no such chat")
  return found
}

const attempts = (chatId: string) =>
  engines.query<{ readonly attempt: number; readonly reason: string | null; readonly text: string | null }>(
    (sql) => sql`
      select a.attempt, a.reason, string_agg(p.part ->> 'text', '' order by p.seq) as text
      from chat_attempts a left join chat_parts p using (chat_id, history_version, attempt)
      where a.chat_id = ${chatId} group by a.history_version, a.attempt, a.reason order by a.history_version, a.attempt`,
  )

/** A turn that has shown `words`, in the log as well, and is held there. */
const heldTurn = async (words: string, prompt = "go") => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: words }, { gate: gate.wait }, { text: " and the rest" }] })
  const chatId = await engine.create(prompt)
  const reader = follow(engine, chatId)
  await reader.shown(words)
  await expect
    .poll(() => engines.query((sql) => sql`select seq from chat_parts where chat_id = ${chatId}`), { timeout: 10_000 })
    .not.toEqual([])
  return { chatId, reader, release: gate.open }
}

describe("the fence", () => {
  it("keeps an owner that lost the chat from writing anything", async () => {
    const { chatId, reader, release } = await heldTurn("stale")
    const before = await row(chatId)
    await takeAway(chatId)
    const tables = () =>
      engines.query(
        (sql) => sql`select (select count(*) from chat_messages where chat_id = ${chatId}) as messages,
          (select count(*) from chat_queued_messages where chat_id = ${chatId}) as queued,
          (select count(*) from chat_transitions where chat_id = ${chatId}) as transitions,
          (select count(*) from command_receipts where chat_id = ${chatId}) as receipts`,
      )
    const counted = await tables()
    // Nobody may take the chat up again before we have looked.
    const [{ id } = { id: "" }] = await engines.query<{ id: string }>(
      (sql) => sql`
      insert into instances (id, version) values (gen_random_uuid(), 'another server') returning id`,
    )
    await engines.query((sql) => sql`update chats set owner_instance = ${id} where id = ${chatId} returning id`)
    await expect(engine.send(chatId, "lost", { key: "fenced" })).rejects.toMatchObject({
      name: "(FiberFailure) ChatGone",
    })
    expect(await tables()).toEqual(counted)
    expect(await row(chatId)).toMatchObject({
      activity: before.activity,
      snapshot_version: before.snapshot_version,
      owner_epoch: before.owner_epoch + 1,
    })
    // The other server ends, and the chat comes back.
    engines.provider.script({ items: [{ text: "back again" }] })
    await engines.query((sql) => sql`delete from instances where id = ${id} returning id`)
    const view = await reader.until(({ lines }) => lines.includes("assistant: back again"))
    expect(view.lines).toEqual(["user: go", "assistant: back again"])
    release()
  })

  it("loads a chat that was lost again, and carries out every command that waits", async () => {
    const { chatId, reader, release } = await heldTurn("stale")
    await takeAway(chatId)
    const words = ["one", "two", "three", "four", "five"]
    engines.provider.script(
      { items: [{ text: "again" }] },
      ...words.map((word) => ({ items: [{ text: `to ${word}` }] })),
    )
    await Promise.all(words.map((word) => engine.send(chatId, word)))
    const view = await reader.until(({ lines, queue, activity }) => {
      return activity === "waiting" && queue.length === 0 && lines.length === 2 + 2 * words.length
    })
    expect(view.lines.slice(0, 2)).toEqual(["user: go", "assistant: again"])
    expect(view.lines.filter((line) => line.startsWith("user:")).toSorted()).toEqual(
      ["go", ...words].map((word) => `user: ${word}`).toSorted(),
    )
    release()
  })

  it("leaves out the parts of a stale owner and of a message already written", async () => {
    const { chatId, reader, release } = await heldTurn("mine")
    const [known] = await engines.query<{
      owner_epoch: number
      history_version: number
      generation_attempt: number
    }>((sql) => sql`select owner_epoch, history_version, generation_attempt from chats where id = ${chatId}`)
    const { owner_epoch, history_version, generation_attempt } = known!
    const part = (seq: number, change: { epoch?: number; history?: number; attempt?: number }) => ({
      chat_id: chatId,
      epoch: change.epoch ?? owner_epoch,
      history_version: change.history ?? history_version,
      attempt: change.attempt ?? generation_attempt,
      seq,
      role: "assistant" as const,
      part: { type: "text" as const, text: `part ${seq}` },
    })
    await engine.run(
      Effect.flatMap(ChatParts, (parts) =>
        parts.append([
          part(101, { epoch: owner_epoch - 1 }),
          part(102, { history: history_version - 1 }),
          part(103, { attempt: generation_attempt - 1 }),
          part(104, {}),
        ]),
      ),
    )
    const seqs = await engines.query<{ seq: number }>(
      (sql) => sql`select seq from chat_parts where chat_id = ${chatId} and seq > 100`,
    )
    expect(seqs).toEqual([{ seq: 104 }])
    release()
    await reader.activity("waiting")
    const left = await engines.query((sql) => sql`select seq from chat_parts where chat_id = ${chatId}`)
    expect(left).toEqual([])
  })

  it("does not give a chat of a live owner to another", async () => {
    const { chatId, reader, release } = await heldTurn("mine")
    const other = "11111111-1111-4111-8111-111111111111"
    const taken = await engine.run(Effect.flatMap(ChatCommits, (commits) => commits.activate(chatId, other, 5000)))
    expect(taken._tag).toBe("None")
    release()
    await reader.activity("waiting")
  })
})

describe("a lost connection to the database", () => {
  /** Ends the connections of the pool that hold the chat's row or are about to. */
  const endConnections = () =>
    engines.query(
      (sql) => sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    )

  it("in the middle of a commit makes it be made again, with the reply in hand", async () => {
    const { chatId, reader, release } = await heldTurn("first")
    // The commit of the turn's end waits for this lock and is cut off there.
    const locked = openGate()
    const unlock = openGate()
    const holding = engines.database.run(
      Effect.flatMap(SqlClient.SqlClient, (sql) =>
        sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`select id from chats where id = ${chatId} for update`
            locked.open()
            yield* Effect.promise(() => unlock.wait)
          }),
        ),
      ).pipe(Effect.orDie),
    )
    await locked.wait
    const asked = engines.provider.requests.length
    release()
    const blocked = () =>
      engines.query<{ pid: number }>(
        (sql) => sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
          and query like '%update chats set%'`,
      )
    await expect.poll(blocked, { timeout: 10_000 }).toHaveLength(1)
    const [victim] = await blocked()
    await engines.query((sql) => sql`select pg_terminate_backend(${victim!.pid})`)
    unlock.open()
    await holding
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: first and the rest"])
    expect(engines.provider.requests).toHaveLength(asked)
  })

  it("while a turn streams does not end it", async () => {
    const { reader, release } = await heldTurn("first", "streams without a database")
    const asked = engines.provider.requests.length
    await endConnections().catch(() => undefined)
    release()
    const view = await reader.idle()
    expect(view.error).toBeUndefined()
    expect(view.lines).toEqual(["user: streams without a database", "assistant: first and the rest"])
    expect(engines.provider.requests).toHaveLength(asked)
  })

  it("while a tool works does not end the turn", async () => {
    const release = engines.workspace.hold("/held")
    engines.provider.script({
      items: [{ calls: [{ tool: "read_file", args: { path: "/held" }, id: "a" }] }],
    })
    const chatId = await engine.create("works without a database")
    const reader = follow(engine, chatId)
    await engines.workspace.arrived("/held")
    engines.provider.script({ items: [{ text: "again" }], when: "works without a database" })
    await endConnections().catch(() => undefined)
    release()
    const view = await reader.idle()
    expect(view.error).toBeUndefined()
    expect(view.lines.slice(1)).toEqual(["assistant: <read_file>", "tool: <read_file done>", "assistant: again"])
  })
})

describe("after a crash", () => {
  /** Kills the engine of the file and starts its successor. */
  const crashAndRestart = async () => {
    await engine.crash()
    engine = await engines.start()
  }

  it("a reply goes on with a new attempt, and what was shown is kept as one that crashed", async () => {
    const { chatId, reader, release } = await heldTurn("lost words")
    engines.provider.script({ items: [{ text: "found words" }] })
    await crashAndRestart()
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: found words"])
    expect(await attempts(chatId)).toEqual([{ attempt: 1, reason: "crash", text: "lost words" }])
    const events = await engines.query<{ event: string }>(
      (sql) => sql`select event from chat_transitions where chat_id = ${chatId} order by version`,
    )
    // Taking a chat up is no transition.
    expect(events.map(({ event }) => event)).toEqual(["Create", "RecordGenerationAttempt", "FinishTurn"])
    expect(reader.view.lines).toEqual(["user: go"])
    release()
  })

  it("a call that had started runs again as a repeat, with the same identity", async () => {
    const release = engines.workspace.hold("/written")
    engines.provider.script(
      { items: [{ calls: [{ tool: "write_file", args: { path: "/written", content: "x" }, id: "a" }] }] },
      { items: [{ text: "done" }] },
    )
    const chatId = await engine.create("go")
    await engines.workspace.arrived("/written")
    const [call] = await engines.query<{ id: string; state: string }>(
      (sql) => sql`select id, state from tool_calls where chat_id = ${chatId}`,
    )
    expect(call?.state).toBe("started")
    await engine.crash()
    const before = engines.workspace.written.length
    release()
    engine = await engines.start()
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines.slice(2)).toEqual(["tool: <write_file done>", "assistant: done"])
    const repeated = engines.workspace.written.slice(before).findLast(({ path }) => path === "/written")
    expect(repeated?.identity).toMatchObject({ chatId, toolCallId: call?.id })
    expect(repeated?.identity.callAgeMs).toBeGreaterThan(0)
  })

  it("an interruption is brought to its end", async () => {
    const release = engines.workspace.hold("/stuck")
    engines.provider.script({
      items: [{ text: "reading" }, { calls: [{ tool: "read_file", args: { path: "/stuck" }, id: "a" }] }],
    })
    const chatId = await engine.create("go")
    await engines.workspace.arrived("/stuck")
    await engine.crash()
    // As a server leaves it that dies between the interrupt and its end.
    await engines.query(
      (
        sql,
      ) => sql`update chats set ${sql.update(written("running.interrupting"))}, owner_epoch = owner_epoch + 1 where id = ${chatId}
        returning id`,
    )
    release()
    engine = await engines.start()
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: reading <read_file>", "tool: <read_file failed>"])
  })

  it("again and again ends the turn with a reason", async () => {
    const { chatId, release } = await heldTurn("doomed")
    // As servers leave it that died that often in this turn.
    await engine.crash()
    await engines.query(
      (sql) => sql`update chats set recovery_attempts = ${RECOVERY_ATTEMPTS} where id = ${chatId} returning id`,
    )
    engine = await engines.start()
    const view = await follow(engine, chatId).activity("error")
    expect(view.error?.message).toMatch(/The server went down several times during this turn/)
    expect(await row(chatId)).toMatchObject({ recovery_attempts: RECOVERY_ATTEMPTS + 1 })
    release()
    engines.provider.script({ items: [{ text: "fine again" }] })
    await engine.send(chatId, "go on")
    const reader: TestReader = follow(engine, chatId)
    await reader.until(({ lines }) => lines.includes("assistant: fine again"))
    expect(await row(chatId)).toMatchObject({ recovery_attempts: 0 })
  })

  it("a turn that has used up its steps ends", async () => {
    const { chatId, release } = await heldTurn("endless")
    await engine.crash()
    await engines.query((sql) => sql`update chats set turn_steps = ${MAX_STEPS} where id = ${chatId} returning id`)
    engine = await engines.start()
    const view = await follow(engine, chatId).activity("error")
    expect(view.error?.message).toBe("The turn was stopped after 1200 steps. Send a message to go on.")
    release()
  })

  it("a clean stop counts as no crash", async () => {
    const { chatId, release } = await heldTurn("handed over")
    await engine.stop()
    expect(await row(chatId)).toMatchObject({ activity: "running.generating", recovery_attempts: 0 })
    engines.provider.script({ items: [{ text: "went on" }] })
    engine = await engines.start()
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: went on"])
    expect(await row(chatId)).toMatchObject({ recovery_attempts: 0 })
    release()
  })
})

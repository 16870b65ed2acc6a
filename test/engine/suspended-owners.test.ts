import { Effect } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { CapacityLimits } from "../../src/actors/host/capacity-limits.ts"
import { Standing } from "../../src/identity/standing.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { openGate } from "../support/scripted-provider.ts"

/** What becomes of the work of somebody whose account is suspended, and what does not. */

const engines = useEngines({
  TROUPE_IDLE_ACTOR_MS: "60000",
  TROUPE_RETRY_BASE_MS: "600000",
  TROUPE_RETRY_CAP_MS: "600000",
})
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const setStatus = (status: "active" | "suspended") =>
  engines.query((sql) => sql`update users set status = ${status} where id = ${engine.caller.userId} returning id`)
const changed = () => engine.run(Effect.flatMap(Standing, (standing) => standing.changed))

/** As `Accounts` does in the process that is asked. */
const suspend = async () => {
  await setStatus("suspended")
  await changed()
}
const activate = async () => {
  await setStatus("active")
  await changed()
}
afterEach(activate)

const SENTENCE = /^The account that this chat belongs to was suspended or deleted/

/** A chat whose turn has shown `words` and goes no further until it is let go. */
const busy = async (words: string) => {
  const gate = openGate()
  engines.provider.script({ items: [{ text: words }, { gate: gate.wait }, { text: "!" }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown(words)
  return { chatId, reader, release: gate.open }
}

const queueOf = async (chatId: string) => {
  const rows = await engines.query<{ content: ReadonlyArray<{ text: string }> }>(
    (sql) =>
      sql`select content from chat_queued_messages where chat_id = ${chatId} and removed_version is null order by position`,
  )
  return rows.map(({ content }) => content.map(({ text }) => text).join(""))
}

const activityOf = async (chatId: string) => {
  const rows = await engines.query<{ activity: string }>((sql) => sql`select activity from chats where id = ${chatId}`)
  return rows[0]?.activity
}

describe("a chat whose owner is suspended", () => {
  it("ends the turn that runs and keeps the queue; active again, it goes on when it is asked to", async () => {
    const { chatId, reader, release } = await busy("half")
    await engine.send(chatId, "later")
    await reader.until(({ queue }) => queue.length === 1)
    await suspend()
    const { error, lines } = await reader.activity("error")
    expect(error).toMatchObject({ message: expect.stringMatching(SENTENCE), retryable: true })
    expect(lines).toEqual(["user: go"])
    release()
    expect(await queueOf(chatId)).toEqual(["later"])

    await activate()
    expect(await activityOf(chatId)).toBe("error")
    engines.provider.script({ items: [{ text: "whole" }] }, { items: [{ text: "and the rest" }] })
    await engine.retry(chatId)
    const after = await reader.until(({ lines: all }) => all.length === 4)
    expect(after.lines).toEqual(["user: go", "assistant: whole", "user: later", "assistant: and the rest"])
    expect(await queueOf(chatId)).toEqual([])
  })

  it("does not try again what it backs off from", async () => {
    engines.provider.script({ status: 503, message: "busy" })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("running.backing_off")
    await suspend()
    expect((await reader.activity("error")).error?.message).toMatch(SENTENCE)
  })

  it("stops the tool that runs, and begins no step after it", async () => {
    const letGo = engines.workspace.hold("/held")
    engines.provider.script({ items: [{ calls: [{ tool: "read_file", args: { path: "/held" }, id: "a" }] }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await engines.workspace.arrived("/held")
    await suspend()
    await reader.activity("error")
    letGo()
    expect(engines.provider.left).toBe(0)
  })

  it("brings a step to its end and begins none, where he has lost what it takes to use agents", async () => {
    const letGo = engines.workspace.hold("/last")
    engines.provider.script({ items: [{ calls: [{ tool: "read_file", args: { path: "/last" }, id: "a" }] }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await engines.workspace.arrived("/last")
    const give = async (site: string, organization: string) => {
      await engines.query(
        (sql) => sql`
          with account as (update users set site_roles = ${[site]} where id = ${engine.caller.userId} returning id)
          update organization_members m set roles = ${[organization]} from account where m.user_id = account.id returning m.user_id`,
      )
      await changed()
    }
    await give("auditor", "organization-auditor")
    letGo()
    const { error, lines } = await reader.activity("error")
    expect(error?.message).toMatch(/no longer use agents in its organization/)
    expect(lines).toEqual(["user: go", expect.stringContaining("assistant: "), expect.stringContaining("tool: ")])
    await give("owner", "agents-access")
    engines.provider.script({ items: [{ text: "whole" }] })
    await engine.retry(chatId)
    await reader.activity("waiting")
  })

  it("leaves the line of those that wait for a slot", async () => {
    const setCapacity = (perUser: number | null) =>
      engine.run(
        Effect.flatMap(CapacityLimits, (capacity) =>
          capacity.write({ deployment: null, perUser, perOrganization: null }, engine.caller.userId),
        ),
      )
    await setCapacity(1)
    const running = await busy("first")
    const chatId = await engine.create("second")
    const reader = follow(engine, chatId)
    await reader.activity("pending")
    await suspend()
    const ended = await Promise.all([reader.activity("error"), running.reader.activity("error")])
    expect(ended.map(({ error }) => error?.message)).toEqual([
      expect.stringMatching(SENTENCE),
      expect.stringMatching(SENTENCE),
    ])
    running.release()
    await setCapacity(null)
  })

  it("goes on waiting for its owner's decision", async () => {
    engines.provider.script({
      items: [{ calls: [{ tool: "write_file", args: { path: "/p", content: "" }, id: "a" }] }],
    })
    const policy = [{ pattern: "write_file", action: "ask" as const }]
    const chatId = await engine.create("go", { more: { tool_policy: policy } })
    const reader = follow(engine, chatId)
    await reader.activity("requires_action.approval")
    const held = await busy("meanwhile")
    await suspend()
    await held.reader.activity("error")
    held.release()
    expect(await activityOf(chatId)).toBe("requires_action.approval")
    await activate()
    const [call] = await engine.approvals(chatId)
    engines.provider.script({ items: [{ text: "written" }] })
    await engine.decide(chatId, [{ id: call?.id ?? "", decision: "approve" }])
    await reader.activity("waiting")
  })

  it("is ended by the sweep where another process has suspended him", async () => {
    const { reader, release } = await busy("unheard of")
    await setStatus("suspended")
    expect((await reader.activity("error")).error?.message).toMatch(SENTENCE)
    release()
  })

  it("is not resumed after a restart of the server", async () => {
    const { chatId, release } = await busy("before the crash")
    const gate = openGate()
    engines.provider.script({ items: [{ gate: gate.wait }] })
    const other = await engine.create("not begun to answer")
    await follow(engine, other).activity("running.generating")
    await expect.poll(() => engines.provider.left).toBe(0)
    await engine.crash()
    await setStatus("suspended")
    // Whoever asked the model now would be refused by it: the script has nothing more.
    engine = await engines.start()
    for (const id of [chatId, other]) await expect.poll(() => activityOf(id), { timeout: 10_000 }).toBe("error")
    release()
    gate.open()
    const attempts = await engines.query<{ count: number }>(
      (sql) => sql`select count(*)::int as count from chat_attempts where chat_id in (${chatId}, ${other})`,
    )
    expect(attempts).toEqual([{ count: 2 }])
  })
})

import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { ChatFeed } from "../../src/actors/streams/chat-feed.ts"
import { parseCursor } from "../../src/actors/streams/cursor.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { loseCommit } from "../support/lost-replies.ts"
import { openGate } from "../support/scripted-provider.ts"
import { written } from "../support/written-state.ts"

/** Changes of a chat's rows that its actor does not tell of: everyone hears of them all the same. */

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

/** Resolves when the owner's sidebars are told this of a chat. */
const news = (chatId: string, kind: string) =>
  engine.run(
    Effect.flatMap(ChatFeed, (feed) =>
      Effect.async<void>((resume) => {
        const unsubscribe = feed.subscribe(engine.caller.userId, (one) => {
          if (one.chatId !== chatId || one.kind !== kind) return
          unsubscribe()
          resume(Effect.void)
        })
      }),
    ),
  )

describe("a commit whose reply is lost", () => {
  it("is told when the chat is loaded again: a turn that has ended", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ text: "first" }, { gate: gate.wait }, { text: " and last" }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.shown("first")
    const lost = loseCommit("FinishTurn")
    const told = news(chatId, "status_change")
    gate.open()
    await lost
    const view = await reader.activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: first and last"])
    await told
  })

  it("is told when the chat is loaded again: a call that waits for a person", async () => {
    const lost = loseCommit("RequireApproval")
    engines.provider.script({ items: [{ calls: [{ tool: "read_file", args: { path: "/a" }, id: "a" }] }] })
    const chatId = await engine.create("go", { more: { tool_policy: [{ pattern: "*", action: "ask" }] } })
    const reader = follow(engine, chatId)
    await lost
    await reader.until(({ events }) => events.some((event) => event.type === "approval_required"))
    expect(await engine.approvals(chatId)).toHaveLength(1)
  })
})

describe("a change that is no actor's", () => {
  const idle = async () => {
    engines.provider.script({ items: [{ text: "hi" }] })
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    await reader.activity("waiting")
    return { chatId, reader }
  }

  it("is told to readers: a repair", async () => {
    const { chatId, reader } = await idle()
    await engines.query(
      (sql) =>
        sql`update chats set ${sql.update(written("requires_action.approval"))} where id = ${chatId} returning id`,
    )
    const told = news(chatId, "status_change")
    await engine.reconcile(chatId)
    const view = await reader.activity("error")
    expect(view.error?.message).toMatch(/^This chat /)
    await told
  })

  it("is told to readers who inspect: archiving", async () => {
    const { chatId } = await idle()
    const seen: Array<string> = []
    const reader = follow(engine, chatId, { sink: { inspects: true } })
    await reader.activity("waiting")
    await engine.patch(chatId, { archived: true })
    await engine.patch(chatId, { archived: false })
    const view = await reader.until(
      ({ events }) =>
        events.filter((event) => event.type === "transition" && event.transition.event === "SetArchived").length === 2,
    )
    for (const event of view.events) if (event.type === "transition") seen.push(event.transition.event)
    expect(seen).toEqual(["SetArchived", "SetArchived"])
  })
})

describe("a reader that comes back", () => {
  /** What a reader with the cursor of `before` is sent, up to the end of what it missed. */
  const missed = async (chatId: string, text: string | undefined, last: string) => {
    const cursor = parseCursor(text ?? "")
    if (cursor === undefined) throw new Error("The reader has no cursor")
    const reader = follow(engine, chatId, { start: { type: "cursor", cursor } })
    const view = await reader.until(({ events }) => events.some((event) => event.type === last))
    return view.events.map(({ type }) => type)
  }

  it("is not asked a second time for what it was asked before", async () => {
    engines.provider.script({ items: [{ calls: [{ tool: "ask_user", args: {}, id: "a" }] }] })
    const chatId = await engine.create("go", {
      more: { unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }] },
    })
    const reader = follow(engine, chatId)
    const { cursor } = await reader.activity("requires_action.client_tools")
    await engine.send(chatId, "later")
    expect(await missed(chatId, cursor, "queue_update")).toEqual(["queue_update"])
  })

  it("is told of an error that it has not seen, even where it knew another", async () => {
    const fails = { items: [{ event: { error: { message: "no", code: 400 } } }] }
    engines.provider.script(fails)
    const chatId = await engine.create("go")
    const reader = follow(engine, chatId)
    const { cursor } = await reader.activity("error")
    engines.provider.script(fails)
    await engine.send(chatId, "again")
    await reader.until(({ events }) => events.filter((event) => event.type === "error").length === 2)
    expect(await missed(chatId, cursor, "error")).toEqual(expect.arrayContaining(["message", "status", "error"]))
  })

  it("is told of a decision among calls that wait", async () => {
    const calls = ["a", "b"].map((id) => ({ tool: "read_file", args: { path: `/${id}` }, id }))
    engines.provider.script({ items: [{ calls }] })
    const chatId = await engine.create("go", { more: { tool_policy: [{ pattern: "*", action: "ask" }] } })
    const reader = follow(engine, chatId)
    const { cursor } = await reader.activity("requires_action.approval")
    const [first] = await engine.approvals(chatId)
    await engine.send(chatId, "later")
    await reader.until(({ queue }) => queue.length === 1)
    const asked = () => reader.view.events.filter((event) => event.type === "approval_required").length
    expect(asked()).toBe(1)
    await engine.decide(chatId, [{ id: first?.id ?? "", decision: "deny" }])
    await reader.until(() => asked() === 2)
    expect(await missed(chatId, cursor, "approval_required")).toEqual(["queue_update", "approval_required"])
  })
})

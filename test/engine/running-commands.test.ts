import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { ENDED_FOR_USER } from "../support/fake-workspace.ts"
import { loseCommit } from "../support/lost-replies.ts"
import { refusal } from "../support/refusal.ts"
import { openGate } from "../support/scripted-provider.ts"

/** What becomes of a chat's effect when the actor that runs it ends, and the chat goes on with the next. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
  await engines.query(
    (sql) => sql`create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'refused'; end $$`,
  )
  await engines.query(
    (sql) => sql`create trigger refuse before insert on chat_queued_messages for each row
      when (new.content::text like '%unwritable%') execute function refuse()`,
  )
})

/** A chat in which this command runs; it will say "done" afterwards. */
const running = async (command: string) => {
  engines.provider.script(
    { items: [{ calls: [{ tool: "execute", args: { command, timeout: "1h" }, id: "a" }] }] },
    { items: [{ text: "done" }] },
  )
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await engines.workspace.startedTimes(command, 1)
  await reader.activity("running.executing")
  return { chatId, reader }
}

const resultsOf = (reader: ReturnType<typeof follow>) =>
  reader.view.transcript
    .flatMap(({ content }) => content)
    .flatMap((part) => (part.type === "tool-result" ? [part.result] : []))

describe("a running command is not disturbed", () => {
  /** Lets the command end; answers how often it was asked for, and what its call said. */
  const outcome = async (command: string, reader: ReturnType<typeof follow>, last: string) => {
    engines.workspace.end(command)
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.at(-1) === last)
    const starts = engines.workspace.started.filter((start) => start.command === command)
    return { starts: starts.length, results: resultsOf(reader) }
  }
  const undisturbed = { starts: 1, results: [expect.objectContaining({ success: true, exit_code: 0 })] }

  it("by a message that the database refuses", async () => {
    const { chatId, reader } = await running("make all")
    expect(await refusal(engine.send(chatId, "unwritable"))).toMatchObject({
      _tag: "CommandRefused",
      reason: "not_storable",
    })
    expect(await outcome("make all", reader, "assistant: done")).toEqual(undisturbed)
    expect(reader.view.lines.filter((line) => line.startsWith("user:"))).toEqual(["user: go"])
  })

  it("by a message of which the answer to its commit is lost", async () => {
    const { chatId, reader } = await running("make most")
    engines.provider.script({ items: [{ text: "more" }] })
    const lost = loseCommit("SendMessage")
    const sent = await engine.send(chatId, "later")
    await lost
    expect(sent.queued?.content).toEqual([{ type: "text", text: "later" }])
    await reader.until(({ queue }) => queue.length === 1)
    expect(await outcome("make most", reader, "assistant: more")).toEqual(undisturbed)
    expect(reader.view.lines.filter((line) => line === "user: later")).toHaveLength(1)
  })
})

const forget = (chatId: string) =>
  engine.run(Effect.flatMap(ChatHost, (host) => Effect.zipRight(host.forget(chatId), host.wake(chatId))))

describe("a running command is listened to again", () => {
  /** The command was asked for a second time by the id of its call, and nobody has ended it before it ended by itself. */
  const goesOn = { calls: 1, results: [expect.objectContaining({ success: true, exit_code: 0 })] }
  /** Lets the command end once it is listened to again. */
  const outcome = async (command: string, reader: ReturnType<typeof follow>, last: string) => {
    await engines.workspace.startedTimes(command, 2)
    engines.workspace.end(command)
    await reader.until(({ activity, lines }) => activity === "waiting" && lines.at(-1) === last)
    const starts = engines.workspace.started.filter((start) => start.command === command)
    return { calls: new Set(starts.map(({ identity }) => identity.toolCallId)).size, results: resultsOf(reader) }
  }

  it("after another owner has had the chat", async () => {
    const { chatId, reader } = await running("make some")
    engines.provider.script({ items: [{ text: "more" }] })
    await engines.query((sql) => sql`update chats set owner_epoch = owner_epoch + 1 where id = ${chatId} returning id`)
    await engine.send(chatId, "later")
    expect(await outcome("make some", reader, "assistant: more")).toEqual(goesOn)
  })

  it("after its actor was given up", async () => {
    const { chatId, reader } = await running("make one")
    await forget(chatId)
    expect(await outcome("make one", reader, "assistant: done")).toEqual(goesOn)
  })
})

it("a command is ended when the user stops the turn", async () => {
  engines.provider.script({
    items: [{ calls: [{ tool: "execute", args: { command: "make none", timeout: "1h" }, id: "a" }] }],
  })
  const chatId = await engine.create("go")
  await engines.workspace.startedTimes("make none", 1)
  await engine.interrupt(chatId)
  await follow(engine, chatId).activity("waiting")
  const start = engines.workspace.started.find(({ command }) => command === "make none")
  expect(await engines.workspace.exitCode(start?.identity.toolCallId ?? "")).toBe(ENDED_FOR_USER)
})

it("a model's stream ends with the actor that listens to it, and what it still says reaches nobody", async () => {
  const old = openGate()
  const next = openGate()
  engines.provider.script(
    { items: [{ text: "one" }, { gate: old.wait }, { text: " too late" }] },
    { items: [{ text: "two" }, { gate: next.wait }, { text: " words" }] },
  )
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.shown("one")
  const stream = engines.provider.requests.at(-1)
  await forget(chatId)
  await stream?.closed
  old.open()
  await reader.shown("two")
  next.open()
  await reader.activity("waiting")
  expect(reader.view.lines).toEqual(["user: go", "assistant: two words"])
  expect([...reader.view.parts.values()].join("")).not.toContain("too late")
  const parts = await engines.query<{ part: { readonly text: string } }>(
    (sql) => sql`select part from chat_parts where chat_id = ${chatId} order by attempt, seq`,
  )
  expect(parts.map(({ part }) => part.text)).toEqual(["one"])
})

import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import type { Caller } from "../../src/identity/policy.ts"
import { type ChatView, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { ENDED_FOR_USER } from "../support/fake-workspace.ts"
import { refusal } from "../support/refusal.ts"

/** One call is stopped while its turn goes on. Every command reaches the chat's owner as text, as from another replica. */

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

interface Called {
  readonly tool: string
  readonly args: unknown
}
const command = (text: string): Called => ({ tool: "execute", args: { command: text, timeout: "1h" } })
const reading = (path: string): Called => ({ tool: "read_file", args: { path } })
const writing = (path: string): Called => ({ tool: "write_file", args: { path, content: "" } })

/** A chat whose turn makes these calls, as `call-0` and so on, and then says "done". */
const calling = async (...calls: ReadonlyArray<Called>) => {
  engines.provider.script(
    { items: [{ calls: calls.map((call, at) => ({ ...call, id: `call-${at}` })) }] },
    { items: [{ text: "done" }] },
  )
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  await reader.activity("running.executing")
  return { chatId, reader }
}

const resultsOf = ({ transcript }: ChatView) =>
  transcript.flatMap(({ content }) => content).flatMap((part) => (part.type === "tool-result" ? [part] : []))

const ended = (view: ChatView) => view.activity === "waiting" && view.lines.at(-1) === "assistant: done"

const journalOf = (chatId: string) =>
  engines.query<{ event: string }>(
    (sql) => sql`select event from chat_transitions where chat_id = ${chatId} and event = 'StopToolCall'`,
  )

const name = () => engine.caller.username

describe("stopping one call", () => {
  it("ends its command; the result says who it was and what was written, and the turn goes on", async () => {
    const { chatId, reader } = await calling(command("make long"), command("make other"))
    await engines.workspace.startedTimes("make long", 1)
    await engines.workspace.startedTimes("make other", 1)
    engines.workspace.print("make long", "half of it\n")
    await engine.stopCall(chatId, "call-0")
    const start = engines.workspace.started.find((each) => each.command === "make long")
    expect(await engines.workspace.exitCode(start?.identity.toolCallId ?? "")).toBe(ENDED_FOR_USER)
    engines.workspace.end("make other")
    const [stopped, other] = resultsOf(await reader.until(ended))
    expect(stopped).toMatchObject({
      tool_call_id: "call-0",
      is_error: true,
      result: {
        ...{ success: false, stopped_by: name(), output: "half of it\n", exit_code: ENDED_FOR_USER },
        error: expect.stringContaining(`${name()} stopped this call`),
      },
    })
    expect(other).toMatchObject({ tool_call_id: "call-1", result: { success: true } })
    expect(await journalOf(chatId)).toHaveLength(1)
  })

  it("is the same once and twice, while it ends and afterwards, and by a repeat of the request", async () => {
    const { chatId, reader } = await calling(command("make twice"))
    await engines.workspace.startedTimes("make twice", 1)
    await engine.stopCall(chatId, "call-0", "a-key-of-a-stop")
    await engine.stopCall(chatId, "call-0")
    await reader.until(ended)
    await engine.stopCall(chatId, "call-0")
    await engine.stopCall(chatId, "call-0", "a-key-of-a-stop")
    expect(resultsOf(reader.view)).toHaveLength(1)
  })

  it("takes our own id of a call as well", async () => {
    const { chatId, reader } = await calling(command("make ours"))
    await engines.workspace.startedTimes("make ours", 1)
    const start = engines.workspace.started.find((each) => each.command === "make ours")
    await engine.stopCall(chatId, start?.identity.toolCallId ?? "")
    expect(resultsOf(await reader.until(ended))).toMatchObject([{ result: { stopped_by: name() } }])
  })

  it("of a tool that changes something leaves open whether it did", async () => {
    const letGo = engines.workspace.hold("/slow")
    const { chatId, reader } = await calling(reading("/slow"), writing("/slow"))
    await engines.workspace.arrived("/slow")
    await engine.stopCall(chatId, "call-0")
    await engine.stopCall(chatId, "call-1")
    letGo()
    const [read, written] = resultsOf(await reader.until(ended)).map(({ result }) => result)
    expect(read).toMatchObject({ error: expect.stringContaining("before it ended. ") })
    expect(written).toMatchObject({ error: expect.stringContaining("not known whether it took effect") })
  })

  it("is refused once the call has ended, while others of its step run, and ever after", async () => {
    const { chatId, reader } = await calling(command("make quick"), command("make slow"))
    await engines.workspace.startedTimes("make quick", 1)
    await engines.workspace.startedTimes("make slow", 1)
    engines.workspace.end("make quick")
    await reader.until(({ preview }) => preview.some(({ part }) => part.type === "tool-result"))
    const over = { _tag: "CommandRefused", reason: "not_allowed", message: "This call has ended." }
    expect(await refusal(engine.stopCall(chatId, "call-0"))).toMatchObject(over)
    engines.workspace.end("make slow")
    await reader.until(ended)
    expect(await refusal(engine.stopCall(chatId, "call-1"))).toMatchObject(over)
    expect(await journalOf(chatId)).toEqual([])
  })

  it("knows no call that the chat never made, and no chat of somebody else's", async () => {
    const { chatId, reader } = await calling(command("make mine"))
    await engines.workspace.startedTimes("make mine", 1)
    expect(await refusal(engine.stopCall(chatId, "call-9"))).toMatchObject({ _tag: "ToolCallGone", call: "call-9" })
    const stranger: Caller = { ...engine.caller, userId: "00000000-0000-4000-8000-0000000000aa", siteRoles: [] }
    expect(await refusal(engine.stopCall(chatId, "call-0", undefined, stranger))).toMatchObject({ _tag: "ChatHidden" })
    engines.workspace.end("make mine")
    expect(resultsOf(await reader.until(ended))).toMatchObject([{ result: { success: true } }])
  })

  it("is carried out by the next owner of the chat, who runs nothing again", async () => {
    const { chatId, reader } = await calling(command("make orphan"))
    await engines.workspace.startedTimes("make orphan", 1)
    // As a server that was killed between the commit of the stop and its work leaves it.
    await engines.query((sql) => sql`update chats set owner_epoch = owner_epoch + 1 where id = ${chatId} returning id`)
    await engines.query((sql) => sql`update tool_calls set stopped_by = 'ada' where chat_id = ${chatId} returning id`)
    await engine.run(Effect.flatMap(ChatHost, (host) => Effect.zipRight(host.forget(chatId), host.wake(chatId))))
    expect(resultsOf(await reader.until(ended))).toMatchObject([
      { result: { stopped_by: "ada", exit_code: ENDED_FOR_USER } },
    ])
    expect(engines.workspace.started.filter((each) => each.command === "make orphan")).toHaveLength(1)
  })
})

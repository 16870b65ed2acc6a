import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { addParts } from "../../src/contract/part-deltas.ts"
import type { ToolResultPart } from "../../src/contract/parts.ts"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import type { WorkspaceConnection } from "../../src/workspaces/workspace.ts"
import { type ChatView, useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"

/** What readers see of a command while it runs. */

const KEY = "sk-scripted-0123456789abcdef"

const engines = useEngines()
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  await engines.addModel({ provider: "openai", display_name: "Keyed", base_url: "http://127.0.0.1:1/v1", api_key: KEY })
  engine = await engines.start()
})

/** A chat in which these commands run; it will say "done" afterwards. */
const running = async (...commands: ReadonlyArray<string>) => {
  const calls = commands.map((command, at) => ({ tool: "execute", args: { command, timeout: "1h" }, id: `call-${at}` }))
  engines.provider.script({ items: [{ calls }] }, { items: [{ text: "done" }] })
  const chatId = await engine.create("go")
  const reader = follow(engine, chatId)
  for (const command of commands) await engines.workspace.startedTimes(command, 1)
  await reader.activity("running.executing")
  return { chatId, reader }
}

/** Text of a call's output, as far as it is shown. */
const outputOf = ({ preview }: ChatView, id = "call-0"): string | undefined =>
  addParts(preview.map(({ part }) => part))
    .flatMap((part) => (part.type === "tool-result" && part.tool_call_id === id ? [part] : []))
    .at(-1)?.result_delta

const deltasOf = ({ events }: ChatView): ReadonlyArray<ToolResultPart> =>
  events.flatMap((event) =>
    event.type === "message_part" &&
    event.message_part.part.type === "tool-result" &&
    event.message_part.part.result_delta !== undefined
      ? [event.message_part.part]
      : [],
  )

const resultsOf = ({ transcript }: ChatView) =>
  transcript.flatMap(({ content }) => content).flatMap((part) => (part.type === "tool-result" ? [part.result] : []))

const ended = (view: ChatView) => view.activity === "waiting" && view.lines.at(-1) === "assistant: done"

describe("the output of a running command", () => {
  it("is shown as it comes, to who is there and to who joins, and gives way to the result", async () => {
    const { chatId, reader } = await running("make live")
    engines.workspace.print("make live", "one\n")
    await reader.until((view) => outputOf(view) === "one\n")
    engines.workspace.print("make live", "two\n")
    await reader.until((view) => outputOf(view) === "one\ntwo\n")
    const joined = follow(engine, chatId)
    await joined.until((view) => outputOf(view) === "one\ntwo\n")
    // Right behind its call, which readers have dropped when its message was committed.
    expect(joined.view.preview.map(({ role, part }) => [role, part.type])).toEqual([
      ["assistant", "tool-call"],
      ["tool", "tool-result"],
      ["tool", "tool-result"],
    ])
    engines.workspace.end("make live")
    for (const each of [reader, joined]) {
      const view = await each.until(ended)
      expect(resultsOf(view)).toMatchObject([{ output: "one\ntwo\n", exit_code: 0 }])
    }
  })

  it("is that of each call, where several run at once", async () => {
    const { reader } = await running("make first", "make second")
    engines.workspace.print("make second", "2")
    engines.workspace.print("make first", "1")
    await reader.until((view) => outputOf(view, "call-0") === "1" && outputOf(view, "call-1") === "2")
    engines.workspace.end("make second")
    engines.workspace.end("make first")
    await reader.until(ended)
    expect(resultsOf(reader.view)).toMatchObject([{ output: "1" }, { output: "2" }])
  })

  it("is shown again from its beginning by the next owner of the chat", async () => {
    const { chatId, reader } = await running("make twice")
    engines.workspace.print("make twice", "one\n")
    await reader.until((view) => outputOf(view) === "one\n")
    await engine.run(Effect.flatMap(ChatHost, (host) => Effect.zipRight(host.forget(chatId), host.wake(chatId))))
    await engines.workspace.startedTimes("make twice", 2)
    engines.workspace.print("make twice", "two\n")
    await reader.until((view) => outputOf(view) === "one\ntwo\n")
    engines.workspace.end("make twice")
    expect(resultsOf(await reader.until(ended))).toMatchObject([{ output: "one\ntwo\n" }])
  })

  it("never shows a key of the deployment, cut in two or not, nor does the result", async () => {
    const { chatId, reader } = await running("make secrets")
    engines.workspace.print("make secrets", `the key is ${KEY.slice(0, 14)}`)
    await reader.until((view) => outputOf(view) === "the key is ")
    engines.workspace.print("make secrets", `${KEY.slice(14)}; whole: ${KEY}; end`)
    await reader.until((view) => outputOf(view) === "the key is [redacted]; whole: [redacted]; end")
    const joined = follow(engine, chatId)
    await joined.until((view) => outputOf(view)?.endsWith("end") === true)
    engines.workspace.end("make secrets")
    await Promise.all([reader.until(ended), joined.until(ended)])
    expect(resultsOf(reader.view)).toMatchObject([{ output: "the key is [redacted]; whole: [redacted]; end" }])
    for (const { view } of [reader, joined]) expect(JSON.stringify(view.events)).not.toContain(KEY.slice(0, 14))
    const kept = await engines.query(
      (sql) => sql`select id from tool_calls where chat_id = ${chatId} and result::text like ${`%${KEY}%`}`,
    )
    expect(kept).toEqual([])
  })
})

describe("output without end", () => {
  /** A process that has always written 50 KB more when it is asked, until it is let go. */
  const flood = (ends: Promise<void>): Pick<WorkspaceConnection, "followProcess" | "processOutput"> => {
    let total = 2_000_000
    return {
      followProcess: (_chat, _id, { most }) =>
        Effect.sync(() => {
          total += 50_000
          return { from: total - most, next: total, text: "x".repeat(most), running: true }
        }),
      processOutput: () =>
        Effect.as(
          Effect.promise(() => ends),
          { output: "the end", running: false, exit_code: 0 },
        ),
    }
  }

  it("leaves a reader that joins, and the log, no more than what is seen of it at once", async () => {
    let end: () => void = () => undefined
    const ends = new Promise<void>((resolve) => (end = resolve))
    engines.workspace.instead = { ...engines.workspace.connection, ...flood(ends) }
    const { chatId, reader } = await running("make flood")
    await reader.until((view) => deltasOf(view).length >= 6)
    const joined = follow(engine, chatId)
    await joined.until((view) => deltasOf(view).length >= 2)
    const isAnew = deltasOf(joined.view).map(({ result_delta, result_reset }) => [result_reset, result_delta?.length])
    expect(isAnew.slice(0, -2).every(([, length]) => length === 0)).toBe(true)
    expect(outputOf(joined.view)).toMatch(/^…\[\d+ bytes omitted\]…\nx{32000}$/)
    const [log] = await engines.query<{ bytes: number; rows: number }>(
      (sql) => sql`select sum(length(part::text))::int as bytes, count(*)::int as rows from chat_parts
        where chat_id = ${chatId}`,
    )
    expect(log?.bytes).toBeLessThan(80_000)
    end()
    await Promise.all([reader.until(ended), joined.until(ended)])
    engines.workspace.instead = undefined
    expect(await engines.query((sql) => sql`select seq from chat_parts where chat_id = ${chatId}`)).toEqual([])
  }, 30_000)
})

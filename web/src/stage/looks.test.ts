import { describe, expect, it, vi } from "vitest"
import type { ChatBoard } from "../../../src/contract/board.ts"
import { someChat } from "../chats/some-chat.ts"
import { Looks } from "./looks.ts"

const board = (more: Partial<ChatBoard> = {}): ChatBoard => ({
  version: 1,
  activity: "running.generating",
  since: "2026-06-01T10:00:00Z",
  line: "Writing the answer",
  asked: 0,
  approvals: [],
  tool_calls: [],
  output: [],
  strip: [{ activity: "running.generating", since: "2026-06-01T10:00:00Z" }],
  ...more,
})
const heard = (more: Partial<ChatBoard>) => {
  const { strip: _, ...look } = board(more)
  return { kind: "activity_change" as const, chat_id: "a", ...look }
}

describe("what cards show", () => {
  it("goes on from the list with what is told, and what is older changes nothing", () => {
    const looks = new Looks()
    const chat = someChat("a", { board: board() })
    looks.read([chat])
    looks.hear(heard({ version: 3, activity: "running.executing", since: "2026-06-01T10:01:00Z", line: "Runs ls" }))
    looks.hear(heard({ version: 2, line: "late" }))
    // The same answer of the list, of which another event has changed the rest.
    looks.read([{ ...chat, title: "Another" }])
    expect(looks.get("a")).toMatchObject({ line: "Runs ls", strip: [{}, { activity: "running.executing" }] })
  })

  it("tells only whoever looks at that chat", () => {
    const looks = new Looks()
    const [a, b] = [vi.fn<() => void>(), vi.fn<() => void>()]
    const leave = looks.subscribe("a", a)
    looks.subscribe("b", b)
    looks.hear(heard({}))
    leave()
    looks.hear(heard({ version: 2 }))
    expect([a.mock.calls.length, b.mock.calls.length]).toEqual([1, 0])
  })

  it("does not show what was answered until the server says so, too", () => {
    const looks = new Looks()
    const call = { id: "1", tool_call_id: "p", tool_name: "execute", args: "{}", reason: "" }
    looks.hear(heard({ approvals: [call, { ...call, id: "2" }], asked: 3 }))
    looks.answered("a", ["1"])
    expect(looks.get("a")).toMatchObject({ asked: 2, approvals: [{ id: "2" }] })
  })
})

import { describe, expect, it } from "vitest"
import { someChat } from "../chats/some-chat.ts"
import { isLive, needsYou } from "../chats/status.ts"
import { COLUMNS, columnsOf } from "./columns.ts"

const titles = (columns: ReturnType<typeof columnsOf>) =>
  COLUMNS.map((column) => columns[column].map(({ chat, gone }) => (gone ? `${chat.id} gone` : chat.id)))
const at = (minute: number) => `2026-06-01T10:${String(minute).padStart(2, "0")}:00Z`

describe("the columns of the board", () => {
  it("say of each chat what goes on in it; a plan that nobody has read needs somebody", () => {
    const plan = { plan_mode: "plan", has_unread: true, last_turn_summary: "Six steps" } as const
    const chats = [
      someChat("asks", { status: "requires_action" }),
      someChat("writes", { status: "running" }),
      someChat("waits", { status: "pending" }),
      someChat("failed", { status: "error" }),
      someChat("rests"),
      someChat("plan", plan),
      someChat("plan that was read", { ...plan, has_unread: false }),
      someChat("child", { parent_chat_id: "asks", status: "running" }),
      someChat("archived", { archived: true }),
    ]
    expect(titles(columnsOf([chats], new Map()))).toEqual([
      ["asks", "plan"],
      ["writes"],
      ["waits"],
      ["failed"],
      ["rests", "plan that was read"],
    ])
    expect(chats.filter(needsYou).map(({ id }) => id)).toEqual(["asks", "plan"])
    expect(chats.filter((chat) => chat.parent_chat_id === undefined && isLive(chat))).toHaveLength(5)
  })

  it("have who waits the longest first, and at work who is the eldest: a step moves nothing", () => {
    const chats = [
      someChat("b", { status: "requires_action", updated_at: at(9) }),
      someChat("a", { status: "requires_action", updated_at: at(4) }),
      someChat("new", { status: "running", created_at: at(8), updated_at: at(8) }),
      someChat("old", { status: "running", created_at: at(1), updated_at: at(30) }),
      someChat("failed before", { status: "error", updated_at: at(1) }),
      someChat("failed now", { status: "error", updated_at: at(2) }),
    ]
    expect(titles(columnsOf([chats], new Map()))).toEqual([
      ["a", "b"],
      ["old", "new"],
      [],
      ["failed now", "failed before"],
      [],
    ])
  })

  it("have each chat once, as the list knows it that is told more", () => {
    const columns = columnsOf([[someChat("a", { status: "running" })], [someChat("a", { status: "error" })]], new Map())
    expect(titles(columns)).toEqual([[], [], [], ["a"], []])
  })

  it("keep the place of a card whose chat is archived while it is looked at", () => {
    const gone = [
      someChat("a", { archived: true }),
      someChat("b", { archived: true }),
      someChat("c", { archived: true }),
    ]
    const shown = new Map([
      ["a", "failed"],
      ["b", "resting"],
    ] as const)
    expect(titles(columnsOf([gone], shown))).toEqual([[], [], [], ["a gone"], []])
  })
})

import { expect, it } from "vitest"
import { groupChats } from "./groups.ts"
import { someChat } from "./some-chat.ts"

const NOW = new Date(2026, 5, 2, 9, 0).getTime()
const at = (day: number, hour: number, minute = 0) => new Date(2026, 5, day, hour, minute).toISOString()

it("each chat is in one group, and in each the latest comes first", () => {
  const groups = groupChats(
    [
      someChat("yesterday", { updated_at: at(1, 23, 59) }),
      someChat("early", { updated_at: at(2, 0, 0) }),
      someChat("late", { updated_at: at(2, 8), status: "error" }),
      someChat("asks", { updated_at: at(1, 1), status: "requires_action" }),
      someChat("runs", { updated_at: at(1, 1), status: "running" }),
      someChat("queued", { updated_at: at(1, 2), status: "pending" }),
      someChat("second", { pin_order: 2, status: "requires_action" }),
      someChat("first", { pin_order: 1, updated_at: at(1, 1) }),
      someChat("archived", { archived: true, updated_at: at(2, 8) }),
    ],
    NOW,
  )
  expect(Object.entries(groups).map(([name, chats]) => [name, chats.map(({ id }: { id: string }) => id)])).toEqual([
    ["pinned", ["first", "second"]],
    ["needsYou", ["asks"]],
    ["running", ["queued", "runs"]],
    ["today", ["late", "early"]],
    ["earlier", ["yesterday"]],
  ])
})

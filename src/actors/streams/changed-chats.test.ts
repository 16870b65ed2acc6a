import { expect, it } from "vitest"
import type { ChatNews } from "./chat-feed.ts"
import { type ChangedChat, ChangedChats } from "./changed-chats.ts"

const news = (chatId: string, kind: ChatNews["kind"], toolCalls?: ChatNews["toolCalls"]): ChatNews => ({
  kind,
  chatId,
  ownerId: "owner",
  ...(toolCalls !== undefined && { toolCalls }),
})

const asked = (id: string) => [{ tool_call_id: id, tool_name: "ask", args: "{}" }]

const shown = (chats: ReadonlyArray<ChangedChat>) =>
  chats.map(({ chatId, kinds }) => [chatId, ...kinds.keys()].join(" "))

it("a chat that changes again and again is one chat, and its changes are in the order in which they came last", () => {
  const changed = new ChangedChats()
  for (let n = 0; n < 1000; n++) changed.add(news("a", "status_change"))
  changed.add(news("b", "created"))
  changed.add(news("a", "title_change"))
  changed.add(news("a", "deleted"))
  changed.add(news("a", "created"))
  changed.add(news("a", "status_change"))
  changed.add(news("a", "deleted"))
  expect(changed.size).toBe(2)
  expect(shown(changed.take(10))).toEqual(["a title_change created status_change deleted", "b created"])
  expect(changed.size).toBe(0)
})

it("a client is asked for what it was asked for last", () => {
  const changed = new ChangedChats()
  changed.add(news("a", "action_required", asked("first")))
  changed.add(news("a", "action_required", asked("second")))
  expect([...(changed.take(1)[0]?.kinds ?? [])]).toEqual([["action_required", asked("second")]])
})

it("those that changed first are taken first, and no more than are asked for", () => {
  const changed = new ChangedChats()
  for (const id of ["a", "b", "c", "a"]) changed.add(news(id, "status_change"))
  expect(shown(changed.take(2))).toEqual(["a status_change", "b status_change"])
  expect(shown(changed.take(2))).toEqual(["c status_change"])
  expect(changed.take(2)).toEqual([])
})

it("what could not be read comes before what has changed in the meantime", () => {
  const changed = new ChangedChats()
  changed.add(news("a", "created"))
  changed.add(news("a", "action_required", asked("old")))
  changed.add(news("b", "title_change"))
  const taken = changed.take(2)
  changed.add(news("a", "action_required", asked("new")))
  changed.add(news("a", "status_change"))
  changed.giveBack(taken)
  const again = changed.take(3)
  expect(shown(again).toSorted()).toEqual(["a created action_required status_change", "b title_change"])
  expect(again.find(({ chatId }) => chatId === "a")?.kinds.get("action_required")).toEqual(asked("new"))
})

import { expect, it } from "vitest"
import { allChats, changePages, type ChatPages } from "./chat-pages.ts"
import { someChat } from "./some-chat.ts"

const pages: ChatPages = {
  pages: [
    { chats: [someChat("a"), someChat("b")], next: "b" },
    { chats: [someChat("b"), someChat("c")], next: undefined },
  ],
  pageParams: [undefined, "b"],
}
const idsOf = (data: ChatPages) => data.pages.map(({ chats }) => chats.map(({ id }) => id))

it("every chat is there once, however many pages it is in", () => {
  expect(allChats(pages).map(({ id }) => id)).toEqual(["a", "b", "c"])
})

it("a change reaches a chat in every page that has it, and new chats come first", () => {
  const changed = changePages(pages, (chats) => [
    someChat("new"),
    ...chats.map((chat) => (chat.id === "b" ? { ...chat, title: "B" } : chat)),
  ])
  expect(idsOf(changed)).toEqual([
    ["new", "a", "b"],
    ["b", "c"],
  ])
  expect(allChats(changed).find(({ id }) => id === "b")?.title).toBe("B")
  expect(changed.pages.map(({ next }) => next)).toEqual(["b", undefined])
})

it("a chat that is gone is in no page, and nothing changed is the same", () => {
  expect(idsOf(changePages(pages, (chats) => chats.filter(({ id }) => id !== "b")))).toEqual([["a"], ["c"]])
  expect(changePages(pages, (chats) => chats)).toBe(pages)
})

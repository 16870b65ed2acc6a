import { describe, expect, it } from "vitest"
import type { ReaderRow, SharedChatRow } from "../../db/chats/shared-chats.ts"
import { EMPTY_INDEX, indexOf, newsBetween } from "./shared-index.ts"

const member = (user_id: string, organization_id = "o", groups: ReadonlyArray<string> = []): ReaderRow => ({
  user_id,
  organization_id,
  groups,
})
const chat = (id: string, more: Partial<SharedChatRow> = {}): SharedChatRow => ({
  id,
  owner_id: "ann",
  organization_id: "o",
  user_acl: {},
  group_acl: {},
  version: "1",
  ...more,
})
const readersOf = (readers: ReadonlyArray<ReaderRow>, row: SharedChatRow) =>
  [...(indexOf(readers, [row]).chats.get(row.id)?.readers ?? [])].sort()

describe("a chat is read", () => {
  it.each<[string, Partial<SharedChatRow>, ReadonlyArray<string>]>([
    ["by who is named", { user_acl: { bob: "read" } }, ["bob"]],
    ["by who is in a group that is named", { group_acl: { g: "read" } }, ["eve"]],
    ["by all of the organization, where everyone is", { group_acl: { o: "read" } }, ["bob", "eve"]],
    [
      "by each once, however often he is let in",
      { user_acl: { eve: "read" }, group_acl: { g: "read", o: "read" } },
      ["bob", "eve"],
    ],
    [
      "not by its owner, whose list has it already",
      { user_acl: { ann: "read" }, group_acl: { o: "read" } },
      ["bob", "eve"],
    ],
    ["not by who is of another organization, whatever the list says", { user_acl: { zoe: "read" } }, []],
    ["not by a group of another organization", { group_acl: { far: "read" } }, []],
    ["not by a role that does not read", { user_acl: { bob: "none" }, group_acl: { o: "" } }, []],
  ])("%s", (_, acl, wanted) => {
    const readers = [member("ann"), member("bob"), member("eve", "o", ["g"]), member("zoe", "p", ["far"])]
    expect(readersOf(readers, chat("c", acl))).toEqual([...wanted])
  })
})

describe("what is new", () => {
  const bob = [member("bob")]
  const shared = chat("c", { user_acl: { bob: "read" } })
  const before = indexOf(bob, [shared])

  it("is nothing while the rows stay, and nothing is worked out anew", () => {
    const after = indexOf(bob, [shared], before)
    expect(after.chats.get("c")).toBe(before.chats.get("c"))
    expect(newsBetween(before, after)).toEqual([])
  })

  it.each([
    ["that one is let in", EMPTY_INDEX, before, { gained: ["bob"], lost: [], kept: [], changed: true }],
    [
      "that a chat has changed",
      before,
      indexOf(bob, [{ ...shared, version: "2" }], before),
      { gained: [], lost: [], kept: ["bob"], changed: true },
    ],
    [
      "that one is out, with the chat",
      before,
      indexOf(bob, [], before),
      { gained: [], lost: ["bob"], kept: [], changed: true },
    ],
    [
      "that one is out, though the row stays: he has left",
      before,
      indexOf([], [shared], before),
      { gained: [], lost: ["bob"], kept: [], changed: false },
    ],
  ])("%s", (_, was, is, wanted) => {
    expect(newsBetween(was, is)).toEqual([{ chatId: "c", ...wanted }])
  })
})

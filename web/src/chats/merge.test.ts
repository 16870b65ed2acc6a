import { describe, expect, it } from "vitest"
import type { Chat } from "../../../src/contract/chats.ts"
import type { ChatWatchEvent } from "../../../src/contract/stream.ts"
import { mergeArchived, mergeChat, mergeChats, mergeChild, mergeShared } from "./merge.ts"

const chat: Chat = {
  id: "c1",
  organization_id: "o",
  owner_id: "u",
  root_chat_id: "c1",
  last_model_config_id: "m1",
  title: "Title",
  status: "running",
  activity: "running.generating",
  last_turn_summary: null,
  created_at: "2026-06-01T09:00:00Z",
  updated_at: "2026-06-01T10:00:00.5Z",
  archived: false,
  shared: false,
  pin_order: 0,
  mcp_server_ids: [],
  labels: {},
  has_unread: false,
  client_type: "ui",
  diff_status: {
    chat_id: "c1",
    pull_request_title: "",
    pull_request_draft: false,
    changes_requested: false,
    additions: 0,
    deletions: 0,
    changed_files: 0,
  },
  queued_for_capacity: false,
  children: [],
}
const OLDER = "2026-06-01T10:00:00.499999999Z"
const NEWER = "2026-06-01T10:00:00.500000001Z"
const event = (kind: ChatWatchEvent["kind"], changes: Partial<Chat>): ChatWatchEvent => ({
  kind,
  chat: { ...chat, ...changes },
})

describe("an event about a chat that is held", () => {
  it("of its title changes the title only, even when it is older", () => {
    const merged = mergeChat(
      chat,
      event("title_change", { title: "New", status: "error", updated_at: OLDER }),
      undefined,
    )
    expect(merged).toEqual({ ...chat, title: "New" })
  })

  it("of its status is dropped when it is older, down to the nanosecond", () => {
    expect(mergeChat(chat, event("status_change", { status: "waiting", updated_at: OLDER }), undefined)).toBe(chat)
    expect(mergeChat(chat, event("status_change", { status: "waiting", updated_at: NEWER }), "c1")).toMatchObject({
      status: "waiting",
      updated_at: NEWER,
    })
  })

  it("of its status leaves the title alone", () => {
    const merged = mergeChat(chat, event("status_change", { title: "Stale", updated_at: NEWER }), undefined)
    expect(merged.title).toBe("Title")
  })

  it("brings the error and takes it away again", () => {
    const error = { message: "No.", retryable: false }
    const failed = mergeChat(
      chat,
      event("status_change", { status: "error", last_error: error, updated_at: NEWER }),
      undefined,
    )
    expect(failed.last_error).toEqual(error)
    const again = mergeChat(failed, event("status_change", { updated_at: "2026-06-01T10:00:01Z" }), undefined)
    expect(again).not.toHaveProperty("last_error")
  })

  it("marks it unread when its turn ends, unless it is open", () => {
    const ended = event("status_change", { status: "waiting", updated_at: NEWER })
    expect(mergeChat(chat, ended, undefined).has_unread).toBe(true)
    expect(mergeChat(chat, ended, "c1").has_unread).toBe(false)
  })

  it("archives it with `deleted` and brings it back with `created`", () => {
    const archived = mergeChat({ ...chat, pin_order: 2 }, event("deleted", {}), undefined)
    expect(archived).toMatchObject({ archived: true, pin_order: 0 })
    expect(mergeChat(archived, event("created", { updated_at: OLDER }), undefined).archived).toBe(false)
  })

  it("that changes nothing gives the same objects", () => {
    const list = [chat]
    expect(mergeChats(list, event("status_change", {}), undefined)).toBe(list)
  })
})

describe("an event about a chat that is not held", () => {
  it("puts a root chat first", () => {
    const list = mergeChats([chat], event("created", { id: "c2" }), undefined)
    expect(list.map(({ id }) => id)).toEqual(["c2", "c1"])
  })

  it.each([
    ["an archived chat", event("deleted", { id: "c2" })],
    ["a child", event("created", { id: "c2", parent_chat_id: "c1" })],
  ])("ignores %s", (_, ignored) => {
    const list = [chat]
    expect(mergeChats(list, ignored, undefined)).toBe(list)
  })
})

it("a chat below another is kept up to date with its parent, in the list and where that is open", () => {
  const child = { ...chat, id: "c2", parent_chat_id: "c1", last_model_config_id: "m1" }
  const parent = { ...chat, children: [child] }
  const told = event("status_change", { id: "c2", parent_chat_id: "c1", last_model_config_id: "m2", updated_at: NEWER })
  expect(mergeChild(parent, told, undefined).children[0]?.last_model_config_id).toBe("m2")
  expect(mergeChats([parent], told, undefined)[0]?.children[0]?.last_model_config_id).toBe("m2")
  const stale = event("status_change", {
    id: "c2",
    parent_chat_id: "c1",
    last_model_config_id: "m0",
    updated_at: OLDER,
  })
  expect(mergeChild(parent, stale, undefined)).toBe(parent)
})

it.each(["status_change", "title_change", "summary_change", "action_required", "context_dirty"] as const)(
  "a fresh %s brings the model with it",
  (kind) => {
    expect(mergeChat(chat, event(kind, { last_model_config_id: "m2", updated_at: NEWER }), "c1")).toMatchObject({
      last_model_config_id: "m2",
    })
  },
)

describe("the list of archived chats", () => {
  const archived = { ...chat, archived: true }

  it("gets a chat that is archived elsewhere, once, and lets go of its pin", () => {
    const told = event("deleted", { pin_order: 3 })
    const once = mergeArchived([], told)
    expect(once).toEqual([{ ...told.chat, archived: true, pin_order: 0 }])
    expect(mergeArchived(once, told)).toBe(once)
  })

  it("has a chat that came back no longer as archived, and knows nothing of others", () => {
    const back = mergeArchived([archived], event("created", { updated_at: NEWER, archived: false }))
    expect(back.map((each) => each.archived)).toEqual([false])
    const held = [archived]
    expect(mergeArchived(held, event("status_change", { id: "other" }))).toBe(held)
    expect(mergeArchived(held, event("deleted", { id: "below", parent_chat_id: "c1" }))).toBe(held)
  })
})

it("an end of a turn brings what was said last", () => {
  const told = event("status_change", {
    status: "waiting",
    activity: "waiting",
    last_turn_summary: "Done.",
    updated_at: NEWER,
  })
  expect(mergeChat(chat, told, undefined).last_turn_summary).toBe("Done.")
  expect(
    mergeChat(chat, { ...told, chat: { ...told.chat, updated_at: OLDER } }, undefined).last_turn_summary,
  ).toBeNull()
})

describe("the list of chats that others share", () => {
  const theirs = { ...chat, owner_id: "ada", shared: true }

  it("has a chat from when one is let in until one is out again", () => {
    const held = mergeShared([], event("created", theirs))
    expect(held).toEqual([theirs])
    expect(mergeShared(held, event("title_change", { ...theirs, title: "New" }))).toEqual([{ ...theirs, title: "New" }])
    expect(mergeShared(held, event("deleted", theirs))).toEqual([])
  })

  it("stays the same when it is told of what it does not have, and marks nothing as unread", () => {
    const held = mergeShared([], event("created", theirs))
    expect(mergeShared(held, event("deleted", { ...theirs, id: "c2" }))).toBe(held)
    const [ended] = mergeShared(held, event("status_change", { ...theirs, status: "waiting", updated_at: NEWER }))
    expect([ended?.status, ended?.has_unread]).toEqual(["waiting", false])
  })
})

it("the news that a chat was renamed or shared say whether it is shared", () => {
  expect(mergeChat(chat, event("title_change", { shared: true }), undefined)).toEqual({ ...chat, shared: true })
})

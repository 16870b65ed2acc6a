import { expect, it } from "vitest"
import type { Chat } from "../../../src/contract/chats.ts"
import { patched } from "./use-patch-chat.ts"

const chat: Chat = {
  id: "c",
  organization_id: "o",
  owner_id: "u",
  root_chat_id: "c",
  last_model_config_id: "m",
  title: "Old",
  status: "waiting",
  activity: "waiting",
  last_turn_summary: null,
  created_at: "2026-06-01T10:00:00Z",
  updated_at: "2026-06-01T10:00:00Z",
  archived: false,
  shared: false,
  pin_order: 2,
  mcp_server_ids: [],
  labels: {},
  has_unread: false,
  client_type: "ui",
  diff_status: {
    chat_id: "c",
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

it("changes what is given and nothing else", () => {
  expect(patched(chat, { title: "New" })).toEqual({ ...chat, title: "New" })
  expect(patched(chat, { pin_order: 0 })).toEqual({ ...chat, pin_order: 0 })
})

it("takes the pin off what is archived", () => {
  expect(patched(chat, { archived: true })).toEqual({ ...chat, archived: true, pin_order: 0 })
})

import { expect, it } from "vitest"
import type { ChatAtVersion } from "../../../../src/contract/inspection.ts"
import { differences } from "./state-diff.ts"

const state = (more: Partial<ChatAtVersion> = {}): ChatAtVersion => ({
  version: 40,
  status: "running",
  life: "running.generating",
  mode: "normal",
  context: { queue: 0, steer: 0, archived: false, resume: "generate", attempt: 1, steps: 2 },
  messages: [],
  queued_messages: [],
  pending_calls: [],
  ...more,
})

const changed = (before: ChatAtVersion | undefined, after: ChatAtVersion) =>
  differences(before, after)
    .filter(({ isSame }) => !isSame)
    .map(({ name, before: old, after: now }) => [name, old, now])

it("has what differs first, and then the rest", () => {
  const after = state({ version: 41, context: { ...state().context, attempt: 2, queue: 1 } })
  const found = differences(state(), after)
  expect(found.slice(0, 2).map(({ name }) => name)).toEqual(["queue", "attempt"])
  expect(found.slice(2).every(({ isSame }) => isSame)).toBe(true)
  expect(changed(state(), after)).toEqual([
    ["queue", "0", "1"],
    ["attempt", "1", "2"],
  ])
})

it("has queue, pending calls and owner in it", () => {
  const transition = {
    version: 41,
    event: "Admit",
    detail: {},
    from: "pending",
    to: "running.generating",
    epoch: 4,
    machine_version: 1,
    created_at: "2026-11-12T14:07:54.830Z",
  }
  const call = { id: "c", tool_call_id: "p", tool_name: "execute", state: "started" }
  const queued = { id: 7, chat_id: "x", kind: "steer" as const, content: [], created_at: "2026-11-12T14:07:54.830Z" }
  expect(
    changed(
      state({ transition }),
      state({ transition: { ...transition, epoch: 5 }, pending_calls: [call], queued_messages: [queued] }),
    ),
  ).toEqual([
    ["owner", "epoch 4", "epoch 5"],
    ["queued messages", "none", "steer 7"],
    ["pending calls", "none", "execute (started)"],
  ])
})

it("of the first version is all that it says", () => {
  expect(differences(undefined, state()).every(({ isSame }) => !isSame)).toBe(true)
})

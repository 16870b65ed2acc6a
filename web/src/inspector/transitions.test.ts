import { expect, it } from "vitest"
import type { ChatTransition } from "../../../src/contract/inspection.ts"
import { mergeTransitions, pageBefore } from "./transitions.ts"

const transition = (version: number): ChatTransition => ({
  version,
  event: "CommitStep",
  detail: {},
  from: "running.generating",
  to: "waiting",
  epoch: 1,
  machine_version: 1,
  created_at: "2026-06-01T10:00:00Z",
})

it("has the newest first and each version once", () => {
  const merged = mergeTransitions([transition(5), transition(4)], [transition(4), transition(6), transition(1)])
  expect(merged.map(({ version }) => version)).toEqual([6, 5, 4, 1])
})

it("stays the same list when nothing is new", () => {
  const held = [transition(2), transition(1)]
  expect(mergeTransitions(held, [transition(1)])).toBe(held)
})

it.each([
  [1, undefined],
  [2, { after: 0, limit: 1 }],
  [101, { after: 0, limit: 100 }],
  [250, { after: 149, limit: 100 }],
])("reads before version %j: %j", (oldest, page) => {
  expect(pageBefore(oldest)).toEqual(page)
})

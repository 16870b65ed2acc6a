import { describe, expect, it } from "vitest"
import { queuedRow } from "../../../../test/support/loaded-chat.ts"
import type { QueuedRow } from "../rows.ts"
import { inOrder } from "./queue.ts"

const queued = (id: number, position: number, kind: QueuedRow["kind"] = "queue") => ({
  ...queuedRow(id, kind),
  position,
})

describe("the order of the queue", () => {
  it("has steering messages first, each kind by position", () => {
    const queue = [queued(1, 3), queued(2, 9, "steer"), queued(3, -1), queued(4, 5, "steer")]
    expect(inOrder(queue).map(({ id }) => id)).toEqual([4, 2, 3, 1])
  })
})

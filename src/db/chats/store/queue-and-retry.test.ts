import { describe, expect, it } from "vitest"
import { callRow, loadedChat, MODEL, queuedRow } from "../../../../test/support/loaded-chat.ts"
import { commitOf, committedAs } from "../../../../test/support/planned-commit.ts"
import type { ChatMachineEvent, NewMessage, QueuedInput } from "../../../machines/chat-events.ts"
import { apply } from "./commit.ts"

/** What changing the queue, going before it and trying a turn again mean for the rows. */

const input: QueuedInput = { content: [{ type: "text", text: "new" }], modelConfigId: "other", createdBy: "owner" }
const queued = (id: number, position: number, kind: "queue" | "steer" = "queue", model: string | null = null) => ({
  ...queuedRow(id, kind),
  position,
  model_config_id: model,
})
const words = (messages: ReadonlyArray<NewMessage>) =>
  messages.map(({ role, content: [part] }) => `${role}: ${part?.type === "text" ? part.text : part?.type}`)
const committed = committedAs({ queuedIds: [200] })

describe("a commit", () => {
  it("of a message that preempts puts it before the others, none of which steers any longer", () => {
    const state = loadedChat({ activity: "running.generating" }, { queue: [queued(1, -3), queued(2, 4, "steer")] })
    const preempt = { type: "SendMessage", busyBehavior: "preempt", input } as const
    const commit = commitOf(state, preempt)
    expect(commit.queueInserts).toEqual([{ input, kind: "queue", position: -4 }])
    expect(commit.queueMoves).toEqual([{ id: 2, position: 4, kind: "queue" }])
    expect(commit).toMatchObject({ closeAttempt: "interrupt", columns: { activity: "running.interrupting" } })
    const after = apply(state, commit, committed)
    expect(after.state.queue.map(({ id }) => id)).toEqual([200, 1, 2])
  })

  it.each(["error", "pending", "requires_action.approval"] as const)(
    "of a message that preempts in %s begins its turn at once, before what waits",
    (activity) => {
      const state = loadedChat(
        { activity },
        { queue: [queued(1, 3), queued(2, 4, "steer")], openCalls: [callRow("a")] },
      )
      const commit = commitOf(state, { type: "SendMessage", busyBehavior: "preempt", input })
      expect(words(commit.messages)).toEqual(["tool: tool-result", "user: new"])
      expect(commit).toMatchObject({ queueInserts: [], queueRemoves: [], lastModelConfigId: "other" })
      expect(commit.queueMoves).toEqual([{ id: 2, position: 4, kind: "queue" }])
      expect(commit.columns).toMatchObject({ activity: "pending", lastError: null, turnSteps: 0, generationAttempt: 0 })
    },
  )

  const change = (fields: Partial<Extract<ChatMachineEvent, { type: "ChangeQueuedMessage" }>>) => ({
    ...({
      type: "ChangeQueuedMessage",
      queuedMessageId: 2,
      steer: false,
      kind: "queue",
      content: null,
      place: null,
    } as const),
    ...fields,
  })

  it.each([
    ["before another", 3, 1, [3, 1, 2, 4]],
    ["further down", 1, 4, [2, 3, 1, 4]],
    ["to the end", 2, null, [1, 3, 4, 2]],
    ["to where it is", 2, 3, [1, 2, 3, 4]],
  ])("of a message that is moved %s leaves the order of the others", (_, queuedMessageId, before, order) => {
    const state = loadedChat(
      { activity: "running.generating" },
      { queue: [queued(1, -5), queued(2, 2), queued(3, 3), queued(4, 9)] },
    )
    const commit = commitOf(state, change({ queuedMessageId, place: { before } }))
    const after = apply(state, commit, committed).state.queue
    expect(after.map(({ id }) => id)).toEqual(order)
    expect(after.map(({ position }) => position)).toEqual([-5, 2, 3, 9])
    // A place that stays is not written.
    expect(commit.queueMoves).toHaveLength(order.filter((id, index) => id !== index + 1).length)
  })

  it("of a message that is rewritten keeps its place, its kind and its model", () => {
    const state = loadedChat(
      { activity: "running.generating" },
      { queue: [queued(1, 3), queued(2, 4, "steer", "its own")] },
    )
    const commit = commitOf(state, change({ steer: true, kind: "steer", content: input.content }))
    expect(commit.queueMoves).toEqual([{ id: 2, position: 4, kind: "steer", content: input.content }])
    expect(apply(state, commit, committed).state.queue[0]).toMatchObject({
      ...{ id: 2, content: input.content, model_config_id: "its own", kind: "steer" },
    })
    expect(JSON.stringify(commit.journal)).not.toContain("new")
    expect(commit.journal.detail).toMatchObject({ queued_message_id: 2, rewritten: true })
    expect(commit.journal.detail).not.toHaveProperty("moved_from")
  })

  it("of a turn that is tried again writes no message, and begins a history of its own", () => {
    const failed = loadedChat({ activity: "error", last_error: { message: "old", retryable: true }, turn_steps: 3 })
    const commit = commitOf(failed, { type: "Retry", modelConfigId: "other" })
    expect(commit).toMatchObject({ messages: [], historyChanged: true, lastModelConfigId: "other", closeAttempt: null })
    expect(commit).toMatchObject({ partsBecameMessages: false, openAttempt: null, queueChanged: false })
    expect(commit.columns).toMatchObject({ activity: "pending", lastError: null, generationAttempt: 0, turnSteps: 0 })
    const granted = commitOf(failed, { type: "Retry", modelConfigId: "other", slot: "granted" })
    expect(granted).toMatchObject({ openAttempt: { modelConfigId: "other" }, takesSlot: "event" })
    expect(granted.columns).toMatchObject({ activity: "running.generating", generationAttempt: 1 })
  })

  it("of a turn that failed among its tools answers the calls before it is tried again", () => {
    const failed = loadedChat(
      { activity: "error" },
      {
        openCalls: [
          callRow("a", { state: "done", result: { fine: true }, is_error: false }),
          callRow("b", { state: "started" }),
        ],
      },
    )
    const commit = commitOf(failed, { type: "Retry", modelConfigId: MODEL })
    expect(commit.messages.map(({ content }) => content[0])).toMatchObject([
      { tool_call_id: "call-a", result: { fine: true } },
      { tool_call_id: "call-b", result: { canceled: "retried" }, is_error: true },
    ])
  })

  it("of an attempt that does not wait any longer counts on", () => {
    const retry = { attempt: 3, delay_ms: 5, error: "busy", retrying_at: "2026-01-02T03:04:05Z" }
    const waiting = loadedChat({ activity: "running.backing_off", generation_attempt: 3, retry_state: retry })
    const now = commitOf(waiting, { type: "Retry", modelConfigId: "other", slot: "granted" })
    expect(now).toMatchObject({ historyChanged: false, lastModelConfigId: "other", takesSlot: "event" })
    expect(now.columns).toMatchObject({ activity: "running.generating", generationAttempt: 4, retryState: null })
    const inLine = commitOf(waiting, { type: "Retry", modelConfigId: "other" })
    expect(inLine.columns).toMatchObject({ activity: "pending", generationAttempt: 3, resume: "generate" })
  })
})

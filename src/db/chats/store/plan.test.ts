import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "vitest"
import type { LoadedChat } from "./loaded-chat.ts"
import type { ChatRow, QueuedRow, ToolCallRow } from "../rows.ts"
import type { ChatMachineEvent, NewMessage, NewToolCall, QueuedInput } from "../../../machines/chat-events.ts"
import { type ChatChange, initialContext } from "../../../machines/chat-setup.ts"
import { type Activity, decide, snapshotOf, statusOf } from "../../../machines/chat-state.ts"
import { factsOfState } from "../state-facts.ts"
import { apply, plan } from "./commit.ts"

const AT = new Date("2026-01-02T03:04:05Z")

const row: ChatRow = {
  id: "chat",
  owner_id: "owner",
  organization_id: "organization",
  parent_chat_id: null,
  root_chat_id: null,
  client_type: "api",
  mode: null,
  dynamic_tools: [],
  tool_policy: [],
  created_at: AT,
  activity: "running.generating",
  status: "running",
  ...factsOfState("running.generating"),
  plan_mode: false,
  turn_plan_mode: false,
  archived: false,
  resume: "generate",
  turn_steps: 2,
  machine_version: 1,
  snapshot_version: 10,
  history_version: 8,
  queue_version: 5,
  retry_state_version: 0,
  generation_attempt: 1,
  owner_instance: "instance",
  owner_epoch: 3,
  recovery_attempts: 1,
  suspicion: 1,
  on_trial: false,
  last_model_config_id: "model",
  last_error: null,
  retry_state: null,
  requires_action_deadline_at: null,
  pending_since: null,
  admitted_at: null,
  yielded: false,
  title: "A chat",
  labels: {},
  mcp_server_ids: [],
  pin_order: 4,
  last_read_message_id: null,
  last_turn_summary: null,
  user_acl: {},
  group_acl: {},
  workspace_id: null,
  build_id: null,
  agent_id: null,
  updated_at: AT,
}

const queued = (id: number, position: number, kind: QueuedRow["kind"] = "queue", model: string | null = null) => ({
  id,
  chat_id: "chat",
  position,
  kind,
  content: [{ type: "text" as const, text: `queued ${id}` }],
  model_config_id: model,
  created_by: "owner",
  created_at: AT,
})

const call = (id: string, state: ToolCallRow["state"], result: unknown = null): ToolCallRow => ({
  id,
  chat_id: "chat",
  message_id: 50,
  index: 0,
  provider_call_id: `provider-${id}`,
  tool_name: "read_file",
  args: {},
  args_text: null,
  state,
  result,
  is_error: state === "done" ? false : null,
  created_at: AT,
  started_at: null,
  finished_at: state === "done" ? AT : null,
  approval: null,
  approval_reason: null,
  allow_rule: null,
  stopped_by: null,
})

const loaded = (
  change: Partial<ChatRow> = {},
  more: { queue?: ReadonlyArray<QueuedRow>; openCalls?: ReadonlyArray<ToolCallRow> } = {},
): LoadedChat => {
  const activity = change.activity ?? row.activity
  const facts = { status: statusOf(activity), ...factsOfState(activity) }
  return { row: { ...row, ...facts, ...change }, queue: more.queue ?? [], openCalls: more.openCalls ?? [] }
}

/** The commit that an event means in a state, as the actor makes it. */
const commitOf = (state: LoadedChat, event: ChatMachineEvent) => {
  const decided = decide(
    snapshotOf({
      activity: state.row.activity,
      planMode: state.row.plan_mode,
      mode: state.row.mode,
      context: {
        queue: state.queue.length,
        steer: state.queue.filter(({ kind }) => kind === "steer").length,
        archived: state.row.archived,
        resume: state.row.resume,
        attempt: state.row.generation_attempt,
        steps: state.row.turn_steps,
      },
    }),
    event,
  )
  if (decided === undefined) throw new Error(`${event.type} is refused in ${state.row.activity}`)
  return plan(state, {
    event,
    value: decided.next.value,
    context: decided.next.context,
    changes: decided.changes,
    actorUserId: "owner",
    now: AT.toISOString(),
    startedAtUs: 0,
  })
}

const committed = {
  version: 11,
  at: new Date("2026-01-02T03:05:00Z"),
  messageIds: [100, 101, 102],
  queuedIds: [200],
  row: { ...row, snapshot_version: 11 },
}
const input: QueuedInput = { content: [{ type: "text", text: "new" }], modelConfigId: "other", createdBy: "owner" }
const reply: NewMessage = { role: "assistant", visibility: "both", content: [{ type: "text", text: "reply" }] }
const newCall: NewToolCall = {
  id: "c",
  index: 0,
  providerCallId: "p",
  toolName: "read_file",
  args: {},
  argsText: null,
  approval: null,
  approvalReason: null,
  allowRule: null,
}
const words = (messages: ReadonlyArray<NewMessage>) =>
  messages.map(
    ({ role, content }) => `${role}: ${content.map((part) => ("text" in part ? part.text : part.type)).join()}`,
  )

describe("a commit", () => {
  it("names the fence it was planned on", () => {
    const commit = commitOf(loaded(), { type: "FinishTurn", messages: [reply] })
    expect(commit).toMatchObject({ chatId: "chat", epoch: 3, version: 10, historyVersion: 8, attemptBefore: 1 })
  })

  it("of the end of a turn stores the reply before the message that goes next", () => {
    const state = loaded({}, { queue: [queued(1, 2, "queue", "queued model"), queued(2, 3), queued(3, 9, "steer")] })
    const commit = commitOf(state, { type: "FinishTurn", messages: [reply] })
    expect(words(commit.messages)).toEqual(["assistant: reply", "user: queued 3"])
    expect(commit.queueRemoves).toEqual([3])
    expect(commit).toMatchObject({ historyChanged: true, queueChanged: true, partsBecameMessages: true })
    expect(commit.columns).toMatchObject({ activity: "pending", turnSteps: 0 })
  })

  it("uses the model of a queued message, and the chat's where it has none", () => {
    const own = commitOf(loaded({}, { queue: [queued(1, 1, "queue", "its own")] }), {
      type: "FinishTurn",
      messages: [],
    })
    expect(own.messages.at(-1)?.modelConfigId).toBe("its own")
    expect(own.lastModelConfigId).toBe("its own")
    const none = commitOf(loaded({}, { queue: [queued(1, 1)] }), { type: "FinishTurn", messages: [] })
    expect(none.messages.at(-1)?.modelConfigId).toBe("model")
  })

  it("answers open calls with their own result where there is one", () => {
    const state = loaded(
      { activity: "running.interrupting", generation_attempt: 0 },
      { openCalls: [call("a", "done", { fine: true }), call("b", "started")], queue: [queued(1, 1)] },
    )
    const commit = commitOf(state, { type: "FinishInterruption", messages: [] })
    expect(commit.messages.map(({ role }) => role)).toEqual(["tool", "tool", "user"])
    expect(commit.messages.map(({ content }) => content[0])).toMatchObject([
      { tool_call_id: "provider-a", result: { fine: true }, is_error: false },
      { tool_call_id: "provider-b", result: { error: expect.stringContaining("stopped") }, is_error: true },
      { type: "text" },
    ])
    expect(commit.answeredCalls).toEqual([
      { id: "a", canceled: false },
      { id: "b", canceled: true },
    ])
  })

  it("does not answer a call twice", () => {
    const state = loaded({ activity: "running.executing" }, { openCalls: [call("a", "done")] })
    const results: ReadonlyArray<NewMessage> = [{ role: "tool", visibility: "both", content: [], toolCallIds: ["a"] }]
    const commit = commitOf(state, { type: "CommitStep", results })
    expect(commit.answeredCalls).toEqual([{ id: "a", canceled: false }])
    expect(commit.messages).toHaveLength(1)
  })

  it("of a queued message touches the queue only", () => {
    const commit = commitOf(loaded({}, { queue: [queued(1, 7)] }), {
      type: "SendMessage",
      busyBehavior: "queue",
      input,
    })
    expect(commit.queueInserts).toEqual([{ input, kind: "queue", position: 8 }])
    expect(commit).toMatchObject({
      historyChanged: false,
      queueChanged: true,
      messages: [],
      partsBecameMessages: false,
    })
    expect(commit.columns).toMatchObject({ generationAttempt: 1, turnSteps: 2 })
  })

  it("of a promotion moves the message before the others, and the head not at all", () => {
    const state = loaded({}, { queue: [queued(1, 3), queued(2, 4)] })
    const moved = commitOf(state, { type: "PromoteQueuedMessage", queuedMessageId: 2, steer: false })
    expect(moved.queueMoves).toEqual([{ id: 2, position: 2, kind: "queue" }])
    const head = commitOf(state, { type: "PromoteQueuedMessage", queuedMessageId: 1, steer: false })
    expect(head).toMatchObject({ queueMoves: [], queueChanged: false })
    expect(head.columns.activity).toBe("running.interrupting")
  })

  it("of an edit removes the messages, empties the queue and writes the new one", () => {
    const state = loaded({ last_error: { message: "old", retryable: false } }, { queue: [queued(1, 3), queued(2, 4)] })
    const commit = commitOf(state, { type: "EditMessage", messageId: 42, input })
    expect(commit).toMatchObject({ removeMessagesFrom: 42, queueRemoves: [1, 2], closeAttempt: "edit" })
    expect(words(commit.messages)).toEqual(["user: new"])
    expect(commit).toMatchObject({ lastModelConfigId: "other", columns: { lastError: null, generationAttempt: 0 } })
  })

  it("keeps the state of a retry for as long as the chat backs off", () => {
    const retry = { attempt: 1, delay_ms: 5, error: "busy", retrying_at: AT.toISOString() }
    const commit = commitOf(loaded(), { type: "RecordRetryState", retry })
    expect(commit).toMatchObject({ retryChanged: true, closeAttempt: "retry", columns: { retryState: retry } })
    const waiting = loaded({ activity: "running.backing_off", retry_state: retry })
    const sent = commitOf(waiting, { type: "SendMessage", busyBehavior: "queue", input })
    expect(sent).toMatchObject({ retryChanged: false, columns: { retryState: retry } })
    const again = commitOf(waiting, { type: "RecordGenerationAttempt", modelConfigId: "model" })
    expect(again).toMatchObject({ retryChanged: true, columns: { retryState: null, generationAttempt: 2 } })
  })

  it("stores text as the database will give it back", () => {
    const odd: NewMessage = { ...reply, content: [{ type: "text", text: "a\u0000b\ud800" }] }
    const commit = commitOf(loaded(), { type: "FinishTurn", messages: [odd] })
    expect(words(commit.messages)).toEqual(["assistant: a\ufffdb\ufffd"])
  })

  it("has a journal of ids and scalars, without a text of the event", () => {
    const secret = "a text that nobody else may read"
    const texts: QueuedInput = { ...input, content: [{ type: "text", text: secret }] }
    const events: ReadonlyArray<ChatMachineEvent> = [
      { type: "SendMessage", busyBehavior: "queue", input: texts },
      { type: "EditMessage", messageId: 1, input: texts },
      { type: "FinishTurn", messages: [{ ...reply, content: texts.content }] },
      {
        type: "SetToolPolicy",
        rules: [{ pattern: "execute", args: { command_prefix: [secret] }, action: "auto" }],
        decisions: [],
        undecided: 0,
      },
      { type: "FinishError", error: { message: secret, detail: secret, retryable: false } },
      { type: "RecordRetryState", retry: { attempt: 1, delay_ms: 1, error: secret, retrying_at: AT.toISOString() } },
      {
        type: "RecordToolCalls",
        message: { ...reply, content: texts.content },
        calls: [
          {
            id: "c",
            index: 0,
            providerCallId: secret,
            toolName: secret,
            args: { secret },
            argsText: secret,
            approval: null,
            approvalReason: secret,
            allowRule: { pattern: "execute", args: { command_prefix: [secret] }, action: "auto" },
          },
        ],
      },
    ]
    for (const event of events) {
      const { journal } = commitOf(loaded(), event)
      expect(journal).toMatchObject({ event: event.type, fromActivity: "running.generating", actorUserId: "owner" })
      expect(JSON.stringify(journal)).not.toContain(secret)
    }
  })

  it.each([
    [98, false],
    [99, true],
    [100, false],
  ])("keeps a snapshot every 100 versions (from version %i: %s)", (version, kept) => {
    const commit = commitOf(loaded({ snapshot_version: version }), { type: "Interrupt" })
    expect(commit.snapshot !== null).toBe(kept)
  })
})

/** One of each, on rows in which it means something. */
const changes = {
  appendMessages: { type: "appendMessages", params: { messages: [reply] } },
  appendUserMessage: { type: "appendUserMessage", params: { input } },
  enqueue: { type: "enqueue", params: { input, kind: "steer" } },
  unsteer: { type: "unsteer", params: undefined },
  promoteHead: { type: "promoteHead", params: undefined },
  promoteSteers: { type: "promoteSteers", params: undefined },
  promoteQueued: { type: "promoteQueued", params: { queuedMessageId: 1 } },
  moveToHead: { type: "moveToHead", params: { queuedMessageId: 2 } },
  removeQueued: { type: "removeQueued", params: { queuedMessageId: 1 } },
  changeQueued: {
    type: "changeQueued",
    params: { queuedMessageId: 2, content: input.content, kind: "queue", place: null },
  },
  clearQueue: { type: "clearQueue", params: undefined },
  softDeleteFrom: { type: "softDeleteFrom", params: { messageId: 1 } },
  clearContext: { type: "clearContext", params: undefined },
  recordToolCalls: { type: "recordToolCalls", params: { calls: [newCall] } },
  cancelPendingCalls: { type: "cancelPendingCalls", params: { reason: "interrupted" } },
  decideApprovals: { type: "decideApprovals", params: { decisions: [{ id: "a", approved: true, reason: null }] } },
  takeSlot: { type: "takeSlot", params: { from: "event" } },
  openAttempt: { type: "openAttempt", params: { modelConfigId: "model" } },
  closeAttempt: { type: "closeAttempt", params: { reason: "edit" } },
  useModel: { type: "useModel", params: { modelConfigId: "other" } },
  beginHistory: { type: "beginHistory", params: undefined },
  setRetryState: {
    type: "setRetryState",
    params: { retry: { attempt: 2, delay_ms: 1, error: "busy", retrying_at: AT.toISOString() } },
  },
  setError: { type: "setError", params: { error: { message: "new", retryable: false } } },
  clearError: { type: "clearError", params: undefined },
  setDeadline: { type: "setDeadline", params: { deadlineAt: AT.toISOString() } },
  setToolPolicy: { type: "setToolPolicy", params: { rules: [{ pattern: "*", action: "ask" }] } },
  stopCall: { type: "stopCall", params: { id: "a", by: "ada" } },
  noChange: { type: "noChange", params: undefined },
} satisfies { readonly [Type in ChatChange["type"]]: Extract<ChatChange, { readonly type: Type }> }

describe("a described change", () => {
  const state = loaded(
    { last_error: { message: "old", retryable: false } },
    { queue: [queued(1, 1), queued(2, 2), queued(3, 3, "steer")], openCalls: [call("a", "planned")] },
  )
  const planned = (activity: Activity, ...described: ReadonlyArray<ChatChange>) => {
    const { value, context } = snapshotOf({ activity, planMode: false, mode: null, context: initialContext })
    const event = { type: "Interrupt" } as const
    const at = { now: AT.toISOString(), startedAtUs: 0 }
    return plan(state, { event, value, context, changes: described, actorUserId: null, ...at })
  }

  it.each(Object.values(changes))("is carried out by some table: $type", (change) => {
    // Of the wait and the deadline the row has nothing in any other state.
    const activities = ["running.backing_off", "requires_action.client_tools"] as const
    const carriedOut = activities.some((activity) => !isDeepStrictEqual(planned(activity, change), planned(activity)))
    expect(carriedOut).toBe(change.type !== "noChange")
  })
})

describe("the rows after a commit", () => {
  it("hold what was written, and the chat as the database has it", () => {
    const state = loaded({}, { queue: [queued(1, 1), queued(2, 2)] })
    const after = apply(state, commitOf(state, { type: "FinishTurn", messages: [reply] }), committed)
    expect(after.inserted.map(({ id, role, created_version }) => [id, role, created_version])).toEqual([
      [100, "assistant", 11],
      [101, "user", 11],
    ])
    expect(after.state.queue.map(({ id }) => id)).toEqual([2])
    expect(after.state.row).toEqual(committed.row)
  })

  it("hold the calls of a step until they are answered", () => {
    const state = loaded()
    const calls = [newCall]
    const executing = { ...committed, row: { ...committed.row, activity: "running.executing" as const } }
    const recorded = apply(state, commitOf(state, { type: "RecordToolCalls", message: reply, calls }), executing)
    expect(recorded.state.openCalls).toMatchObject([{ id: "c", message_id: 100, state: "planned" }])
    const results: ReadonlyArray<NewMessage> = [{ role: "tool", visibility: "both", content: [], toolCallIds: ["c"] }]
    const answered = apply(recorded.state, commitOf(recorded.state, { type: "CommitStep", results }), {
      ...committed,
      version: 12,
    })
    expect(answered.state.openCalls).toEqual([])
  })
})

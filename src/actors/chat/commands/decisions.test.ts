import { describe, expect, it } from "vitest"
import {
  to,
  content,
  given,
  APPROVABLE,
  UNASKED,
  refusal,
  event,
  commands,
  userMessage,
  asked,
} from "../../../../test/support/decided-commands.ts"
import { callRow, loadedChat, MODEL, ORGANIZATION, OWNER, queuedRow } from "../../../../test/support/loaded-chat.ts"
import { type MessageRow } from "../../../db/chats/rows.ts"
import { answerCalls } from "./answer-calls.ts"
import { changeQueued } from "./change-queued.ts"
import { decideApprovals } from "./decide-approvals.ts"
import { deleteQueued } from "./delete-queued.ts"
import { promoteQueued } from "./promote-queued.ts"
import { retry } from "./retry.ts"
import { sendMessage } from "./send-message.ts"
import { setMode } from "./set-mode.ts"
import { setToolPolicy } from "./set-tool-policy.ts"
import { stopCall } from "./stop-call.ts"

/** What each command means for its chat: the event, or the refusal. */

describe("sending a message", () => {
  it("takes the model that the chat has when it is decided", () => {
    expect(event(loadedChat(), commands.send)).toEqual({
      type: "SendMessage",
      busyBehavior: "queue",
      input: { content, modelConfigId: MODEL, createdBy: OWNER },
    })
  })

  it("takes the model that was chosen", () => {
    const chosen = sendMessage.of(to, { ...given, modelConfigId: OWNER })
    expect(event(loadedChat(), chosen)).toMatchObject({ input: { modelConfigId: OWNER } })
  })

  it("is refused by a full queue, and so is the mode that it would set", () => {
    const queue = Array.from({ length: 20 }, (_, index) => queuedRow(index + 1))
    const full = loadedChat({ activity: "running.generating" }, { queue })
    const mode = setMode.of(to, { mode: "plan", forMessage: { busyBehavior: "queue", receipt: null } })
    expect(refusal(full, commands.send)).toMatchObject({ reason: "queue_full" })
    expect(refusal(full, mode)).toMatchObject({ reason: "queue_full", event: "SendMessage" })
    expect(event(full, commands.mode)).toEqual({ type: "SetMode", mode: "plan" })
  })
})

describe("editing a message", () => {
  const gone = { _tag: "MessageGone", messageId: 7 }
  const edited = (message: MessageRow | undefined) => refusal(loadedChat(), commands.edit, message && { message })

  it("is refused for what is no message of the chat, not any more, or was never seen", () => {
    expect(edited(undefined)).toMatchObject(gone)
    expect(edited({ ...userMessage, removed_version: 4 })).toMatchObject(gone)
    expect(edited({ ...userMessage, visibility: "model" })).toMatchObject(gone)
  })

  it("is refused for what the model has said", () => {
    expect(edited({ ...userMessage, role: "assistant" })).toMatchObject({ _tag: "InvalidInput", field: "message" })
  })

  it("is refused by an archived chat before the message is looked for", () => {
    expect(refusal(loadedChat({ archived: true }), commands.edit)).toMatchObject({ reason: "archived" })
  })

  it.each([
    ["its own", { live: [OWNER, MODEL] }, OWNER],
    ["the chat's, where its own is gone", { live: [MODEL] }, MODEL],
    ["the default, where both are gone", { live: [ORGANIZATION], standard: ORGANIZATION }, ORGANIZATION],
    ["the chat's, where none is left", { live: [] }, MODEL],
  ])("is answered by %s", (_which, known, model) => {
    const message = { ...userMessage, model_config_id: OWNER }
    expect(event(loadedChat(), commands.edit, { message, ...known })).toMatchObject({ input: { modelConfigId: model } })
  })
})

describe("a queued message", () => {
  const busy = loadedChat({ activity: "running.generating" }, { queue: [queuedRow(1, "steer"), queuedRow(2)] })

  it.each([
    ["delete", deleteQueued, "DeleteQueuedMessage"],
    ["promote", promoteQueued, "PromoteQueuedMessage"],
  ] as const)("that is there can be changed, another cannot (%s)", (_what, command, type) => {
    expect(event(busy, command.of(to, { queuedMessageId: 1 }))).toEqual({ type, queuedMessageId: 1, steer: true })
    expect(event(busy, command.of(to, { queuedMessageId: 2 }))).toMatchObject({ steer: false })
    const missing = command.of(to, { queuedMessageId: 3 })
    expect(refusal(busy, missing)).toMatchObject({ _tag: "QueuedMessageGone", queuedMessageId: 3 })
    expect(refusal(loadedChat(), missing)).toMatchObject({ _tag: "CommandRefused" })
  })

  const change = (fields: Partial<typeof commands.change.fields>) =>
    changeQueued.of(to, { ...{ queuedMessageId: 2, content: null, kind: null, place: null }, ...fields })

  it("keeps what it is not told to change", () => {
    const kept = { type: "ChangeQueuedMessage", queuedMessageId: 1, steer: true, kind: "steer", place: null }
    expect(event(busy, change({ queuedMessageId: 1, content }))).toEqual({ ...kept, content })
    const place = { before: 1 }
    expect(event(busy, change({ kind: "steer", place }))).toMatchObject({ steer: false, kind: "steer", place })
  })

  it.each([2, 7])("cannot be moved before one that is not another of the queue (%i)", (before) => {
    expect(refusal(busy, change({ place: { before } }))).toMatchObject({ _tag: "InvalidInput", field: "before" })
  })

  it("that has been promoted meanwhile is in another state, one that was deleted is gone", () => {
    for (const state of [busy, loadedChat()]) {
      const missing = change({ queuedMessageId: 3, content })
      expect(refusal(state, missing, { promoted: true })).toMatchObject({ reason: "not_allowed" })
      expect(refusal(state, missing, { promoted: false })).toMatchObject({ _tag: "QueuedMessageGone" })
    }
  })

  it.each(["error", "running.interrupting"] as const)("has no turn to steer in %s", (activity) => {
    const state = loadedChat({ activity }, { queue: [queuedRow(1, "steer"), queuedRow(2)] })
    expect(refusal(state, change({ kind: "steer" }))).toMatchObject({
      reason: "not_allowed",
      message: "There is no turn that the message could steer.",
    })
    expect(event(state, change({ queuedMessageId: 1, kind: "queue" }))).toMatchObject({ kind: "queue" })
  })
})

describe("trying again", () => {
  const failed = loadedChat({ activity: "error" })
  const nothing = { reason: "not_allowed", message: "There is nothing to try again: nothing has failed here." }

  it.each([
    ["that was chosen", { modelConfigId: OWNER }, {}, OWNER],
    ["of the chat", { modelConfigId: null }, {}, MODEL],
    ["of the deployment, where the chat's is gone", { modelConfigId: null }, { live: [], standard: OWNER }, OWNER],
  ])("asks the model %s", (_which, fields, known, modelConfigId) => {
    expect(event(failed, retry.of(to, fields), known)).toEqual({ type: "Retry", modelConfigId })
  })

  it("is refused where the model has had the last word", () => {
    expect(refusal(failed, commands.retry, { unanswered: false })).toMatchObject(nothing)
  })

  it("needs no message where calls have no results, or a summary was to be made", () => {
    const amongTools = loadedChat({ activity: "error" }, { openCalls: [callRow("a")] })
    const compacting = loadedChat({ activity: "error", resume: "compact" })
    for (const state of [amongTools, compacting]) {
      expect(event(state, commands.retry, { unanswered: false })).toMatchObject({ type: "Retry" })
    }
  })

  it("is refused while nothing has failed, without a look at the messages", () => {
    expect(refusal(loadedChat(), commands.retry, { unanswered: true })).toMatchObject(nothing)
  })
})

describe("an answer to calls that wait for approval", () => {
  const state = loadedChat(
    { activity: "requires_action.approval" },
    { openCalls: [asked, callRow(OWNER, { approval: "asked" }), callRow(UNASKED)] },
  )
  const decided = (...decisions: ReadonlyArray<{ id: string; decision: "approve" | "deny"; reason?: string }>) =>
    decideApprovals.of(to, { decisions })

  it("says how many are left, and that it was a person who refused", () => {
    expect(event(state, decided({ id: APPROVABLE, decision: "deny" }))).toEqual({
      type: "DecideApproval",
      undecided: 1,
      decisions: [{ id: APPROVABLE, approved: false, reason: "A person refused it and gave no reason." }],
    })
  })

  it.each([
    [[APPROVABLE, APPROVABLE], "decisions[1].id", "is there twice"],
    [[APPROVABLE, UNASKED], "decisions[1].id", "is no call that waits for approval"],
    [[MODEL], "decisions[0].id", "is no call that waits for approval"],
  ])("is refused for %j", (ids, field, message) => {
    const command = decided(...ids.map((id) => ({ id, decision: "approve" as const })))
    expect(refusal(state, command)).toMatchObject({ _tag: "InvalidInput", field, message })
  })
})

describe("rules for the calls of a chat", () => {
  const write = callRow(OWNER, { approval: "asked", tool_name: "write_file" })
  const state = loadedChat({ activity: "requires_action.approval" }, { openCalls: [asked, write, callRow(UNASKED)] })

  it("decide about those that wait for a person, and leave the others to him", () => {
    const rules = [
      { pattern: "write_file", action: "deny" },
      { pattern: "*", action: "ask" },
    ] as const
    expect(event(state, setToolPolicy.of(to, { rules }))).toEqual({
      type: "SetToolPolicy",
      rules,
      undecided: 1,
      decisions: [{ id: OWNER, approved: false, reason: "The tool policy of this chat does not allow write_file." }],
    })
    expect(event(state, commands.rules)).toMatchObject({
      undecided: 0,
      decisions: [
        { id: APPROVABLE, approved: true, reason: null },
        { id: OWNER, approved: true, reason: null },
      ],
    })
  })

  it("leave alone what has not come before a person yet: the step that runs counts on it", () => {
    const running = loadedChat({ activity: "running.executing" }, { openCalls: [asked] })
    expect(event(running, commands.rules)).toEqual({ type: "SetToolPolicy", rules: [], undecided: 0, decisions: [] })
  })
})

describe("stopping one call", () => {
  const done = callRow("b", { state: "done" })
  const twin = callRow("c", { provider_call_id: "call-b", state: "started" })
  const state = loadedChat(
    { activity: "running.executing" },
    { openCalls: [callRow("a"), done, twin, asked, callRow("d", { stopped_by: "ada" })] },
  )
  const stopping = (call: string) => stopCall.of(to, { call })

  it("takes our id or the provider's, and says who it was", () => {
    const stops = { type: "StopToolCall", callId: "a", by: "owner" }
    expect(event(state, stopping("call-a"))).toEqual(stops)
    expect(event(state, stopping("a"))).toEqual(stops)
  })

  it("means the one that still runs, where two have one id of the provider", () => {
    expect(event(state, stopping("call-b"))).toMatchObject({ callId: "c" })
  })

  it("is refused for one that has ended, in hand or long ago, and for one that waits for a person", () => {
    const refused = { _tag: "CommandRefused", reason: "not_allowed" }
    expect(refusal(state, stopping("b"))).toMatchObject({ ...refused, message: "This call has ended." })
    expect(refusal(loadedChat(), stopping("old"), { call: { stopped_by: null } })).toMatchObject(refused)
    expect(refusal(state, stopping(APPROVABLE))).toMatchObject({ ...refused, message: expect.stringContaining("Deny") })
  })

  it("is no more than a repeat for one that was stopped, while it ends and ever after", () => {
    expect(refusal(state, stopping("d"))).toMatchObject({ _tag: "Repeated" })
    expect(refusal(loadedChat(), stopping("d"), { call: { stopped_by: "ada" } })).toMatchObject({ _tag: "Repeated" })
  })

  it("knows nothing of a call that the chat has never made", () => {
    expect(refusal(state, stopping("other"))).toMatchObject({ _tag: "ToolCallGone", call: "other" })
  })
})

describe("results of calls that the client runs", () => {
  const state = loadedChat(
    { activity: "requires_action.client_tools" },
    { openCalls: [callRow("a"), callRow("b", { provider_call_id: "call-a" }), callRow("c")] },
  )
  const result = (id: string, output?: unknown) => ({ tool_call_id: `call-${id}`, output })
  const answered = (...results: ReadonlyArray<ReturnType<typeof result>>) => answerCalls.of(to, { results })

  it("are given in the order of the calls; those of one id take turns", () => {
    const complete = event(state, answered(result("c", 3), result("a", 1), result("a", 2)))
    if (complete.type !== "CompleteRequiresAction") throw new Error(`It became ${complete.type}`)
    const parts = complete.results.map(({ toolCallIds, content: [part] }) => [toolCallIds, part])
    expect(parts).toMatchObject([
      [["a"], { type: "tool-result", tool_call_id: "call-a", result: 1, is_error: false }],
      [["b"], { tool_call_id: "call-a", result: 2 }],
      [["c"], { tool_call_id: "call-c", result: 3 }],
    ])
  })

  it.each([
    [[result("c", 1), result("c", 2)], "results[1].tool_call_id", "is there twice"],
    [[result("c", 1)], "results", "must answer every pending call; call-a is missing"],
    [[result("a", 1), result("c", 1), result("d", 1)], "results[2].tool_call_id", "is not a pending call"],
    [[result("a", 1), result("c")], "results[1].output", "is required"],
  ])("are refused where they do not fit: %j", (results, field, message) => {
    expect(refusal(state, answered(...results))).toMatchObject({ _tag: "ToolResultsMismatch", field, message })
  })
})

describe("forgetting the history", () => {
  const nothing = { since: { spoken: false, answered: false } }
  const unanswered = { since: { spoken: true, answered: false } }

  it("needs one", () => {
    const summarise = { _tag: "NothingToForget", message: "There is nothing to summarise yet." }
    expect(refusal(loadedChat(), commands.compact, nothing)).toMatchObject(summarise)
    expect(refusal(loadedChat(), commands.compact, unanswered)).toMatchObject(summarise)
    expect(refusal(loadedChat(), commands.clear, nothing)).toMatchObject({
      _tag: "NothingToForget",
      message: "There is nothing to clear yet.",
    })
    expect(event(loadedChat(), commands.clear, unanswered)).toEqual({ type: "ClearContext" })
  })

  it("is refused by a busy chat with its state, whatever there is", () => {
    const busy = loadedChat({ activity: "running.generating" })
    expect(refusal(busy, commands.compact, nothing)).toMatchObject({ _tag: "CommandRefused" })
    expect(refusal(busy, commands.clear, nothing)).toMatchObject({ _tag: "CommandRefused" })
  })
})

import type { SqlClient } from "@effect/sql/SqlClient"
import type { ToolCallId } from "../../../contract/ids.ts"
import { jsonb } from "../../engine/jsonb.ts"
import type { ApprovalDecision, NewMessage, NewToolCall } from "../../../machines/chat-events.ts"
import type { ToolCallRow } from "../rows.ts"
import type { LoadedChat } from "./loaded-chat.ts"
import type { MessagesPlan } from "./messages.ts"
import type { Part, Transition } from "./part.ts"

/** Calls that the model made, and what becomes of them: `tool_calls`. */

export interface ToolCallsPlan {
  /** Written under the id of the one message of this commit. */
  readonly toolCalls: ReadonlyArray<NewToolCall>
  /** Calls that this commit answers in the transcript; a canceled one never gets a result of its own. */
  readonly answeredCalls: ReadonlyArray<{ readonly id: ToolCallId; readonly canceled: boolean }>
  readonly approvals: ReadonlyArray<ApprovalDecision>
  /** Calls that a person has stopped, with the name of who it was. */
  readonly stoppedCalls: ReadonlyArray<{ readonly id: ToolCallId; readonly by: string }>
}

const answeredBy = (messages: ReadonlyArray<NewMessage>) => messages.flatMap((message) => message.toolCallIds ?? [])

const plan = ({ openCalls }: LoadedChat, { changes }: Transition, { messages }: MessagesPlan): ToolCallsPlan => {
  const done = new Set(openCalls.filter(({ state }) => state === "done").map(({ id }) => id))
  let toolCalls: ToolCallsPlan["toolCalls"] = []
  let approvals: ToolCallsPlan["approvals"] = []
  let stoppedCalls: ToolCallsPlan["stoppedCalls"] = []
  for (const change of changes) {
    switch (change.type) {
      case "appendMessages":
        for (const id of answeredBy(change.params.messages)) done.add(id)
        break
      case "recordToolCalls":
        toolCalls = change.params.calls
        break
      case "decideApprovals":
        approvals = change.params.decisions
        break
      case "stopCall":
        stoppedCalls = [change.params]
        break
    }
  }
  const answeredCalls = answeredBy(messages).map((id) => ({ id, canceled: !done.has(id) }))
  return { toolCalls, answeredCalls, approvals, stoppedCalls }
}

const records = (calls: ReadonlyArray<NewToolCall>) =>
  jsonb(
    calls.map((call) => ({
      id: call.id,
      index: call.index,
      provider_call_id: call.providerCallId,
      tool_name: call.toolName,
      args: call.args,
      args_text: call.argsText,
      approval: call.approval,
      approval_reason: call.approvalReason,
      allow_rule: call.allowRule,
    })),
  )

const record = (sql: SqlClient, calls: ReadonlyArray<NewToolCall>) => sql`recorded_calls as (
    insert into tool_calls (id, chat_id, message_id, index, provider_call_id, tool_name, args, args_text, approval,
      approval_reason, allow_rule)
    select t.id, fence.id, (select max(id) from inserted_messages), t.index, t.provider_call_id, t.tool_name, t.args,
      t.args_text, t.approval, t.approval_reason, t.allow_rule
    from fence, jsonb_to_recordset(${records(calls)}::jsonb) as t (id uuid, index int, provider_call_id text,
      tool_name text, args jsonb, args_text text, approval text, approval_reason text,
      allow_rule jsonb))`

/** Calls of messages that are removed. */
const drop = (sql: SqlClient, from: number) => sql`dropped_calls as (
    update tool_calls t set answered_version = fence.snapshot_version,
      state = case when t.state = 'done' then 'done' else 'canceled' end
    from fence where t.chat_id = fence.id and t.message_id >= ${from} and t.answered_version is null)`

const answer = (sql: SqlClient, calls: ToolCallsPlan["answeredCalls"]) => sql`answered_calls as (
    update tool_calls t set answered_version = fence.snapshot_version,
      state = case when a.canceled and t.state <> 'done' then 'canceled' else t.state end
    from fence, jsonb_to_recordset(${jsonb(calls)}::jsonb) as a (id uuid, canceled boolean)
    where t.id = a.id and t.chat_id = fence.id)`

const decide = (sql: SqlClient, decisions: ReadonlyArray<ApprovalDecision>) => sql`decided_calls as (
    update tool_calls t set approval = case when d.approved then 'approved' else 'denied' end,
      approval_reason = coalesce(d.reason, t.approval_reason)
    from fence, jsonb_to_recordset(${jsonb(decisions)}::jsonb) as d (id uuid, approved boolean, reason text)
    where t.id = d.id and t.chat_id = fence.id)`

/** Whoever was first has stopped it, and one that has ended is not stopped any more. */
const stop = (sql: SqlClient, calls: ToolCallsPlan["stoppedCalls"]) => sql`stopped_calls as (
    update tool_calls t set stopped_by = s.by
    from fence, jsonb_to_recordset(${jsonb(calls)}::jsonb) as s (id uuid, by text)
    where t.id = s.id and t.chat_id = fence.id and t.stopped_by is null and t.state in ('planned', 'started'))`

const stopped = (call: ToolCallRow, by: string | undefined): ToolCallRow =>
  by === undefined || call.stopped_by !== null || call.state === "done" ? call : { ...call, stopped_by: by }

const decided = (call: ToolCallRow, decision: ApprovalDecision | undefined): ToolCallRow =>
  decision === undefined
    ? call
    : {
        ...call,
        approval: decision.approved ? "approved" : "denied",
        approval_reason: decision.reason ?? call.approval_reason,
      }

export const toolCalls: Part<ToolCallsPlan, MessagesPlan> = {
  plan,
  write: (sql, { removeMessagesFrom, toolCalls: recorded, answeredCalls, approvals, stoppedCalls }) => [
    ...(removeMessagesFrom === null ? [] : [drop(sql, removeMessagesFrom)]),
    ...(recorded.length === 0 ? [] : [record(sql, recorded)]),
    ...(answeredCalls.length === 0 ? [] : [answer(sql, answeredCalls)]),
    ...(approvals.length === 0 ? [] : [decide(sql, approvals)]),
    ...(stoppedCalls.length === 0 ? [] : [stop(sql, stoppedCalls)]),
  ],
  after: (rows, commit, committed) => {
    const answered = new Set(commit.answeredCalls.map(({ id }) => id))
    const cut = commit.removeMessagesFrom ?? Number.POSITIVE_INFINITY
    const decisions = new Map(commit.approvals.map((decision) => [decision.id, decision]))
    const stops = new Map(commit.stoppedCalls.map(({ id, by }) => [id, by]))
    const left = rows.openCalls
      .filter((call) => !answered.has(call.id) && call.message_id < cut)
      .map((call) => stopped(decided(call, decisions.get(call.id)), stops.get(call.id)))
    const recorded = commit.toolCalls.map((call): ToolCallRow => ({
      id: call.id,
      chat_id: commit.chatId,
      message_id: committed.messageIds[commit.messages.length - 1] ?? 0,
      index: call.index,
      provider_call_id: call.providerCallId,
      tool_name: call.toolName,
      args: call.args,
      args_text: call.argsText,
      state: "planned",
      result: null,
      is_error: null,
      approval: call.approval,
      approval_reason: call.approvalReason,
      allow_rule: call.allowRule,
      stopped_by: null,
      created_at: committed.at,
      started_at: null,
      finished_at: null,
    }))
    return { ...rows, openCalls: [...left, ...recorded] }
  },
}

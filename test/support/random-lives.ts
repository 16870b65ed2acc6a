import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import fc from "fast-check"
import { randomUUID } from "node:crypto"
import { resultMessage } from "../../src/db/chats/store/call-answers.ts"
import type { Part } from "../../src/contract/parts.ts"
import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent, NewMessage, QueuedInput } from "../../src/machines/chat-events.ts"
import { everyVariant } from "../../src/machines/chat-journal.ts"
import type { InertChats } from "./inert-chats.ts"

/** Random lives of chats: every event of the machine, and how one is made to fit the rows of a chat. */

const AT = "2026-01-01T00:00:00.000Z"
const input: QueuedInput = { content: [{ type: "text", text: "hi" }], modelConfigId: "", createdBy: "" }
const reply: NewMessage = { role: "assistant", visibility: "both", content: [{ type: "text", text: "ho" }] }

/** With something where the journal has no text. */
const told = (event: ChatMachineEvent): ChatMachineEvent => {
  switch (event.type) {
    case "Create":
    case "CommitCompaction":
    case "FinishTurn":
      return { ...event, messages: [reply] }
    case "SendMessage":
    case "EditMessage":
      return { ...event, input }
    case "RecordRetryState":
      return { ...event, retry: { attempt: 1, delay_ms: 1, error: "busy", retrying_at: AT } }
    case "RecordToolCalls":
      return { ...event, message: reply }
    case "EnterRequiresAction":
      return { ...event, deadlineAt: AT }
    case "FinishError":
      return { ...event, error: { message: "no", retryable: false } }
    default:
      return event
  }
}

/** Every event of a sound chat, with each variant that the machine tells apart. */
export const everyEvent: ReadonlyArray<ChatMachineEvent> = everyVariant.map(told)

/** A step of a random sequence: which event, and two numbers that choose what it is about. */
export interface Step {
  readonly event: ChatMachineEvent
  readonly pick: number
  readonly size: number
}

const pickOf = <A>(items: ReadonlyArray<A>, pick: number): A | undefined => items[pick % Math.max(1, items.length)]

const toolCall = (id: string): Part => ({ type: "tool-call", tool_call_id: id, tool_name: "probe", args: {} })

/** What becomes of the first of the calls that a person is asked about: one at least, where one is to be decided at all. */
const decisions = ({ openCalls }: LoadedChat, pick: number, count: number) => {
  const asked = openCalls.filter((call) => call.approval === "asked")
  const decided = asked.slice(0, count === 0 ? 0 : 1 + ((count - 1) % Math.max(1, asked.length)))
  return {
    undecided: asked.length - decided.length,
    decisions: decided.map(({ id }) => ({ id, approved: pick % 2 === 0, reason: null })),
  }
}

/** The event with ids and results that fit the rows, as the services and the effects would send it. */
export const fitted = (
  chats: InertChats,
  { event, pick, size }: Step,
  state: LoadedChat,
  userMessages: ReadonlyArray<number>,
): ChatMachineEvent => {
  const { openCalls, queue } = state
  const sent: QueuedInput = {
    content: [{ type: "text", text: randomUUID() }],
    modelConfigId: chats.modelConfigId,
    createdBy: chats.userId,
  }
  const answers = openCalls.map((call) => resultMessage(call, { result: size, isError: false, at: AT }))
  switch (event.type) {
    case "SendMessage":
      return { ...event, input: sent }
    case "EditMessage":
      return { ...event, input: sent, messageId: pickOf(userMessages, pick) ?? 0 }
    case "DeleteQueuedMessage":
    case "PromoteQueuedMessage": {
      const row = pickOf(queue, pick)
      return { ...event, queuedMessageId: row?.id ?? 0, steer: row?.kind === "steer" }
    }
    case "ChangeQueuedMessage": {
      const row = pickOf(queue, pick)
      const others = [...queue.filter(({ id }) => id !== row?.id).map(({ id }) => id), null]
      return {
        ...event,
        queuedMessageId: row?.id ?? 0,
        steer: row?.kind === "steer",
        content: size % 2 === 0 ? sent.content : null,
        place: size < 2 ? null : { before: pickOf(others, size) ?? null },
      }
    }
    case "Admit":
    case "Retry":
    case "RecordGenerationAttempt":
      return { ...event, modelConfigId: chats.modelConfigId }
    case "RecordToolCalls": {
      const ids = Array.from({ length: 1 + (size % 3) }, () => randomUUID())
      return {
        ...event,
        message: { ...reply, content: ids.map(toolCall) },
        calls: ids.map((id, index) => ({
          id,
          index,
          providerCallId: id,
          toolName: "probe",
          args: {},
          argsText: null,
          approval: pick % 2 === 0 ? "asked" : null,
          approvalReason: null,
          allowRule: pick % 4 === 0 ? { pattern: "probe", args: { command_prefix: ["ls"] }, action: "auto" } : null,
        })),
      }
    }
    case "EnterRequiresAction":
      return { ...event, results: answers.slice(1) }
    case "CommitStep":
    case "CompleteRequiresAction":
      return { ...event, results: answers }
    case "StopToolCall":
      return { ...event, callId: pickOf(openCalls, pick)?.id ?? randomUUID(), by: "ada" }
    case "FinishTurn":
      return { ...event, messages: openCalls.length > 0 ? answers : [reply] }
    case "FinishInterruption":
      return { ...event, messages: openCalls.length === 0 && pick % 2 === 0 ? [reply] : [] }
    case "DecideApproval":
      return { ...event, ...decisions(state, pick, 1 + size) }
    case "SetToolPolicy": {
      const asks = state.row.activity === "requires_action.approval"
      return { ...event, rules: [{ pattern: "probe", action: "ask" }], ...decisions(state, pick, asks ? size : 0) }
    }
    default:
      return event
  }
}

const anyStep = (events: ReadonlyArray<ChatMachineEvent>): fc.Arbitrary<Step> =>
  fc.record({ event: fc.constantFrom(...events), pick: fc.nat(20), size: fc.nat(5) })

/** Random events, with a bias to those that lead on: most others are refused in most states. */
export const sequences = (length: { readonly minLength: number; readonly maxLength: number }) =>
  fc.array(
    fc.oneof(
      { weight: 2, arbitrary: anyStep(everyEvent) },
      {
        weight: 3,
        arbitrary: anyStep(
          everyEvent.filter(({ type }) =>
            ["Admit", "RecordGenerationAttempt", "RecordToolCalls", "SendMessage", "CommitStep", "FinishTurn"].includes(
              type,
            ),
          ),
        ),
      },
    ),
    length,
  )

/** What the database holds of a chat. */
export interface Stored {
  readonly row: Record<string, unknown>
  readonly messages: ReadonlyArray<{
    readonly id: number
    readonly role: string
    readonly visibility: string
    readonly content: ReadonlyArray<Part>
  }>
  readonly queue: ReadonlyArray<{ readonly id: number; readonly kind: string }>
  readonly open: ReadonlyArray<string>
}

export const stored = (chats: InertChats, chatId: string) =>
  chats.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<Stored>`
      select to_jsonb(c) as row,
        coalesce((select jsonb_agg(jsonb_build_object('id', id, 'role', role,
            'visibility', visibility, 'content', content) order by id)
          from chat_messages where chat_id = c.id and removed_version is null), '[]') as messages,
        coalesce((select jsonb_agg(jsonb_build_object('id', id, 'kind', kind) order by kind desc, position)
          from chat_queued_messages where chat_id = c.id and removed_version is null), '[]') as queue,
        coalesce((select jsonb_agg(id order by message_id, index) from tool_calls
          where chat_id = c.id and answered_version is null), '[]') as open
      from chats c where c.id = ${chatId}`,
    ).pipe(
      Effect.orDie,
      Effect.flatMap(([found]) => (found === undefined ? Effect.dieMessage("no such chat") : Effect.succeed(found))),
    ),
  )

/** Every call is answered before anybody speaks again, and nothing is answered twice. */
export const faultOf = ({ messages, open }: Stored): string | undefined => {
  const pending = new Set<string>()
  for (const { id, role, content } of messages) {
    if (role !== "tool" && pending.size > 0)
      return `message ${id} of ${role} before the results of ${[...pending].join()}`
    for (const part of content) {
      if (part.type === "tool-call") pending.add(part.tool_call_id)
      if (part.type === "tool-result" && !pending.delete(part.tool_call_id)) return `a result of nothing in ${id}`
    }
  }
  const waiting = [...pending].toSorted().join()
  const rows = [...open].toSorted().join()
  return waiting === rows ? undefined : `open in the transcript: ${waiting}; open by the rows: ${rows}`
}

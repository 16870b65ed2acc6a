import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import fc from "fast-check"
import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Part } from "../../src/contract/parts.ts"
import type { LoadedChat } from "../../src/db/chat-commit.ts"
import { resultMessage } from "../../src/actors/plan-commit.ts"
import type { ChatMachineEvent, NewMessage, QueuedInput } from "../../src/machines/chat-events.ts"
import { initialContext, QUEUE_LIMIT } from "../../src/machines/chat-setup.ts"
import { activityOf, type ChatSnapshot, decide, snapshotOf, unborn } from "../../src/machines/chat-state.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { refusal } from "../support/refusal.ts"

/** The machine against its invariants, and the database against the machine. */

const AT = "2026-01-01T00:00:00.000Z"
const input: QueuedInput = { content: [{ type: "text", text: "hi" }], modelConfigId: "", createdBy: "" }
const reply: NewMessage = { role: "assistant", visibility: "both", content: [{ type: "text", text: "ho" }] }

/** Every event, with each variant that a guard tells apart. */
const everyEvent: ReadonlyArray<ChatMachineEvent> = [
  { type: "Create", messages: [reply] },
  ...(["queue", "interrupt", "steer"] as const).map((busyBehavior) => ({
    type: "SendMessage" as const,
    busyBehavior,
    input,
  })),
  { type: "EditMessage", messageId: 1, input },
  ...[true, false].flatMap((steer) => [
    { type: "DeleteQueuedMessage" as const, queuedMessageId: 1, steer },
    { type: "PromoteQueuedMessage" as const, queuedMessageId: 1, steer },
  ]),
  { type: "Interrupt" },
  { type: "CompleteRequiresAction", results: [] },
  { type: "CancelRequiresAction", reason: "deadline" },
  ...[0, 1].map((undecided) => ({ type: "DecideApproval" as const, undecided, decisions: [] })),
  ...[true, false].map((archived) => ({ type: "SetArchived" as const, archived })),
  ...(["plan", "normal"] as const).map((mode) => ({ type: "SetMode" as const, mode })),
  { type: "RequestCompaction" },
  { type: "ClearContext" },
  { type: "Admit" },
  { type: "Yield" },
  { type: "RecordGenerationAttempt", modelConfigId: "" },
  { type: "RecordRetryState", retry: { attempt: 1, delay_ms: 1, error: "busy", retrying_at: AT } },
  { type: "RecordToolCalls", message: reply, calls: [] },
  { type: "RequireApproval", undecided: 1 },
  { type: "EnterRequiresAction", results: [], deadlineAt: AT },
  { type: "CommitStep", results: [] },
  { type: "Steer" },
  { type: "FinishTurn", messages: [reply] },
  { type: "FinishInterruption", messages: [] },
  { type: "FinishError", error: { message: "no", retryable: false } },
]

/** What is wrong with a state, in words. */
const wrongWith = (state: ChatSnapshot): string | undefined => {
  const { queue, steer, archived, attempt, steps } = state.context
  const life = activityOf(state.value)
  const resting = life === "waiting" || life === "error"
  if (queue < 0 || queue > QUEUE_LIMIT) return `a queue of ${queue}`
  if (steer < 0 || steer > queue) return `${steer} of ${queue} queued messages steer`
  if (life === "waiting" && queue > 0) return "idle with a queue"
  if (archived && !resting) return `archived and ${life}`
  if (attempt < 0 || steps < 0) return "a negative counter"
  return undefined
}

/** A message that steers can be deleted or promoted only where there is one, and another only where there is one. */
const makesSense = (state: ChatSnapshot, event: ChatMachineEvent) =>
  !("queuedMessageId" in event) || (event.steer ? state.context.steer > 0 : state.context.queue > state.context.steer)

describe("every sequence of six events", () => {
  const born = decide(unborn("normal", initialContext), { type: "Create", messages: [] })?.next
  const busy = (queue: number) =>
    snapshotOf({
      activity: "running.generating",
      planMode: false,
      mode: null,
      context: { ...initialContext, queue, steer: 1, attempt: 1 },
    })
  it.each([
    { name: "from the beginning", from: born ?? busy(0) },
    { name: "with one message in the queue", from: busy(1) },
    { name: "with a queue that is nearly full", from: busy(QUEUE_LIMIT - 1) },
  ])("$name keeps the invariants", ({ from }) => {
    // Sequences that meet in a state go on alike, so each state is left once for each length.
    const key = (state: ChatSnapshot) => JSON.stringify([state.value, state.context])
    let front = new Map([[key(from), from]])
    const wrong: Array<string> = []
    const reached = new Set<string>()
    for (let length = 1; length <= 6; length += 1) {
      const next = new Map<string, ChatSnapshot>()
      for (const state of front.values()) {
        for (const event of everyEvent) {
          if (!makesSense(state, event)) continue
          const decision = decide(state, event)
          if (decision === undefined) continue
          const fault = wrongWith(decision.next)
          if (fault !== undefined) wrong.push(`${event.type} in ${key(state)}: ${fault}`)
          if (state.context.archived && event.type !== "SetArchived" && event.type !== "SetMode") {
            wrong.push(`${event.type} in an archived chat`)
          }
          next.set(key(decision.next), decision.next)
          reached.add(activityOf(decision.next.value))
        }
      }
      front = next
    }
    expect(wrong).toEqual([])
    expect(reached.size).toBe(10)
  })
})

const chats = useInertChats()

/** A step of a random sequence: which event, and two numbers that choose what it is about. */
interface Step {
  readonly event: ChatMachineEvent
  readonly pick: number
  readonly size: number
}

const pickOf = <A>(items: ReadonlyArray<A>, pick: number): A | undefined => items[pick % Math.max(1, items.length)]

const toolCall = (id: string): Part => ({ type: "tool-call", tool_call_id: id, tool_name: "probe", args: {} })

/** The event with ids and results that fit the rows, as the services and the effects would send it. */
const fitted = (
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
        })),
      }
    }
    case "EnterRequiresAction":
      return { ...event, results: answers.slice(1) }
    case "CommitStep":
    case "CompleteRequiresAction":
      return { ...event, results: answers }
    case "FinishTurn":
      return { ...event, messages: openCalls.length > 0 ? answers : [reply] }
    case "FinishInterruption":
      return { ...event, messages: openCalls.length === 0 && pick % 2 === 0 ? [reply] : [] }
    case "DecideApproval": {
      const asked = openCalls.filter((call) => call.approval === "asked")
      const decided = asked.slice(0, 1 + (size % Math.max(1, asked.length)))
      return {
        ...event,
        undecided: asked.length - decided.length,
        decisions: decided.map(({ id }) => ({ id, approved: pick % 2 === 0, reason: null })),
      }
    }
    default:
      return event
  }
}

interface Stored {
  readonly row: Record<string, unknown>
  readonly messages: ReadonlyArray<{
    readonly id: number
    readonly role: string
    readonly content: ReadonlyArray<Part>
  }>
  readonly queue: ReadonlyArray<{ readonly id: number; readonly kind: string }>
  readonly open: ReadonlyArray<string>
}

const stored = (chatId: string) =>
  chats.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<Stored>`
      select to_jsonb(c) as row,
        coalesce((select jsonb_agg(jsonb_build_object('id', id, 'role', role, 'content', content) order by id)
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
const faultOf = ({ messages, open }: Stored): string | undefined => {
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

const COUNTERS = ["snapshot_version", "history_version", "queue_version", "retry_state_version", "owner_epoch"]

/** Plays one sequence on both sides. Rejects at the first difference, saying where. */
const play = async (steps: ReadonlyArray<Step>): Promise<ReadonlyArray<string>> => {
  let state = await chats.create()
  const chatId = state.row.id
  const born = decide(unborn("normal", initialContext), { type: "Create", messages: [] })
  let model: ChatSnapshot = born?.next ?? unborn("normal", initialContext)
  let before = await stored(chatId)
  const done: Array<string> = []
  for (const step of steps) {
    const userMessages = before.messages.filter(({ role }) => role === "user").map(({ id }) => id)
    const event = fitted(step, state, userMessages)
    const where = `after ${[...done, event.type].join(" ")} (${step.pick}, ${step.size})`
    const decision = decide(model, event)
    if (decision === undefined) {
      expect(await refusal(chats.send(chatId, event)), where).toMatchObject({ _tag: "CommandRefused" })
      expect((await stored(chatId)).row, where).toEqual(before.row)
      continue
    }
    state = await chats.send(chatId, event)
    model = decision.next
    const after = await stored(chatId)
    const { context } = model
    expect(after.row, where).toMatchObject({
      activity: activityOf(model.value),
      plan_mode: model.value.mode === "plan",
      archived: context.archived,
      resume: context.resume,
      generation_attempt: context.attempt,
      turn_steps: context.steps,
      owner_instance: before.row["owner_instance"],
      owner_epoch: before.row["owner_epoch"],
      snapshot_version: Number(before.row["snapshot_version"]) + 1,
    })
    expect([after.queue.length, after.queue.filter(({ kind }) => kind === "steer").length], where).toEqual([
      context.queue,
      context.steer,
    ])
    for (const counter of COUNTERS) {
      expect(Number(after.row[counter]), `${counter} ${where}`).toBeGreaterThanOrEqual(Number(before.row[counter]))
    }
    expect(faultOf(after), where).toBeUndefined()
    // What the actor holds is what the database holds.
    expect(
      after.queue.map(({ id }) => id),
      where,
    ).toEqual(state.queue.map(({ id }) => id))
    expect(after.open, where).toEqual(state.openCalls.map(({ id }) => id))
    before = after
    done.push(event.type)
  }
  return done
}

const anyStep = (events: ReadonlyArray<ChatMachineEvent>): fc.Arbitrary<Step> =>
  fc.record({ event: fc.constantFrom(...events), pick: fc.nat(20), size: fc.nat(5) })

/** Random events, with a bias to those that lead on: most others are refused in most states. */
const sequences = fc.array(
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
  { minLength: 6, maxLength: 16 },
)

const RUNS = 300
const AT_A_TIME = 6

describe("random sequences", () => {
  it("bring the machine and the database to the same states", { timeout: 90_000 }, async () => {
    const seed = Number(process.env["TROUPE_TEST_SEED"] ?? Date.now() % 1_000_000)
    const all = fc.sample(sequences, { seed, numRuns: RUNS })
    const seen = new Set<string>()
    const one = async () => {
      for (let steps = all.pop(); steps !== undefined; steps = all.pop()) {
        for (const event of await play(steps)) seen.add(event)
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, one)).catch((error: unknown) => {
      throw new Error(`With TROUPE_TEST_SEED=${seed}`, { cause: error })
    })
    // Whatever the seed, the common ones have happened; else the test shows little.
    expect([...seen]).toEqual(
      expect.arrayContaining(["SendMessage", "Admit", "RecordToolCalls", "CommitStep", "FinishTurn", "EditMessage"]),
    )
  })
})

import type { ModelConfigId } from "../contract/ids.ts"
import type {
  BringsReply,
  BringsWork,
  ChatEventType,
  ChatMachineEvent,
  NewMessage,
  QueuedInput,
} from "./chat-events.ts"

/**
 * How each event is written into the journal, and how it is read back. The journal has ids and scalars and never text, so that
 * it needs no redaction; the machine's state depends on no text, so that it can be replayed from there.
 */

/** What is stored of an event, as JSON. */
export type JournalDetail = Readonly<Record<string, unknown>>

/** What people want to know beside the event: of the chat's row, as it stands before the transition. */
export interface JournalFacts {
  readonly modelConfigId: ModelConfigId
  readonly planMode: boolean
  readonly recoveryAttempts: number
}

type Events = { readonly [Event in ChatMachineEvent as Event["type"]]: Event }

interface JournalForm<Event> {
  readonly encode: (event: Event, facts: JournalFacts) => JournalDetail
  /** The event, with nothing where its text was. */
  readonly decode: (detail: JournalDetail) => Event
  /** One detail for each value that makes a difference to the machine; none of an event that no chat is asked to take. */
  readonly variants: ReadonlyArray<JournalDetail>
}

const noInput: QueuedInput = { content: [], modelConfigId: "", createdBy: "" }
const noError = { message: "", retryable: false }
const noRetry = { attempt: 0, delay_ms: 0, error: "", retrying_at: "" }
const noMessage: NewMessage = { role: "assistant", visibility: "both", content: [] }

const behaviorOf = (value: unknown) =>
  value === "interrupt" || value === "steer" || value === "preempt" ? value : "queue"
const placeOf = (before: unknown) => (before === undefined ? null : { before: before === null ? null : Number(before) })
const countOf = (value: unknown) => Number(value ?? 0)

const once: ReadonlyArray<JournalDetail> = [{}]
const nothing = (): JournalDetail => ({})

const replyDetail = ({ firstTokenMs }: BringsReply): JournalDetail =>
  firstTokenMs === undefined ? {} : { first_token_ms: firstTokenMs }

/** For an event that is its name. */
const bare = <Type extends ChatEventType>(type: Type, variants = once) => ({
  encode: nothing,
  decode: () => ({ type }),
  variants,
})

/** For an event about one message of the queue. */
const ofQueued = <Type extends "DeleteQueuedMessage" | "PromoteQueuedMessage">(type: Type) => ({
  encode: ({ queuedMessageId, steer }: Events[Type]) => ({ queued_message_id: queuedMessageId, steer }),
  decode: (detail: JournalDetail) => ({
    type,
    queuedMessageId: Number(detail["queued_message_id"]),
    steer: detail["steer"] === true,
  }),
  variants: [false, true].map((steer) => ({ queued_message_id: 1, steer })),
})

/** For an event that begins an attempt. */
const ofAttempt = <Type extends "Admit" | "RecordGenerationAttempt">(type: Type) => ({
  encode: ({ modelConfigId }: Events[Type], { recoveryAttempts }: JournalFacts) => ({
    model_config_id: modelConfigId,
    recovery_attempts: recoveryAttempts,
  }),
  decode: () => ({ type, modelConfigId: "" }),
  variants: once,
})

/** For an event that can bring the slot with which its work begins: what is known of an `Admit` is then known of it. */
const withSlot = <Event extends BringsWork>(form: JournalForm<Event>): JournalForm<Event> => ({
  encode: (event, facts) => ({
    ...form.encode(event, facts),
    ...(event.slot !== undefined && { slot: event.slot, recovery_attempts: facts.recoveryAttempts }),
  }),
  decode: (detail) => ({ ...form.decode(detail), ...(detail["slot"] === "granted" && { slot: "granted" }) }),
  variants: form.variants.flatMap((detail) => [detail, { ...detail, slot: "granted" }]),
})

/** A new event stands here before it compiles. The order is the one in which people read what a state accepts. */
const forms: { readonly [Type in ChatEventType]: JournalForm<Events[Type]> } = {
  SendMessage: withSlot<Events["SendMessage"]>({
    encode: ({ busyBehavior, input }) => ({ busy_behavior: busyBehavior, model_config_id: input.modelConfigId }),
    decode: (detail) => ({ type: "SendMessage", busyBehavior: behaviorOf(detail["busy_behavior"]), input: noInput }),
    variants: ["queue", "interrupt", "steer", "preempt"].map((busy_behavior) => ({ busy_behavior })),
  }),
  SetArchived: {
    encode: ({ archived }) => ({ archived }),
    decode: (detail) => ({ type: "SetArchived", archived: detail["archived"] === true }),
    variants: [true, false].map((archived) => ({ archived })),
  },
  SetMode: {
    encode: ({ mode }) => ({ mode }),
    decode: (detail) => ({ type: "SetMode", mode: detail["mode"] === "plan" ? "plan" : "normal" }),
    variants: ["plan", "normal"].map((mode) => ({ mode })),
  },
  SetToolPolicy: withSlot<Events["SetToolPolicy"]>({
    encode: ({ rules, undecided }) => ({ rules: rules.length, undecided }),
    decode: (detail) => ({ type: "SetToolPolicy", rules: [], undecided: countOf(detail["undecided"]), decisions: [] }),
    variants: [0, 1].map((undecided) => ({ rules: 0, undecided })),
  }),
  DecideApproval: withSlot<Events["DecideApproval"]>({
    encode: ({ undecided }) => ({ undecided }),
    decode: (detail) => ({ type: "DecideApproval", undecided: countOf(detail["undecided"]), decisions: [] }),
    variants: [0, 1].map((undecided) => ({ undecided })),
  }),
  StopToolCall: {
    encode: ({ callId }) => ({ tool_call_id: callId }),
    decode: (detail) => ({ type: "StopToolCall", callId: String(detail["tool_call_id"]), by: "" }),
    variants: [{ tool_call_id: "" }],
  },
  Create: withSlot<Events["Create"]>({
    encode: (_, { modelConfigId, planMode }) => ({ model_config_id: modelConfigId, plan_mode: planMode }),
    decode: () => ({ type: "Create", messages: [] }),
    variants: once,
  }),
  EditMessage: withSlot<Events["EditMessage"]>({
    encode: ({ messageId }) => ({ message_id: messageId }),
    decode: (detail) => ({ type: "EditMessage", messageId: Number(detail["message_id"]), input: noInput }),
    variants: [{ message_id: 1 }],
  }),
  DeleteQueuedMessage: ofQueued("DeleteQueuedMessage"),
  ChangeQueuedMessage: {
    // Where it stood, and which others were moved for it, is with the rows that are moved.
    encode: ({ queuedMessageId, steer, kind, content, place }) => ({
      queued_message_id: queuedMessageId,
      steer,
      kind,
      rewritten: content !== null,
      ...(place !== null && { before: place.before }),
    }),
    decode: (detail) => ({
      type: "ChangeQueuedMessage",
      queuedMessageId: Number(detail["queued_message_id"]),
      steer: detail["steer"] === true,
      kind: detail["kind"] === "steer" ? "steer" : "queue",
      content: detail["rewritten"] === true ? [] : null,
      place: placeOf(detail["before"]),
    }),
    variants: [false, true].flatMap((steer) =>
      ["queue", "steer"].map((kind) => ({ queued_message_id: 1, steer, kind, rewritten: false })),
    ),
  },
  PromoteQueuedMessage: withSlot<Events["PromoteQueuedMessage"]>(ofQueued("PromoteQueuedMessage")),
  Interrupt: withSlot<Events["Interrupt"]>(bare("Interrupt")),
  Retry: withSlot<Events["Retry"]>({
    encode: ({ modelConfigId }) => ({ model_config_id: modelConfigId }),
    decode: () => ({ type: "Retry", modelConfigId: "" }),
    variants: once,
  }),
  CompleteRequiresAction: withSlot<Events["CompleteRequiresAction"]>({
    encode: nothing,
    decode: () => ({ type: "CompleteRequiresAction", results: [] }),
    variants: once,
  }),
  CancelRequiresAction: withSlot<Events["CancelRequiresAction"]>({
    encode: nothing,
    decode: () => ({ type: "CancelRequiresAction", reason: "deadline" }),
    variants: once,
  }),
  RequestCompaction: withSlot<Events["RequestCompaction"]>(bare("RequestCompaction")),
  ClearContext: bare("ClearContext"),
  Admit: ofAttempt("Admit"),
  Yield: bare("Yield"),
  RecordGenerationAttempt: ofAttempt("RecordGenerationAttempt"),
  RecordRetryState: {
    encode: ({ retry, failure }) => ({
      attempt: retry.attempt,
      delay_ms: retry.delay_ms,
      kind: retry.kind ?? null,
      ...(failure !== undefined && { failure }),
    }),
    decode: () => ({ type: "RecordRetryState", retry: noRetry }),
    variants: once,
  },
  RecordToolCalls: {
    encode: ({ calls, ...reply }) => ({ tool_call_ids: calls.map(({ id }) => id), ...replyDetail(reply) }),
    decode: () => ({ type: "RecordToolCalls", message: noMessage, calls: [] }),
    variants: once,
  },
  RequireApproval: {
    encode: ({ undecided }) => ({ undecided }),
    decode: (detail) => ({ type: "RequireApproval", undecided: countOf(detail["undecided"]) }),
    variants: [{ undecided: 1 }],
  },
  EnterRequiresAction: {
    encode: ({ deadlineAt }) => ({ deadline_at: deadlineAt }),
    decode: () => ({ type: "EnterRequiresAction", results: [], deadlineAt: "" }),
    variants: once,
  },
  CommitStep: { encode: nothing, decode: () => ({ type: "CommitStep", results: [] }), variants: once },
  Steer: bare("Steer"),
  CommitCompaction: withSlot<Events["CommitCompaction"]>({
    encode: nothing,
    decode: () => ({ type: "CommitCompaction", messages: [] }),
    variants: once,
  }),
  FinishTurn: withSlot<Events["FinishTurn"]>({
    encode: replyDetail,
    decode: () => ({ type: "FinishTurn", messages: [] }),
    variants: once,
  }),
  FinishInterruption: withSlot<Events["FinishInterruption"]>({
    encode: nothing,
    decode: () => ({ type: "FinishInterruption", messages: [] }),
    variants: once,
  }),
  FinishError: {
    encode: ({ error }) => ({ kind: error.kind ?? null, status_code: error.status_code ?? null }),
    decode: () => ({ type: "FinishError", error: noError }),
    variants: once,
  },
  ReconcileInvalidState: {
    encode: ({ queue, steer }) => ({ queue, steer }),
    decode: (detail) => ({
      type: "ReconcileInvalidState",
      queue: countOf(detail["queue"]),
      steer: countOf(detail["steer"]),
      error: noError,
    }),
    variants: [],
  },
  // Begins the effect of a state again, and is never committed.
  ACTIVATE: bare("ACTIVATE", []),
}

const encoded = <Type extends ChatEventType>(type: Type, event: Events[Type], facts: JournalFacts): JournalDetail =>
  forms[type].encode(event, facts)

/** What the journal keeps of an event. */
export const detailOf = (event: ChatMachineEvent, facts: JournalFacts): JournalDetail =>
  encoded(event.type, event, facts)

const isEventType = (name: string): name is ChatEventType => Object.hasOwn(forms, name)

/** The event of a journal row; undefined for a type that this machine does not know. */
export const eventOf = (name: string, detail: JournalDetail): ChatMachineEvent | undefined =>
  isEventType(name) ? forms[name].decode(detail) : undefined

/** Every event that a sound chat may be asked to take, once for each value that makes a difference to the machine. */
export const everyVariant: ReadonlyArray<ChatMachineEvent> = Object.values(forms).flatMap(({ decode, variants }) =>
  variants.map((detail) => decode(detail)),
)

import { assign, fromCallback, setup } from "xstate"
import type { ChatError, RetryState } from "../contract/chat-error.ts"
import type { MessageId, ModelConfigId, QueuedMessageId, ToolCallId } from "../contract/ids.ts"
import type { ToolPolicyRule } from "../contract/tool-policy.ts"
import type {
  ApprovalDecision,
  CancelReason,
  ChatMachineEvent,
  NewMessage,
  NewToolCall,
  QueuedChange,
  QueuedInput,
  SlotSource,
} from "./chat-events.ts"

/**
 * Raise it when a change of states, events or actions makes an old journal replay differently.
 */
export const CHAT_MACHINE_VERSION = 1

/** Most messages that may wait in a chat's queue, steering ones included. */
export const QUEUE_LIMIT = 20

/** The modes a turn can run in. `plan` is toggled; the other two are fixed when the chat is created. */
export type ChatModeState = "normal" | "plan" | "explore" | "computer_use"

/**
 * What is true of a state. It is said on the state and nowhere else: who wants to know asks for the tag (`hasTag`), SQL reads the
 * columns that are made of them (`db/chats/state-facts.ts`), and a new state says what it is in the machine alone.
 */
export type ChatTag =
  /** Somebody has to look after the chat. Every state either is owned or rests. */
  | "owned"
  /** Nothing goes on, so that the chat can be archived. */
  | "resting"
  /** The last turn ended for a reason that people are told. */
  | "failed"
  /** There is work, and no slot for it yet. */
  | "waits-for-slot"
  /** Takes one of the slots that the capacity gives. */
  | "slot"
  /** A turn goes on: when the server crashes, it may be the reason. */
  | "working"
  /** A model is asked. */
  | "asks-model"
  /** Tools run, or are being stopped. */
  | "works-on-calls"
  /** An attempt has failed, and the next is waited for. */
  | "backing-off"
  /** Results of the client's own tools are waited for. */
  | "asks-client"
  /** A person is asked about calls. */
  | "asks-person"

export interface ChatContext {
  /** Rows in the queue, 0 to 20, and how many of them steer the running turn. */
  readonly queue: number
  readonly steer: number
  readonly archived: boolean
  /** What Admit continues with. */
  readonly resume: "generate" | "execute" | "compact"
  /** Attempts recorded since the history last changed. */
  readonly attempt: number
  /** Model calls of this turn that were committed. */
  readonly steps: number
}

export const initialContext: ChatContext = {
  queue: 0,
  steer: 0,
  archived: false,
  resume: "generate",
  attempt: 0,
  steps: 0,
}

const hasSlot = (event: ChatMachineEvent): boolean => "slot" in event && event.slot === "granted"

/**
 * Input of every invoked effect. `attemptRecorded`: the event that led here has already counted this attempt, or has just
 * begun a history of its own, so that what the effect shows cannot be mistaken for what was shown before.
 */
export interface EffectInput {
  readonly attemptRecorded: boolean
}
export const effectInput = ({ context, event }: { context: ChatContext; event: ChatMachineEvent }): EffectInput => ({
  attemptRecorded:
    event.type === "RecordGenerationAttempt" ||
    event.type === "RecordToolCalls" ||
    ((event.type === "Admit" || hasSlot(event)) &&
      context.resume === "generate" &&
      context.steer === 0 &&
      context.attempt > 0),
})
const effect = fromCallback<ChatMachineEvent, EffectInput>(() => undefined)

/**
 * What a transition does to the rows, each with its parameters. They do nothing here: the store carries them out, in order, in
 * one transaction.
 */
const described = {
  appendMessages: (_: unknown, _params: { readonly messages: ReadonlyArray<NewMessage> }) => {},
  appendUserMessage: (_: unknown, _params: { readonly input: QueuedInput }) => {},
  /** `first`: before all others, none of which steers any longer. */
  enqueue: (
    _: unknown,
    _params: { readonly input: QueuedInput; readonly kind: "queue" | "steer"; readonly first?: true },
  ) => {},
  /** No message of the queue steers any longer. */
  unsteer: () => {},
  /** Moves the head of the queue (steering messages first) into the history. */
  promoteHead: () => {},
  /** Moves every steering message into the history. */
  promoteSteers: () => {},
  promoteQueued: (_: unknown, _params: { readonly queuedMessageId: QueuedMessageId }) => {},
  moveToHead: (_: unknown, _params: { readonly queuedMessageId: QueuedMessageId }) => {},
  removeQueued: (_: unknown, _params: { readonly queuedMessageId: QueuedMessageId }) => {},
  changeQueued: (_: unknown, _params: QueuedChange) => {},
  clearQueue: () => {},
  /** Soft-deletes this message and every later one, with the calls that hang on them. */
  softDeleteFrom: (_: unknown, _params: { readonly messageId: MessageId }) => {},
  /** The prompt begins again after this; the messages stay to be read. */
  clearContext: () => {},
  recordToolCalls: (_: unknown, _params: { readonly calls: ReadonlyArray<NewToolCall> }) => {},
  /** Answers every call that has no result with a result of ours, before any later message is appended. */
  cancelPendingCalls: (_: unknown, _params: { readonly reason: CancelReason }) => {},
  setToolPolicy: (_: unknown, _params: { readonly rules: ReadonlyArray<ToolPolicyRule> }) => {},
  decideApprovals: (_: unknown, _params: { readonly decisions: ReadonlyArray<ApprovalDecision> }) => {},
  /** The tool of this call is to end, and its turn goes on. */
  stopCall: (_: unknown, _params: { readonly id: ToolCallId; readonly by: string }) => {},
  /** The work begins. */
  takeSlot: (_: unknown, _params: { readonly from: SlotSource }) => {},
  /** With no model of its own it is one at the last message of this change. */
  openAttempt: (_: unknown, _params: { readonly modelConfigId?: ModelConfigId }) => {},
  closeAttempt: (_: unknown, _params: { readonly reason: string }) => {},
  /** The chat's model from now on. */
  useModel: (_: unknown, _params: { readonly modelConfigId: ModelConfigId }) => {},
  /** Attempts are counted anew, and what they show is told apart from what was shown before, though no message has come between. */
  beginHistory: () => {},
  setRetryState: (_: unknown, _params: { readonly retry: RetryState }) => {},
  setError: (_: unknown, _params: { readonly error: ChatError }) => {},
  clearError: () => {},
  setDeadline: (_: unknown, _params: { readonly deadlineAt: string }) => {},
  noChange: () => {},
}

type Described = typeof described

/** The described changes as data: the name of one, and its parameters where it has any. */
export type ChatChange = {
  [Type in keyof Described]: Parameters<Described[Type]> extends [unknown, infer Params]
    ? { readonly type: Type; readonly params: Params }
    : { readonly type: Type; readonly params: undefined }
}[keyof Described]

/** The machine's own bookkeeping is no change. The parameters are those of the name: `setup` holds each use of one against it. */
export const isChange = (action: { readonly type: string; readonly params?: unknown }): action is ChatChange =>
  Object.hasOwn(described, action.type)
/** What runs while the chat is in a state that names it. Placeholders: whoever keeps the chat reads what begins from a transition. */
const effects = {
  generate: effect,
  execute: effect,
  compact: effect,
  backOff: effect,
  finishInterruption: effect,
  awaitClientTools: effect,
}
export type EffectName = keyof typeof effects

/** The vocabulary of the machine: its context, events, guards, actions and effects. `chat-machine.ts` says what happens when. */
export const machine = setup({
  types: { context: {} as ChatContext, events: {} as ChatMachineEvent, tags: {} as ChatTag },
  actors: effects,
  guards: {
    live: ({ context }) => !context.archived,
    archived: ({ context }) => context.archived,
    queueEmpty: ({ context }) => context.queue === 0,
    queueHasRoom: ({ context }) => context.queue < QUEUE_LIMIT,
    hasSteer: ({ context }) => context.steer > 0,
    interrupts: ({ event }) =>
      event.type === "SendMessage" && (event.busyBehavior === "interrupt" || event.busyBehavior === "preempt"),
    preempts: ({ event }) => event.type === "SendMessage" && event.busyBehavior === "preempt",
    /** A message that did not steer is to do so. */
    beginsToSteer: ({ event }) => event.type === "ChangeQueuedMessage" && event.kind === "steer" && !event.steer,
    archiving: ({ event }) => event.type === "SetArchived" && event.archived,
    unarchiving: ({ event }) => event.type === "SetArchived" && !event.archived,
    slotGranted: ({ event }) => hasSlot(event),
    resumesExecute: ({ context }) => context.resume === "execute",
    resumesCompact: ({ context }) => context.resume === "compact",
    allDecided: ({ event }) => "undecided" in event && event.undecided === 0,
    toPlan: ({ event }) => event.type === "SetMode" && event.mode === "plan",
    toNormal: ({ event }) => event.type === "SetMode" && event.mode === "normal",
  },
  actions: {
    ...described,
    // Bookkeeping of the context.
    countEnqueued: assign(({ context, event }) => {
      const behavior = event.type === "SendMessage" ? event.busyBehavior : "queue"
      const steering = behavior === "preempt" ? 0 : context.steer
      return { queue: context.queue + 1, steer: steering + (behavior === "steer" ? 1 : 0) }
    }),
    countJoined: assign({ queue: ({ context }) => context.queue + 1 }),
    countPromotedHead: assign(({ context }) => ({
      queue: context.queue - 1,
      steer: Math.max(0, context.steer - 1),
    })),
    countUnsteered: assign({ steer: 0 }),
    countSteered: assign(({ context }) => ({ queue: context.queue - context.steer, steer: 0 })),
    countRemoved: assign(({ context, event }) => ({
      queue: context.queue - 1,
      steer: context.steer - ("steer" in event && event.steer ? 1 : 0),
    })),
    countChanged: assign(({ context, event }) => {
      if (event.type !== "ChangeQueuedMessage") return {}
      const now = event.kind === "steer"
      return now === event.steer ? {} : { steer: context.steer + (now ? 1 : -1) }
    }),
    countCleared: assign({ queue: 0, steer: 0 }),
    historyChanged: assign({ attempt: 0 }),
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    countStep: assign({ steps: ({ context }) => context.steps + 1 }),
    beginTurn: assign({ steps: 0, attempt: 0, resume: "generate" }),
    /** A compaction that has failed is tried again as one. */
    beginAgain: assign(({ context }) => ({
      steps: 0,
      attempt: 0,
      resume: context.resume === "compact" ? ("compact" as const) : ("generate" as const),
    })),
    resumeGenerate: assign({ resume: "generate" }),
    resumeExecute: assign({ resume: "execute" }),
    resumeCompact: assign({ resume: "compact" }),
    reconcile: assign(({ event }) =>
      event.type === "ReconcileInvalidState"
        ? { queue: event.queue, steer: event.steer, archived: false, resume: "generate" as const }
        : {},
    ),
    archive: assign({ archived: true }),
    unarchive: assign({ archived: false }),
  },
})

import { and, assign, fromCallback, not, setup } from "xstate"
import type { ChatMachineEvent, NewMessage } from "./chat-events.ts"

/**
 * The chat machine: what a chat may do next and which row changes that means. It is pure. It has no clock, no random
 * source, no delays and no I/O; named actions are descriptions that the store turns into SQL, and the invoked actors are
 * placeholders that the running server replaces (`provide`). So `transition(chatMachine, state, event)` is deterministic.
 *
 * Raise the version when a change of states, events or actions makes an old journal replay differently.
 */
export const CHAT_MACHINE_VERSION = 1

/** Most messages that may wait in a chat's queue, steering ones included. */
export const QUEUE_LIMIT = 20

/** The modes a turn can run in. `plan` is toggled; the other two are fixed when the chat is created. */
export type ChatModeState = "normal" | "plan" | "explore" | "computer_use"

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

/** Input of every invoked effect. `attemptRecorded`: the event that led here has already counted this attempt. */
export interface EffectInput {
  readonly attemptRecorded: boolean
}
const effectInput = ({ event }: { event: ChatMachineEvent }): EffectInput => ({
  attemptRecorded: event.type === "RecordGenerationAttempt",
})
const effect = fromCallback<ChatMachineEvent, EffectInput>(() => undefined)

const machine = setup({
  types: { context: {} as ChatContext, events: {} as ChatMachineEvent },
  actors: {
    generate: effect,
    execute: effect,
    compact: effect,
    backOff: effect,
    finishInterruption: effect,
    awaitClientTools: effect,
  },
  guards: {
    live: ({ context }) => !context.archived,
    archived: ({ context }) => context.archived,
    queueEmpty: ({ context }) => context.queue === 0,
    queueHasRoom: ({ context }) => context.queue < QUEUE_LIMIT,
    hasSteer: ({ context }) => context.steer > 0,
    interrupts: ({ event }) => event.type === "SendMessage" && event.busyBehavior === "interrupt",
    archiving: ({ event }) => event.type === "SetArchived" && event.archived,
    unarchiving: ({ event }) => event.type === "SetArchived" && !event.archived,
    resumesExecute: ({ context }) => context.resume === "execute",
    resumesCompact: ({ context }) => context.resume === "compact",
    allDecided: ({ event }) => event.type === "DecideApproval" && event.undecided === 0,
    toPlan: ({ event }) => event.type === "SetMode" && event.mode === "plan",
    toNormal: ({ event }) => event.type === "SetMode" && event.mode === "normal",
  },
  actions: {
    // Descriptions of row changes. They do nothing here: the store carries them out, inside the transaction.
    appendMessages: (_, _params: { messages: ReadonlyArray<NewMessage> }) => {},
    appendUserMessage: (_, _params: { input: unknown }) => {},
    enqueue: (_, _params: { input: unknown; kind: "queue" | "steer" }) => {},
    promoteHead: () => {},
    promoteSteers: () => {},
    promoteQueued: (_, _params: { queuedMessageId: number }) => {},
    moveToHead: (_, _params: { queuedMessageId: number }) => {},
    removeQueued: (_, _params: { queuedMessageId: number }) => {},
    clearQueue: () => {},
    softDeleteFrom: (_, _params: { messageId: number }) => {},
    clearContext: () => {},
    recordToolCalls: (_, _params: { calls: ReadonlyArray<unknown> }) => {},
    cancelPendingCalls: (_, _params: { reason: string }) => {},
    openAttempt: (_, _params: { modelConfigId: string }) => {},
    closeAttempt: (_, _params: { reason: string }) => {},
    setRetryState: (_, _params: { retry: unknown }) => {},
    setError: (_, _params: { error: unknown }) => {},
    clearError: () => {},
    setDeadline: (_, _params: { deadlineAt: string }) => {},
    noChange: () => {},
    // Bookkeeping of the context.
    countEnqueued: assign(({ context, event }) => ({
      queue: context.queue + 1,
      steer: context.steer + (event.type === "SendMessage" && event.busyBehavior === "steer" ? 1 : 0),
    })),
    countPromotedHead: assign(({ context }) => ({
      queue: context.queue - 1,
      steer: Math.max(0, context.steer - 1),
    })),
    countSteered: assign(({ context }) => ({ queue: context.queue - context.steer, steer: 0 })),
    countRemoved: assign(({ context, event }) => ({
      queue: context.queue - 1,
      steer: context.steer - ("steer" in event && event.steer ? 1 : 0),
    })),
    countCleared: assign({ queue: 0, steer: 0 }),
    historyChanged: assign({ attempt: 0 }),
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    countStep: assign({ steps: ({ context }) => context.steps + 1 }),
    beginTurn: assign({ steps: 0, attempt: 0, resume: "generate" }),
    resumeGenerate: assign({ resume: "generate" }),
    resumeExecute: assign({ resume: "execute" }),
    resumeCompact: assign({ resume: "compact" }),
    archive: assign({ archived: true }),
    unarchive: assign({ archived: false }),
  },
})

const mayEnqueue = and(["live", "queueHasRoom"])

/** Params of the actions that carry a payload of the event. */
const sent = ({ event }: { event: ChatMachineEvent }) => {
  if (event.type !== "SendMessage" && event.type !== "EditMessage") throw new Error(`${event.type} carries no input`)
  return { input: event.input }
}
const enqueued = ({ event }: { event: ChatMachineEvent }) => {
  if (event.type !== "SendMessage") throw new Error(`${event.type} enqueues nothing`)
  return { input: event.input, kind: event.busyBehavior === "steer" ? ("steer" as const) : ("queue" as const) }
}
const queuedId = ({ event }: { event: ChatMachineEvent }) => {
  if (!("queuedMessageId" in event)) throw new Error(`${event.type} names no queued message`)
  return { queuedMessageId: event.queuedMessageId }
}
const messages = ({ event }: { event: ChatMachineEvent }) => {
  if ("messages" in event) return { messages: event.messages }
  if ("results" in event) return { messages: event.results }
  if ("message" in event) return { messages: [event.message] }
  throw new Error(`${event.type} carries no messages`)
}

const append = { type: "appendMessages", params: messages } as const
const appendUser = { type: "appendUserMessage", params: sent } as const
const enqueue = [{ type: "enqueue", params: enqueued }, "countEnqueued"] as const
const promoteHead = ["promoteHead", "countPromotedHead", "beginTurn"] as const
const cancelCalls = { type: "cancelPendingCalls", params: { reason: "interrupted" } } as const
const supersedeCalls = { type: "cancelPendingCalls", params: { reason: "superseded" } } as const
const closeAttempt = (reason: string) => ({ type: "closeAttempt", params: { reason } }) as const

/** Idle and empty queue: the message begins a turn. Error with a backlog: it joins the tail and the head goes first. */
const sendWhenIdle = [
  {
    guard: and(["live", "queueEmpty"]),
    target: "pending",
    actions: ["clearError", appendUser, "beginTurn"],
  },
  {
    guard: mayEnqueue,
    target: "pending",
    actions: ["clearError", ...enqueue, ...promoteHead],
  },
] as const

/** Replaces a message and forgets all that came after it. `pending` and `running` stay, begun afresh. */
const edit = <Target extends string>(target: Target) =>
  ({
    guard: "live",
    target,
    actions: [
      "clearError",
      closeAttempt("edit"),
      {
        type: "softDeleteFrom",
        params: ({ event }: { event: ChatMachineEvent }) => ({
          messageId: event.type === "EditMessage" ? event.messageId : 0,
        }),
      },
      "clearQueue",
      "countCleared",
      appendUser,
      "beginTurn",
    ],
  }) as const

const deleteQueued = {
  guard: not("queueEmpty"),
  actions: [{ type: "removeQueued", params: queuedId }, "countRemoved"],
} as const

const finishError = {
  target: "#chat.life.error",
  actions: [
    closeAttempt("error"),
    {
      type: "setError",
      params: ({ event }: { event: ChatMachineEvent }) => {
        if (event.type !== "FinishError") throw new Error(`${event.type} carries no error`)
        return { error: event.error }
      },
    },
  ],
} as const

const promoteFromPause = {
  guard: and(["live", not("queueEmpty")]),
  target: "#chat.life.pending",
  actions: [
    "clearError",
    supersedeCalls,
    { type: "promoteQueued", params: queuedId },
    "countRemoved",
    "beginTurn",
  ],
} as const

const archiveTransitions = [
  { guard: and(["live", "archiving"]), actions: "archive" },
  { guard: and(["archived", "unarchiving"]), actions: "unarchive" },
] as const

/** Ends a pause for results: what is still open is answered by us, and the model goes on. */
const interruptPause = { target: "#chat.life.pending", actions: [cancelCalls, "historyChanged", "resumeGenerate"] } as const

const sendWhenPaused = [
  {
    guard: and(["queueHasRoom", "interrupts"]),
    target: "#chat.life.pending",
    actions: [cancelCalls, "historyChanged", ...enqueue, "resumeGenerate"],
  },
  { guard: "queueHasRoom", actions: enqueue },
] as const

export const chatMachine = machine.createMachine({
  id: "chat",
  type: "parallel",
  context: initialContext,
  states: {
    life: {
      initial: "none",
      states: {
        none: {
          on: { Create: { target: "pending", actions: [append, "beginTurn"] } },
        },
        waiting: {
          on: {
            SendMessage: sendWhenIdle,
            EditMessage: edit("pending"),
            SetArchived: archiveTransitions,
            RequestCompaction: { guard: "live", target: "pending", actions: ["noChange", "resumeCompact"] },
            ClearContext: { guard: "live", actions: ["clearContext", "historyChanged"] },
            FinishError: finishError,
          },
        },
        error: {
          on: {
            SendMessage: sendWhenIdle,
            EditMessage: edit("pending"),
            DeleteQueuedMessage: { ...deleteQueued, guard: and(["live", not("queueEmpty")]) },
            PromoteQueuedMessage: promoteFromPause,
            SetArchived: archiveTransitions,
            RequestCompaction: { guard: "live", target: "pending", actions: ["clearError", "resumeCompact"] },
            ClearContext: {
              guard: and(["live", "queueEmpty"]),
              target: "waiting",
              actions: ["clearError", "clearContext", "historyChanged"],
            },
          },
        },
        pending: {
          on: {
            Admit: [
              { guard: "resumesExecute", target: "running.executing", actions: "noChange" },
              { guard: "resumesCompact", target: "running.compacting", actions: "noChange" },
              { target: "running.generating", actions: "noChange" },
            ],
            SendMessage: { guard: "queueHasRoom", actions: enqueue },
            EditMessage: edit("pending"),
            DeleteQueuedMessage: deleteQueued,
            PromoteQueuedMessage: {
              guard: not("queueEmpty"),
              actions: { type: "moveToHead", params: queuedId },
            },
            Interrupt: [
              { guard: "queueEmpty", target: "waiting", actions: [cancelCalls, "beginTurn"] },
              { actions: [cancelCalls, ...promoteHead] },
            ],
            FinishError: finishError,
          },
        },
        running: {
          initial: "generating",
          on: {
            SendMessage: [
              {
                guard: and(["queueHasRoom", "interrupts"]),
                target: ".interrupting",
                actions: [...enqueue, closeAttempt("interrupt")],
              },
              { guard: "queueHasRoom", actions: enqueue },
            ],
            EditMessage: edit("#chat.life.running.generating"),
            DeleteQueuedMessage: deleteQueued,
            PromoteQueuedMessage: {
              guard: not("queueEmpty"),
              target: ".interrupting",
              actions: [{ type: "moveToHead", params: queuedId }, closeAttempt("interrupt")],
            },
            Interrupt: { target: ".interrupting", actions: closeAttempt("interrupt") },
            FinishError: finishError,
          },
          states: {
            generating: {
              invoke: { src: "generate", input: effectInput },
              on: {
                ACTIVATE: { target: "generating", reenter: true },
                RecordGenerationAttempt: {
                  actions: [
                    "countAttempt",
                    {
                      type: "openAttempt",
                      params: ({ event }) => ({ modelConfigId: event.modelConfigId }),
                    },
                  ],
                },
                RecordRetryState: {
                  target: "backing_off",
                  actions: [
                    closeAttempt("retry"),
                    { type: "setRetryState", params: ({ event }) => ({ retry: event.retry }) },
                  ],
                },
                RecordToolCalls: {
                  target: "executing",
                  actions: [
                    append,
                    { type: "recordToolCalls", params: ({ event }) => ({ calls: event.calls }) },
                    "historyChanged",
                    "countStep",
                  ],
                },
                Steer: {
                  guard: "hasSteer",
                  target: "generating",
                  reenter: true,
                  actions: [closeAttempt("steer"), "promoteSteers", "countSteered", "historyChanged"],
                },
                FinishTurn: [
                  {
                    guard: "queueEmpty",
                    target: "#chat.life.waiting",
                    actions: [append, "beginTurn"],
                  },
                  { target: "#chat.life.pending", actions: [append, ...promoteHead] },
                ],
                Yield: { target: "#chat.life.pending", actions: [closeAttempt("yield"), "resumeGenerate"] },
              },
            },
            executing: {
              invoke: { src: "execute", input: effectInput },
              on: {
                ACTIVATE: { target: "executing", reenter: true },
                CommitStep: { target: "generating", actions: [append, "historyChanged"] },
                FinishTurn: [
                  {
                    guard: "queueEmpty",
                    target: "#chat.life.waiting",
                    actions: [append, "beginTurn"],
                  },
                  { target: "#chat.life.pending", actions: [append, ...promoteHead] },
                ],
                EnterRequiresAction: {
                  target: "#chat.life.requires_action.client_tools",
                  actions: [
                    append,
                    "historyChanged",
                    { type: "setDeadline", params: ({ event }) => ({ deadlineAt: event.deadlineAt }) },
                  ],
                },
                RequireApproval: { target: "#chat.life.requires_action.approval", actions: "noChange" },
                Yield: { target: "#chat.life.pending", actions: ["noChange", "resumeExecute"] },
              },
            },
            compacting: {
              invoke: { src: "compact", input: effectInput },
              on: {
                ACTIVATE: { target: "compacting", reenter: true },
                Yield: { target: "#chat.life.pending", actions: ["noChange", "resumeCompact"] },
              },
            },
            backing_off: {
              invoke: { src: "backOff", input: effectInput },
              on: {
                ACTIVATE: { target: "backing_off", reenter: true },
                RecordGenerationAttempt: {
                  target: "generating",
                  actions: [
                    "countAttempt",
                    {
                      type: "openAttempt",
                      params: ({ event }) => ({ modelConfigId: event.modelConfigId }),
                    },
                  ],
                },
                Yield: { target: "#chat.life.pending", actions: ["noChange", "resumeGenerate"] },
              },
            },
            interrupting: {
              invoke: { src: "finishInterruption", input: effectInput },
              on: {
                ACTIVATE: { target: "interrupting", reenter: true },
                SendMessage: { guard: "queueHasRoom", actions: enqueue },
                PromoteQueuedMessage: {
                  guard: not("queueEmpty"),
                  actions: { type: "moveToHead", params: queuedId },
                },
                // Stopping is not begun twice.
                Interrupt: undefined,
                EditMessage: edit("#chat.life.pending"),
                FinishInterruption: [
                  { guard: "queueEmpty", target: "#chat.life.waiting", actions: [append, cancelCalls, "beginTurn"] },
                  { target: "#chat.life.pending", actions: [append, cancelCalls, ...promoteHead] },
                ],
              },
            },
          },
        },
        requires_action: {
          initial: "client_tools",
          on: {
            SendMessage: sendWhenPaused,
            EditMessage: edit("pending"),
            DeleteQueuedMessage: deleteQueued,
            PromoteQueuedMessage: promoteFromPause,
            Interrupt: interruptPause,
          },
          states: {
            client_tools: {
              invoke: { src: "awaitClientTools", input: effectInput },
              on: {
                ACTIVATE: { target: "client_tools", reenter: true },
                CompleteRequiresAction: {
                  target: "#chat.life.pending",
                  actions: [append, "historyChanged", "resumeGenerate"],
                },
                CancelRequiresAction: {
                  target: "#chat.life.pending",
                  actions: [
                    { type: "cancelPendingCalls", params: { reason: "deadline" } },
                    "historyChanged",
                    "resumeGenerate",
                  ],
                },
              },
            },
            approval: {
              on: {
                DecideApproval: [
                  {
                    guard: "allDecided",
                    target: "#chat.life.pending",
                    actions: ["noChange", "resumeExecute"],
                  },
                  { actions: "noChange" },
                ],
              },
            },
          },
        },
      },
    },
    mode: {
      initial: "normal",
      states: {
        normal: {
          on: {
            SetMode: [{ guard: "toPlan", target: "plan", actions: "noChange" }, { guard: "toNormal", actions: "noChange" }],
          },
        },
        plan: {
          on: {
            SetMode: [{ guard: "toNormal", target: "normal", actions: "noChange" }, { guard: "toPlan", actions: "noChange" }],
          },
        },
        explore: {},
        computer_use: {},
      },
    },
  },
})

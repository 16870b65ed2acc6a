import { and, not } from "xstate"
import { effectInput, initialContext, machine } from "./chat-setup.ts"
import {
  append,
  archiveTransitions,
  begin,
  cancelCalls,
  changeQueued,
  changeQueuedUnsteering,
  closeAttempt,
  decideApprovals,
  deleteQueued,
  edit,
  enqueue,
  finishError,
  finishTurn,
  interruptPause,
  moveToHead,
  openAttempt,
  preemptPending,
  promoteFromPause,
  promoteHead,
  reconcile,
  requestCompaction,
  retryNow,
  retryTurn,
  sendWhenIdle,
  sendWhenPaused,
  setToolPolicy,
} from "./chat-transitions.ts"

/**
 * The chat machine: what a chat may do next and which row changes that means. It is pure. It has no clock, no random
 * source, no delays and no I/O; named actions are descriptions that the store turns into SQL, and the invoked actors are
 * placeholders that the running server replaces (`provide`). So `transition(chatMachine, state, event)` is deterministic.
 */
export const chatMachine = machine.createMachine({
  id: "chat",
  type: "parallel",
  context: initialContext,
  states: {
    life: {
      initial: "none",
      on: { ReconcileInvalidState: reconcile, SetToolPolicy: { guard: "live", actions: setToolPolicy } },
      states: {
        none: {
          on: {
            Create: { target: "arriving", actions: [append, "beginTurn"] },
            ReconcileInvalidState: undefined,
            SetToolPolicy: undefined,
          },
        },
        waiting: {
          tags: ["resting"],
          on: {
            SendMessage: sendWhenIdle,
            EditMessage: edit("arriving"),
            SetArchived: archiveTransitions,
            RequestCompaction: requestCompaction,
            ClearContext: { guard: "live", actions: ["clearContext", "historyChanged"] },
            FinishError: { ...finishError, guard: "live" },
          },
        },
        error: {
          tags: ["resting", "failed"],
          on: {
            SendMessage: sendWhenIdle,
            EditMessage: edit("arriving"),
            DeleteQueuedMessage: { ...deleteQueued, guard: and(["live", not("queueEmpty")]) },
            ChangeQueuedMessage: changeQueuedUnsteering,
            PromoteQueuedMessage: promoteFromPause,
            Retry: retryTurn,
            SetArchived: archiveTransitions,
            RequestCompaction: requestCompaction,
            ClearContext: {
              guard: and(["live", "queueEmpty"]),
              target: "waiting",
              actions: ["clearError", "clearContext", "historyChanged"],
            },
          },
        },
        // There is work now, and no chat stays here: one with a slot begins, all others go to the end of the line.
        arriving: { always: [{ guard: not("slotGranted"), target: "pending" }, ...begin] },
        pending: {
          tags: ["owned", "waits-for-slot"],
          on: {
            Admit: begin,
            SendMessage: [preemptPending, { guard: "queueHasRoom", actions: enqueue }],
            EditMessage: edit("pending"),
            DeleteQueuedMessage: deleteQueued,
            ChangeQueuedMessage: changeQueued,
            PromoteQueuedMessage: {
              guard: not("queueEmpty"),
              actions: moveToHead,
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
          tags: ["owned", "working"],
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
            ChangeQueuedMessage: changeQueued,
            PromoteQueuedMessage: {
              guard: not("queueEmpty"),
              target: ".interrupting",
              actions: [...moveToHead, closeAttempt("interrupt")],
            },
            Interrupt: { target: ".interrupting", actions: closeAttempt("interrupt") },
            FinishError: finishError,
          },
          states: {
            generating: {
              tags: ["slot", "asks-model"],
              invoke: { src: "generate", input: effectInput },
              on: {
                ACTIVATE: { target: "generating", reenter: true },
                RecordGenerationAttempt: { actions: openAttempt },
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
                FinishTurn: finishTurn,
                Yield: { target: "#chat.life.pending", actions: [closeAttempt("yield"), "resumeGenerate"] },
              },
            },
            executing: {
              tags: ["slot", "works-on-calls"],
              invoke: { src: "execute", input: effectInput },
              on: {
                ACTIVATE: { target: "executing", reenter: true },
                RecordGenerationAttempt: { actions: openAttempt },
                StopToolCall: {
                  actions: { type: "stopCall", params: ({ event }) => ({ id: event.callId, by: event.by }) },
                },
                CommitStep: { target: "generating", actions: [append, "historyChanged"] },
                FinishTurn: finishTurn,
                EnterRequiresAction: {
                  target: "#chat.life.requires_action.client_tools",
                  actions: [
                    append,
                    "historyChanged",
                    { type: "setDeadline", params: ({ event }) => ({ deadlineAt: event.deadlineAt }) },
                  ],
                },
                RequireApproval: { target: "#chat.life.requires_action.approval", actions: closeAttempt("pause") },
                Yield: { target: "#chat.life.pending", actions: [closeAttempt("pause"), "resumeExecute"] },
              },
            },
            compacting: {
              tags: ["slot", "asks-model"],
              invoke: { src: "compact", input: effectInput },
              on: {
                ACTIVATE: { target: "compacting", reenter: true },
                CommitCompaction: finishTurn,
                Yield: { target: "#chat.life.pending", actions: ["noChange", "resumeCompact"] },
              },
            },
            backing_off: {
              tags: ["backing-off"],
              invoke: { src: "backOff", input: effectInput },
              on: {
                ACTIVATE: { target: "backing_off", reenter: true },
                RecordGenerationAttempt: { target: "generating", actions: openAttempt },
                Retry: retryNow,
                Yield: { target: "#chat.life.pending", actions: ["noChange", "resumeGenerate"] },
              },
            },
            interrupting: {
              tags: ["slot", "works-on-calls"],
              invoke: { src: "finishInterruption", input: effectInput },
              on: {
                ACTIVATE: { target: "interrupting", reenter: true },
                SendMessage: { guard: "queueHasRoom", actions: enqueue },
                ChangeQueuedMessage: [changeQueuedUnsteering, {}],
                PromoteQueuedMessage: {
                  guard: not("queueEmpty"),
                  actions: moveToHead,
                },
                // Stopping is not begun twice.
                Interrupt: undefined,
                EditMessage: edit("#chat.life.arriving"),
                FinishInterruption: [
                  { guard: "queueEmpty", target: "#chat.life.waiting", actions: [append, cancelCalls, "beginTurn"] },
                  { target: "#chat.life.arriving", actions: [append, cancelCalls, ...promoteHead] },
                ],
              },
            },
          },
        },
        requires_action: {
          initial: "client_tools",
          tags: ["owned"],
          on: {
            SendMessage: sendWhenPaused,
            EditMessage: edit("arriving"),
            DeleteQueuedMessage: deleteQueued,
            ChangeQueuedMessage: changeQueued,
            PromoteQueuedMessage: promoteFromPause,
            Interrupt: interruptPause,
          },
          states: {
            client_tools: {
              tags: ["asks-client"],
              invoke: { src: "awaitClientTools", input: effectInput },
              on: {
                ACTIVATE: { target: "client_tools", reenter: true },
                CompleteRequiresAction: {
                  target: "#chat.life.arriving",
                  actions: [append, "historyChanged", "resumeGenerate"],
                },
                CancelRequiresAction: {
                  target: "#chat.life.arriving",
                  actions: [
                    { type: "cancelPendingCalls", params: { reason: "deadline" } },
                    "historyChanged",
                    "resumeGenerate",
                  ],
                },
              },
            },
            approval: {
              tags: ["asks-person"],
              on: {
                DecideApproval: [
                  {
                    guard: "allDecided",
                    target: "#chat.life.arriving",
                    actions: [decideApprovals, "resumeExecute"],
                  },
                  { actions: decideApprovals },
                ],
                SetToolPolicy: [
                  {
                    guard: "allDecided",
                    target: "#chat.life.arriving",
                    actions: [setToolPolicy, decideApprovals, "resumeExecute"],
                  },
                  { actions: [setToolPolicy, decideApprovals] },
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
            SetMode: [
              { guard: "toPlan", target: "plan", actions: "noChange" },
              { guard: "toNormal", actions: "noChange" },
            ],
          },
        },
        plan: {
          on: {
            SetMode: [
              { guard: "toNormal", target: "normal", actions: "noChange" },
              { guard: "toPlan", actions: "noChange" },
            ],
          },
        },
        explore: {},
        computer_use: {},
      },
    },
  },
})

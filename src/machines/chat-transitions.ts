import { and, not } from "xstate"
import type { ChatMachineEvent } from "./chat-events.ts"

/** Transitions and actions that several states of the chat machine share. */

const mayEnqueue = and(["live", "queueHasRoom"])

/** Params of the actions that carry a payload of the event. */
const sent = ({ event }: { event: ChatMachineEvent }) => {
  if (event.type !== "SendMessage" && event.type !== "EditMessage") throw new Error(`${event.type} carries no input`)
  return { input: event.input }
}
const enqueued = ({ event }: { event: ChatMachineEvent }) => {
  if (event.type !== "SendMessage") throw new Error(`${event.type} enqueues nothing`)
  const { busyBehavior, input } = event
  if (busyBehavior === "preempt") return { input, kind: "queue" as const, first: true as const }
  return { input, kind: busyBehavior === "steer" ? ("steer" as const) : ("queue" as const) }
}
const changed = ({ event }: { event: ChatMachineEvent }) => {
  if (event.type !== "ChangeQueuedMessage") throw new Error(`${event.type} changes no queued message`)
  const { queuedMessageId, content, kind, place } = event
  return { queuedMessageId, content, kind, place }
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

export const append = { type: "appendMessages", params: messages } as const
export const appendUser = { type: "appendUserMessage", params: sent } as const
export const enqueue = [{ type: "enqueue", params: enqueued }, "countEnqueued"] as const
export const promoteHead = ["promoteHead", "countPromotedHead", "beginTurn"] as const
export const cancelCalls = { type: "cancelPendingCalls", params: { reason: "interrupted" } } as const
const supersedeCalls = { type: "cancelPendingCalls", params: { reason: "superseded" } } as const
export const closeAttempt = (reason: string) => ({ type: "closeAttempt", params: { reason } }) as const

/** Begins its turn at once, before what waits in the queue. Those that were to steer the turn before wait in line. */
const sendFirst = ["clearError", cancelCalls, "unsteer", "countUnsteered", appendUser, "beginTurn"] as const

/** The turn that waits for its slot gives way to another. */
export const preemptPending = { guard: "preempts", actions: sendFirst } as const

/** Joins the tail of the queue whatever its busy behaviour: there is no turn to steer. */
const joinTail = [
  { type: "enqueue", params: (args: { event: ChatMachineEvent }) => ({ ...sent(args), kind: "queue" as const }) },
  "countJoined",
] as const

/** Idle and empty queue: the message begins a turn. Error with a backlog: it joins the tail and the head goes first, unless it preempts. */
export const sendWhenIdle = [
  {
    guard: and(["live", "queueEmpty"]),
    target: "arriving",
    actions: ["clearError", appendUser, "beginTurn"],
  },
  { guard: and(["live", "preempts"]), target: "arriving", actions: sendFirst },
  {
    guard: mayEnqueue,
    target: "arriving",
    actions: ["clearError", ...joinTail, ...promoteHead],
  },
] as const

/** Replaces a message and forgets all that came after it. `pending` and `running` stay, begun afresh. */
export const edit = <Target extends string>(target: Target) =>
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

export const deleteQueued = {
  guard: not("queueEmpty"),
  actions: [{ type: "removeQueued", params: queuedId }, "countRemoved"],
} as const

const change = [{ type: "changeQueued", params: changed }, "countChanged"] as const

export const changeQueued = { guard: not("queueEmpty"), actions: change } as const

/** Where there is no turn that a message could begin to steer. */
export const changeQueuedUnsteering = {
  guard: and(["live", not("queueEmpty"), not("beginsToSteer")]),
  actions: change,
} as const

const setError = {
  type: "setError",
  params: ({ event }: { event: ChatMachineEvent }) => {
    if (!("error" in event)) throw new Error(`${event.type} carries no error`)
    return { error: event.error }
  },
} as const

export const finishError = { target: "#chat.life.error", actions: [closeAttempt("error"), setError] } as const

/** Whoever sends it has found that the rows are no state at all: the machine takes it everywhere. */
export const reconcile = {
  target: "#chat.life.error",
  actions: [closeAttempt("reconcile"), cancelCalls, setError, "reconcile"],
} as const

/** Work of its own, not a turn: nothing of the turn before it is left to be continued. */
export const requestCompaction = {
  guard: "live",
  target: "#chat.life.arriving",
  actions: ["clearError", supersedeCalls, "beginTurn", "resumeCompact"],
} as const

export const promoteFromPause = {
  guard: and(["live", not("queueEmpty")]),
  target: "#chat.life.arriving",
  actions: ["clearError", supersedeCalls, { type: "promoteQueued", params: queuedId }, "countRemoved", "beginTurn"],
} as const

export const archiveTransitions = [
  { guard: and(["live", "archiving"]), actions: "archive" },
  { guard: and(["archived", "unarchiving"]), actions: "unarchive" },
] as const

/** Ends a pause for results: what is still open is answered by us, and the model goes on. */
export const interruptPause = {
  target: "#chat.life.arriving",
  actions: [cancelCalls, "historyChanged", "resumeGenerate"],
} as const

export const sendWhenPaused = [
  { guard: "preempts", target: "#chat.life.arriving", actions: sendFirst },
  {
    guard: and(["queueHasRoom", "interrupts"]),
    target: "#chat.life.arriving",
    actions: [cancelCalls, "historyChanged", ...enqueue, "resumeGenerate"],
  },
  { guard: "queueHasRoom", actions: enqueue },
] as const

/** The turn is over: the next message of the queue begins another, or the chat waits. */
export const finishTurn = [
  { guard: "queueEmpty", target: "#chat.life.waiting", actions: [append, "beginTurn"] },
  { target: "#chat.life.arriving", actions: [append, ...promoteHead] },
] as const

const useModel = {
  type: "useModel",
  params: ({ event }: { event: ChatMachineEvent }) => {
    if (event.type !== "Retry") throw new Error(`${event.type} chooses no model`)
    return { modelConfigId: event.modelConfigId }
  },
} as const

/** The turn that has failed, from the last message on. What it had tried is kept, as attempts of the history before. */
export const retryTurn = {
  guard: "live",
  target: "arriving",
  actions: [
    "clearError",
    { type: "cancelPendingCalls", params: { reason: "retried" } },
    useModel,
    "beginHistory",
    "beginAgain",
  ],
} as const

/** The attempt that is waited for, without the wait. It takes a slot like any work that comes: the wait has given its own away. */
export const retryNow = { target: "#chat.life.arriving", actions: [useModel, "resumeGenerate"] } as const

export const openAttempt = [
  "countAttempt",
  {
    type: "openAttempt",
    params: ({ event }: { event: ChatMachineEvent }) => {
      return event.type === "RecordGenerationAttempt" || event.type === "Admit"
        ? { modelConfigId: event.modelConfigId }
        : {}
    },
  },
] as const

const takeSlot = {
  type: "takeSlot",
  params: ({ event }: { event: ChatMachineEvent }) => ({ from: event.type === "Admit" ? "row" : "event" }) as const,
} as const

/** Work that has its slot begins: with what `resume` says, and with its first attempt counted where nothing comes before it. */
export const begin = [
  { guard: "resumesExecute", target: "#chat.life.running.executing", actions: takeSlot },
  { guard: "resumesCompact", target: "#chat.life.running.compacting", actions: takeSlot },
  { guard: "hasSteer", target: "#chat.life.running.generating", actions: takeSlot },
  { target: "#chat.life.running.generating", actions: [takeSlot, ...openAttempt] },
] as const

export const decideApprovals = {
  type: "decideApprovals",
  params: ({ event }: { event: ChatMachineEvent }) => {
    if (event.type !== "DecideApproval" && event.type !== "SetToolPolicy") {
      throw new Error(`${event.type} decides nothing`)
    }
    return { decisions: event.decisions }
  },
} as const

export const setToolPolicy = {
  type: "setToolPolicy",
  params: ({ event }: { event: ChatMachineEvent }) => {
    if (event.type !== "SetToolPolicy") throw new Error(`${event.type} carries no rules`)
    return { rules: event.rules }
  },
} as const

/** The promoted message goes first. Those that were to steer the turn wait in line: the turn is over for them, too. */
export const moveToHead = [{ type: "moveToHead", params: queuedId }, "countUnsteered"] as const

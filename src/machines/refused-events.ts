import { getStateNodes } from "xstate"
import type { RefusedEvent } from "../contract/inspection.ts"
import { accepts } from "./chat-accepts.ts"
import type { ChatMachineEvent } from "./chat-events.ts"
import { everyVariant } from "./chat-journal.ts"
import { chatMachine } from "./chat-machine.ts"
import { QUEUE_LIMIT } from "./chat-setup.ts"
import type { ChatSnapshot } from "./chat-state.ts"
import { guardOf, isNegation, partsOfGuard } from "./machine-graph.ts"

/** Why a state that knows an event does not take it, in words. */

type GuardName = Parameters<typeof chatMachine.provide>[0]["guards"] extends (infer Guards) | undefined
  ? keyof Guards & string
  : never

/** What is so while a guard holds, and while it does not. A guard without words does not compile. */
const guardWords: { readonly [Name in GuardName]: readonly [holds: string, fails: string] } = {
  live: ["The chat is not archived.", "The chat is archived."],
  archived: ["The chat is archived.", "The chat is not archived."],
  queueEmpty: ["No message waits in the queue.", "Messages wait in the queue."],
  queueHasRoom: ["The queue has room.", `The queue is full: ${QUEUE_LIMIT} messages wait in it.`],
  hasSteer: ["A message waits to steer the turn.", "No message waits to steer the turn."],
  interrupts: ["The message is to interrupt the turn.", "The message is not to interrupt the turn."],
  preempts: ["The message goes before all others.", "The message does not go before all others."],
  beginsToSteer: ["The message is to steer a turn.", "The message is not to steer a turn."],
  archiving: ["The chat is to be archived.", "The chat is not to be archived."],
  unarchiving: ["The chat is to leave the archive.", "The chat is not to leave the archive."],
  slotGranted: ["The chat has a slot.", "The chat has no slot."],
  resumesExecute: ["The chat goes on with its tool calls.", "The chat does not go on with tool calls."],
  resumesCompact: ["The chat goes on with a summary.", "The chat does not go on with a summary."],
  allDecided: ["Every call is decided.", "Some calls are not decided."],
  toPlan: ["The chat is to plan.", "The chat is not to plan."],
  toNormal: ["The chat is to leave plan mode.", "The chat is not to leave plan mode."],
}

const isGuardName = (name: string): name is GuardName => Object.hasOwn(guardWords, name)

const sentenceOf = (name: string, isSo: boolean): string =>
  isGuardName(name) ? guardWords[name][isSo ? 0 : 1] : `The guard ${name} ${isSo ? "holds" : "does not hold"}.`

const holds = (name: string, { context }: ChatSnapshot, event: ChatMachineEvent): boolean => {
  const check = isGuardName(name) ? chatMachine.implementations.guards[name] : undefined
  return typeof check === "function" && check({ context, event }, undefined)
}

/** The first part of a guard that is not as it has to be, as a sentence; undefined where all is. */
const obstacleOf = (
  guard: unknown,
  state: ChatSnapshot,
  event: ChatMachineEvent,
  wanted = true,
): string | undefined => {
  const parts = partsOfGuard(guard)
  if (parts !== undefined) {
    const want = isNegation(guard) ? !wanted : wanted
    return parts.map((part) => obstacleOf(part, state, event, want)).find((sentence) => sentence !== undefined)
  }
  const name = guardOf(guard)
  const isSo = holds(name, state, event)
  return isSo === wanted ? undefined : sentenceOf(name, isSo)
}

/** What keeps the last of an event's transitions, which asks for least, from being taken. */
const reasonOf = (state: ChatSnapshot, event: ChatMachineEvent): string | undefined => {
  const transitions = getStateNodes(chatMachine.root, state.value).flatMap(
    (node) => node.transitions.get(event.type) ?? [],
  )
  const guards = transitions.flatMap(({ guard }) => (guard === undefined ? [] : [guard]))
  const last = guards.at(-1)
  return last === undefined ? undefined : obstacleOf(last, state, event)
}

/** Events that the state has transitions for, none of which can be taken now. An event that it does not know is not among them. */
export const refuses = (state: ChatSnapshot): ReadonlyArray<RefusedEvent> => {
  const taken = new Set(accepts(state))
  const reasons = new Map<string, string>()
  for (const event of everyVariant) {
    if (taken.has(event.type) || reasons.has(event.type)) continue
    const reason = reasonOf(state, event)
    if (reason !== undefined) reasons.set(event.type, reason)
  }
  return [...reasons].map(([event, reason]) => ({ event, reason }))
}

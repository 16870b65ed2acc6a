import { transition, type SnapshotFrom } from "xstate"
import type { ChatMachineEvent } from "./chat-events.ts"
import { chatMachine } from "./chat-machine.ts"
import {
  isChange,
  type ChatChange,
  type ChatContext,
  type ChatModeState,
  type EffectInput,
  type EffectName,
} from "./chat-setup.ts"

/** The machine's state as data, to and from the columns of a chat row. */

export type ChatSnapshot = SnapshotFrom<typeof chatMachine>
export type ChatStateValue = ChatSnapshot["value"]

/** Full path of the `life` region: `waiting`, `running.executing`, ... */
export const activityOf = (value: ChatStateValue): string => {
  const life = value.life
  if (typeof life === "string") return life
  const [[parent, child] = ["", ""]] = Object.entries(life)
  return `${parent}.${child}`
}

export interface StateColumns {
  readonly activity: string
  readonly planMode: boolean
  readonly mode: "explore" | "computer_use" | null
  readonly context: ChatContext
}

const modeOf = (columns: StateColumns): ChatModeState => columns.mode ?? (columns.planMode ? "plan" : "normal")

const lifeOf = (activity: string): string | Record<string, string> => {
  const [parent = "", child] = activity.split(".")
  return child === undefined ? parent : { [parent]: child }
}

/** A snapshot of the machine from columns. Nothing of it runs; `effectsOf` says what should. */
export const snapshotOf = (columns: StateColumns): ChatSnapshot =>
  chatMachine.resolveState({
    value: { life: lifeOf(columns.activity), mode: modeOf(columns) },
    context: columns.context,
  })

/** The state of a chat that does not exist yet. */
export const unborn = (mode: ChatModeState, context: ChatContext): ChatSnapshot =>
  chatMachine.resolveState({ value: { life: "none", mode }, context })

/** What a transition does to the effect of the state: the one that runs ends, another begins. In order. */
export type EffectStep =
  | { readonly type: "stop" }
  | { readonly type: "start"; readonly name: EffectName; readonly input: EffectInput }

export interface Decision {
  readonly next: ChatSnapshot
  /** What it means for the rows. */
  readonly changes: ReadonlyArray<ChatChange>
  /** What is to end and to begin once that is committed. */
  readonly effects: ReadonlyArray<EffectStep>
}

/** XState describes what it would spawn and stop. It is never run: its actors belong to nobody. */
const SPAWN = "xstate.spawnChild"
const STOP = "xstate.stopChild"

const stepOf = ({ type, params }: { readonly type: string; readonly params: unknown }): ReadonlyArray<EffectStep> => {
  if (type === STOP) return [{ type: "stop" }]
  if (type !== SPAWN) return []
  const { src, input } = params as { readonly src: EffectName; readonly input: EffectInput }
  return [{ type: "start", name: src, input }]
}

/** The next state and what it means, or undefined when the event is refused in this state. */
export const decide = (snapshot: ChatSnapshot, event: ChatMachineEvent): Decision | undefined => {
  if (!snapshot.can(event)) return undefined
  const [next, actions] = transition(chatMachine, snapshot, event)
  const changes = actions.map(({ type, params }) => ({ type, params })).filter(isChange)
  return { next, changes, effects: actions.flatMap(stepOf) }
}

/** What runs in a state that was not reached by an event but found in the rows. */
export const effectsOf = (snapshot: ChatSnapshot): ReadonlyArray<EffectStep> =>
  decide(snapshot, { type: "ACTIVATE" })?.effects ?? []

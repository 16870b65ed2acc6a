import { transition, type SnapshotFrom } from "xstate"
import type { ChatStatus } from "../contract/chats.ts"
import type { ChatMachineEvent } from "./chat-events.ts"
import { chatMachine } from "./chat-machine.ts"
import {
  isChange,
  type ChatChange,
  type ChatContext,
  type ChatModeState,
  type ChatTag,
  type EffectInput,
  type EffectName,
} from "./chat-setup.ts"

/** The machine's state as data, to and from the columns of a chat row. */

export type ChatSnapshot = SnapshotFrom<typeof chatMachine>
export type ChatStateValue = ChatSnapshot["value"]

type PathOf<Value> = Value extends string
  ? Value
  : { [Parent in keyof Value & string]: `${Parent}.${Value[Parent] & string}` }[keyof Value & string]

/** Full path of the `life` region: `waiting`, `running.executing`, ... Read off the machine: a state that it does not have does not compile. */
export type Activity = Exclude<PathOf<ChatStateValue["life"]>, "none" | "arriving">

type StatusOf<Path> = Path extends `${infer Status}.${string}` ? Status : Path

type Node = typeof chatMachine.root

/** Paths of the leaves below a node, with the tags that hold there: their own and those of the states around them. */
const leavesOf = (
  node: Node,
  path: ReadonlyArray<string>,
  above: ReadonlyArray<string>,
): Array<[string, Set<string>]> => {
  const tags = [...above, ...node.tags]
  const children = Object.entries(node.states)
  return children.length === 0
    ? [[path.join("."), new Set(tags)]]
    : children.flatMap(([name, child]) => leavesOf(child, [...path, name], tags))
}

const life = chatMachine.root.states["life"]
const tagsOf = new Map(life === undefined ? [] : leavesOf(life, [], []))
for (const passing of ["none", "arriving"]) tagsOf.delete(passing)

/** Whether a row's `activity` is a state of this machine: another version may have written it, or a person by hand. */
export const isActivity = (activity: string): activity is Activity => tagsOf.has(activity)

/** The same as a snapshot's `hasTag`, where there is only a row. Nothing is known of a state that this machine does not have. */
export const hasTag = (activity: Activity, tag: ChatTag): boolean => tagsOf.get(activity)?.has(tag) ?? false

/** The state of the wire that an activity belongs to. */
export const statusOf = (activity: Activity): StatusOf<Activity> & ChatStatus =>
  activity.split(".")[0] as StatusOf<Activity>

/** @throws for a chat that does not exist yet: it is in none of the states that a row can have */
export const activityOf = ({ life }: ChatStateValue): Activity => {
  const path = typeof life === "string" ? life : Object.entries(life).flat().join(".")
  if (!isActivity(path)) throw new Error(`${path} is no state of a chat`)
  return path
}

export interface StateColumns {
  readonly activity: Activity
  readonly planMode: boolean
  readonly mode: "explore" | "computer_use" | null
  readonly context: ChatContext
}

const modeOf = (columns: StateColumns): ChatModeState => columns.mode ?? (columns.planMode ? "plan" : "normal")

const lifeOf = (activity: Activity): string | Record<string, string> => {
  const [parent = "", child] = activity.split(".")
  return child === undefined ? parent : { [parent]: child }
}

/**
 * A snapshot of the machine from columns. Nothing of it runs; `effectsOf` says what should. A state that the machine does not have
 * stands for `error`, to which a repair brings the chat.
 */
export const snapshotOf = (columns: StateColumns): ChatSnapshot =>
  chatMachine.resolveState({
    value: { life: isActivity(columns.activity) ? lifeOf(columns.activity) : "error", mode: modeOf(columns) },
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

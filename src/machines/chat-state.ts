import { transition, type SnapshotFrom } from "xstate"
import type { ChatMachineEvent } from "./chat-events.ts"
import { chatMachine } from "./chat-machine.ts"
import { isChange, type ChatChange, type ChatContext, type ChatModeState } from "./chat-setup.ts"

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

/** A snapshot of the machine from columns. It has no invoked children: whoever runs it sends ACTIVATE. */
export const snapshotOf = (columns: StateColumns): ChatSnapshot =>
  chatMachine.resolveState({
    value: { life: lifeOf(columns.activity), mode: modeOf(columns) },
    context: columns.context,
  })

/** The state of a chat that does not exist yet. */
export const unborn = (mode: ChatModeState, context: ChatContext): ChatSnapshot =>
  chatMachine.resolveState({ value: { life: "none", mode }, context })

/** The next state and the row changes it means, or undefined when the event is refused in this state. */
export const decide = (
  snapshot: ChatSnapshot,
  event: ChatMachineEvent,
): { readonly next: ChatSnapshot; readonly changes: ReadonlyArray<ChatChange> } | undefined => {
  if (!snapshot.can(event)) return undefined
  const [next, actions] = transition(chatMachine, snapshot, event)
  return { next, changes: actions.map(({ type, params }) => ({ type, params })).filter(isChange) }
}

import type { ComponentType } from "react"
import { ChatPane } from "./conversation/chat-pane.tsx"
import { StepsPane } from "./steps/steps-pane.tsx"

export interface TracePane {
  readonly id: string
  readonly title: string
  /** In which column it stands where there is room for all of them. */
  readonly column: "middle" | "side"
  readonly Pane: ComponentType
}

/** The views of a chat's life, in their order. Each takes what it shows from `useTraceView`. */
export const panes: ReadonlyArray<TracePane> = [{ id: "steps", title: "Steps", column: "middle", Pane: StepsPane }]

/** Where there is one column only, the conversation is a view like the others. */
export const narrowPanes: ReadonlyArray<TracePane> = [
  ...panes,
  { id: "chat", title: "Chat", column: "side", Pane: ChatPane },
]

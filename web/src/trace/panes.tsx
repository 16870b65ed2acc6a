import type { ComponentType } from "react"
import { lazyComponent } from "../ui/lazy-page.tsx"
import { ChatPane } from "./conversation/chat-pane.tsx"
import { ScrolledPane } from "./scrolled-pane.tsx"
import { StepsPane } from "./steps/steps-pane.tsx"

export interface TracePane {
  readonly id: string
  readonly title: string
  /** In which column it stands where there is room for all of them. */
  readonly column: "middle" | "side"
  /** What it has of its column's height, beside the others there. */
  readonly share: string
  readonly Pane: ComponentType
}

const machine = lazyComponent("The machine", async () => {
  const { MachinePane } = await import("./machine/machine-pane.tsx")
  return () => (
    <ScrolledPane label="The machine, and what can be done">
      <MachinePane />
    </ScrolledPane>
  )
})
const journal = lazyComponent("The journal", async () => (await import("./journal/journal-pane.tsx")).JournalPane)
const context = lazyComponent("The context", async () => {
  const { ContextDiff } = await import("./machine/context-diff.tsx")
  return () => (
    <ScrolledPane label="What differs between versions">
      <ContextDiff />
    </ScrolledPane>
  )
})

/** The views of a chat's life, in their order. Each takes what it shows from `useTraceView`. */
export const panes: ReadonlyArray<TracePane> = [
  { id: "steps", title: "Steps", column: "middle", share: "flex-[3]", Pane: StepsPane },
  { id: "machine", title: "Machine", column: "side", share: "flex-[7]", Pane: machine.Component },
  { id: "journal", title: "Journal", column: "middle", share: "flex-[2]", Pane: journal.Component },
  { id: "context", title: "Context", column: "side", share: "flex-[3]", Pane: context.Component },
]

/** Where there is one column only, the conversation is a view like the others. */
export const narrowPanes: ReadonlyArray<TracePane> = [
  ...panes,
  { id: "chat", title: "Chat", column: "side", share: "flex-1", Pane: ChatPane },
]

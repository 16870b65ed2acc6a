import type { ReactNode } from "react"
import type { ChatAtVersion, ChatMachineState } from "../../../src/contract/inspection.ts"

export const Facts = ({ children }: { readonly children: ReactNode }) => (
  <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-xs">{children}</dl>
)

export const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <>
    <dt className="text-ink-faint">{name}</dt>
    <dd className="font-mono text-ink [overflow-wrap:anywhere]">{children}</dd>
  </>
)

/** What a chat's state says now and at any earlier version. */
export const StateFacts = ({ state }: { readonly state: ChatMachineState | ChatAtVersion }) => {
  const { context } = state
  return (
    <>
      <Fact name="Life">{state.life}</Fact>
      <Fact name="Mode">{state.mode}</Fact>
      <Fact name="Queue">
        {context.queue} queued, {context.steer} of them to steer
      </Fact>
      <Fact name="Resumes with">{context.resume}</Fact>
      <Fact name="Attempt, steps">
        {context.attempt}, {context.steps}
      </Fact>
      <Fact name="Archived">{context.archived ? "yes" : "no"}</Fact>
      {state.pending_calls.length > 0 && (
        <Fact name="Pending calls">
          {state.pending_calls.map((call) => `${call.tool_name} (${call.state})`).join(", ")}
        </Fact>
      )}
    </>
  )
}

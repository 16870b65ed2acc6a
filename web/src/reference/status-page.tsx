import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Disclosure } from "../ui/disclosure.tsx"
import { lazyComponent } from "../ui/lazy-page.tsx"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { Tag } from "../ui/tag.tsx"
import { machineGraphQuery } from "../api/queries.ts"
import { type ListedState, listedStates } from "./machine-states.ts"
import { ReferenceSection } from "./reference-section.tsx"

const Ways = ({ state }: { readonly state: ListedState }) => (
  <ul className="flex flex-col gap-1 pb-2 pl-6.5 text-xs">
    {state.ways.map(({ event, to, guard }, index) => (
      <li key={index} className="flex flex-wrap items-baseline gap-x-2">
        <code className="font-mono text-ink">{event}</code>
        <span className="text-ink-faint">{to === undefined ? "stays" : "goes to"}</span>
        {to !== undefined && <code className="font-mono text-ink-soft">{to}</code>}
        {guard !== undefined && <span className="text-ink-faint">{`when ${guard}`}</span>}
      </li>
    ))}
  </ul>
)

const StateRow = ({ state, showsStatus }: { readonly state: ListedState; readonly showsStatus: boolean }) => (
  <li className="px-3 py-0.5">
    <Disclosure
      icon={
        <span
          aria-hidden
          className="size-2.5 rounded-full"
          // One colour for each state, by the name of its leaf; none for a state that has none.
          style={{ background: `var(--s-${state.name.split(".").at(-1)}, var(--s-none))` }}
        />
      }
      label={<code className="font-mono text-xs text-ink">{state.name}</code>}
      aside={
        <>
          {state.effects.length > 0 && <span className="max-sm:hidden">{`runs ${state.effects.join(", ")}`}</span>}
          {showsStatus && (state.status === undefined ? "no chat is ever in it" : <Tag>{state.status}</Tag>)}
        </>
      }
    >
      <p className="pb-1.5 pl-6.5 text-xs text-ink-faint">
        {state.tags.length === 0 ? "No tags." : `Tags: ${state.tags.join(", ")}.`}
      </p>
      <Ways state={state} />
    </Disclosure>
  </li>
)

interface StatesProps {
  readonly states: ReadonlyArray<ListedState>
  readonly showsStatus?: boolean
}

export const States = ({ states, showsStatus = false }: StatesProps) => (
  <ul className="divide-y divide-line rounded-card border border-line bg-raised">
    {states.map((state) => (
      <StateRow key={state.name} state={state} showsStatus={showsStatus} />
    ))}
  </ul>
)

const chart = lazyComponent(
  "The statechart",
  async () => (await import("../trace/machine/definition-chart.tsx")).DefinitionChart,
)

const linked = "text-accent underline underline-offset-4"

/** What `status` and `activity` mean: the states of the chat machine, and what leads from one to the next. */
export const StatusPage = () => {
  const graph = useQuery(machineGraphQuery)
  return (
    <>
      <div className="flex flex-col gap-3 leading-6 text-ink-soft">
        <p>
          A chat is a state machine. Its <code className="font-mono text-xs">status</code> is one of five words for
          clients that want few; <code className="font-mono text-xs">activity</code> is the path of the state it is in.
          An event that a state does not take is refused with 409 and changes nothing.
        </p>
        <p>
          The definition comes from{" "}
          <Link to="/docs/api/$operation" params={{ operation: "chatMachineGraph" }} className={linked}>
            GET /machines/chat
          </Link>
          , where one chat is in it from{" "}
          <Link to="/docs/api/$operation" params={{ operation: "chatMachineState" }} className={linked}>
            GET /chats/{"{chat}"}/machine
          </Link>
          .
        </p>
      </div>
      {graph.data === undefined ? (
        graph.isError ? (
          <LoadFailed
            title="The machine could not be loaded"
            error={graph.error}
            retrying={graph.isFetching}
            onRetry={() => void graph.refetch()}
          />
        ) : (
          <LoadingRows label="Loading the machine" rows={8} />
        )
      ) : (
        <>
          <ReferenceSection title="The statechart">
            <chart.Component definition={graph.data} />
          </ReferenceSection>
          <ReferenceSection title="States of a chat, with its status">
            <States states={listedStates(graph.data, "life")} showsStatus />
          </ReferenceSection>
          <ReferenceSection title="Modes, beside them">
            <States states={listedStates(graph.data, "mode")} />
          </ReferenceSection>
        </>
      )}
    </>
  )
}

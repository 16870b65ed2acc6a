import { useQuery } from "@tanstack/react-query"
import { Maximize2, X } from "lucide-react"
import { useMemo, useState } from "react"
import { IconButton } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { LoadFailed } from "../../ui/list-states.tsx"
import { shortText } from "../short-text.ts"
import { type Shown, useShownState } from "../shown-state.ts"
import { useTraceView } from "../trace-source.ts"
import { chartOf, isDrawable, type LastEvent, leavesOf } from "./chart.ts"
import { chartQuery, type DrawnChart } from "./chart-layout.ts"
import { EffectsNow } from "./effects-now.tsx"
import { EventsNow } from "./events-now.tsx"
import { StateList } from "./state-list.tsx"
import { Statechart } from "./statechart.tsx"
import { ToldPart } from "./told-part.tsx"

const labelOf = ({ state, transition }: Shown): string =>
  `The chat machine. It is in ${shortText(state.life)}, mode ${shortText(state.mode)}` +
  (transition === undefined ? "." : `; the last event was ${shortText(transition.event)}.`)

interface ChartProps {
  readonly shown: Shown
  readonly drawn: DrawnChart
  readonly told: string | undefined
  readonly onTell: (what: string | undefined) => void
  readonly free?: boolean
}

const Chart = ({ shown, ...props }: ChartProps) => {
  const { state, transition } = shown
  const last: LastEvent | undefined = transition
  // The same while one points at this and that: nothing of the picture is placed anew.
  const leaves = useMemo(() => leavesOf(state), [state])
  return <Statechart {...props} leaves={leaves} accepts={state.accepts} last={last} label={labelOf(shown)} />
}

interface FullScreenProps extends ChartProps {
  readonly onClose: () => void
}

const FullScreen = ({ onClose, ...props }: FullScreenProps) => (
  <Dialog open onClose={onClose} title="The chat machine" className="top-[2vh] h-[96vh] w-[96vw] p-4">
    <IconButton label="Close the picture" className="absolute top-3 right-3" onClick={onClose}>
      <X aria-hidden />
    </IconButton>
    <div className="mt-2 min-h-0 flex-1">
      <Chart {...props} free />
    </div>
    <div
      className="h-24 shrink-0 overflow-y-auto border-t border-line pt-2"
      tabIndex={0}
      role="group"
      aria-label="What is pointed at"
    >
      {props.told === undefined ? (
        <p className="text-xs text-ink-faint">
          Point at a state or an arrow to read what it is. Drag to move, turn the wheel to enlarge.
        </p>
      ) : (
        <ToldPart chart={props.drawn.chart} told={props.told} />
      )}
    </div>
  </Dialog>
)

/** What the picture would say falsely, or not at all. */
const Notices = ({ shown: { machine, state, definition } }: { readonly shown: Shown }) => {
  const unknown = leavesOf(state).filter((leaf) => !definition.states.some(({ path }) => path === leaf))
  return (
    <>
      {machine.fault !== undefined && (
        <Callout tone="danger" title="Its rows are no state of the machine">
          {shortText(machine.fault, 400)}
        </Callout>
      )}
      {machine.machine_version !== definition.version && (
        <Callout tone="warning" title={`It was left by version ${machine.machine_version} of the machine`}>
          The picture shows version {definition.version}, which is what runs now.
        </Callout>
      )}
      {unknown.length > 0 && (
        <Callout tone="warning" title="It is in a state that this machine does not have">
          <code className="font-mono">{shortText(unknown.join(", "), 200)}</code>
        </Callout>
      )}
    </>
  )
}

const Picture = ({ shown }: { readonly shown: Shown }) => {
  const { definition, state, isLoading } = shown
  const [told, setTold] = useState<string>()
  const [full, setFull] = useState(false)
  const { data: drawn, error, refetch } = useQuery(chartQuery(definition))
  const leaves = leavesOf(state)
  const chart = drawn?.chart ?? chartOf(definition)
  return (
    <div className={`flex flex-col gap-3 ${isLoading ? "opacity-60" : ""}`} aria-busy={isLoading || undefined}>
      <div className="relative">
        {drawn !== undefined ? (
          <Chart shown={shown} drawn={drawn} told={full ? undefined : told} onTell={setTold} />
        ) : !isDrawable(definition) ? (
          <p className="text-sm text-ink-soft">This machine is too large to be drawn. It is told in words below.</p>
        ) : error === null ? (
          <div role="status" aria-label="Drawing the machine" className="skeleton aspect-[4/5] w-full" />
        ) : (
          <LoadFailed title="The machine could not be drawn" error={error} onRetry={() => void refetch()} />
        )}
        {drawn !== undefined && (
          <IconButton
            label="Show the picture at full size"
            className="absolute top-1 right-1 bg-canvas"
            size="small"
            onClick={() => setFull(true)}
          >
            <Maximize2 aria-hidden />
          </IconButton>
        )}
        {told !== undefined && !full && drawn !== undefined && (
          <div className="pointer-events-none absolute inset-x-0 top-full z-10 mt-1 max-h-40 overflow-hidden rounded-card border border-line-strong bg-overlay px-3 py-2 shadow-overlay">
            <ToldPart chart={drawn.chart} told={told} />
          </div>
        )}
      </div>
      <EffectsNow shown={shown} chart={chart} leaves={leaves} />
      <EventsNow shown={shown} />
      <StateList chart={chart} leaves={leaves} onTell={setTold} />
      {full && drawn !== undefined && (
        <FullScreen shown={shown} drawn={drawn} told={told} onTell={setTold} onClose={() => setFull(false)} />
      )}
    </div>
  )
}

/** The chat's machine as a picture: what it is in, how it came there, and what can happen next. */
export const MachinePane = ({ label = "Machine" }: { readonly label?: string }) => {
  const { source } = useTraceView()
  const { shown, error, retry } = useShownState()
  return (
    <section aria-label={label} data-version={shown?.state.version} className="flex flex-col gap-3 p-4">
      <div className="flex min-w-0 items-baseline gap-2">
        <h2 className="text-md font-semibold">Machine</h2>
        {shown?.transition !== undefined && (
          <p className="min-w-0 truncate text-xs text-ink-faint">
            last event <span className="font-semibold text-ink">{shortText(shown.transition.event)}</span>
          </p>
        )}
      </div>
      {shown !== undefined ? (
        <>
          <Notices shown={shown} />
          <Picture key={source.key} shown={shown} />
        </>
      ) : error === null ? (
        <div role="status" aria-label="Loading the machine" className="skeleton aspect-[4/5] w-full" />
      ) : (
        <LoadFailed title="The machine could not be read" error={error} onRetry={retry} />
      )}
    </section>
  )
}

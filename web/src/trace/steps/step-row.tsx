import { memo } from "react"
import type { TimeAxis } from "../scrubber/time-axis.ts"
import { type Bar, rowWords, type StepRow as Row } from "./waterfall.ts"

interface BarsProps {
  readonly row: Row
  readonly axis: TimeAxis
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`

const BarView = ({
  bar: { from, look, to },
  axis,
  cut,
}: {
  readonly bar: Bar
  readonly axis: TimeAxis
  readonly cut: boolean
}) => {
  const start = axis.place(from)
  const end = axis.place(to ?? axis.to)
  return (
    <span
      data-look={look}
      data-cut={cut || undefined}
      data-open={to === undefined || undefined}
      className="trace-bar"
      style={{ left: percent(start), width: percent(end - start) }}
    />
  )
}

const Bars = ({ row: { bars, broken, kept }, axis }: BarsProps) => (
  <>
    {bars.map((bar, index) => (
      <BarView key={bar.look} bar={bar} axis={axis} cut={broken && index === bars.length - 1} />
    ))}
    {kept !== undefined && <span className="trace-kept" style={{ left: percent(axis.place(kept)) }} />}
  </>
)

interface StepRowProps {
  readonly row: Row
  readonly axis: TimeAxis
  readonly id: string
  readonly index: number
  readonly count: number
  readonly active: boolean
  /** It had not begun at the version that is looked at. */
  readonly later: boolean
  /** What a call is about. */
  readonly object: string | undefined
  readonly onGo: (index: number) => void
}

/** One row of the waterfall: what it is, when it was, what it took. */
export const StepRowView = memo(({ row, axis, id, index, count, active, later, object, onGo }: StepRowProps) => (
  <button
    type="button"
    id={id}
    role="option"
    // The list around it has the focus, and takes the keys.
    tabIndex={-1}
    aria-selected={active}
    aria-label={rowWords(row, object)}
    aria-setsize={count}
    aria-posinset={index + 1}
    onClick={() => onGo(index)}
    className={`trace-step w-full text-left text-xs ${active ? "bg-selected" : "hover:bg-hover"} ${later ? "trace-later" : ""}`}
  >
    <span className={`truncate ${row.within ? "pl-3 text-ink-soft" : "font-medium text-ink"}`}>
      {row.label}
      {object !== undefined && object !== "" && <code className="ml-1.5 font-mono text-2xs">{object}</code>}
    </span>
    <span className="relative h-full">
      <Bars row={row} axis={axis} />
    </span>
    <span className={`truncate text-right tabular-nums ${row.broken ? "text-danger" : "text-ink-soft"}`}>
      {row.took}
      {row.cost !== "" && <span className="trace-cost ml-2 text-ink-faint">{row.cost}</span>}
    </span>
  </button>
))

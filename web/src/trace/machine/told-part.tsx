import { shortText } from "../short-text.ts"
import { type Chart, type EventRow, rowsOf, rowsOfEdge } from "./chart.ts"

const MOST_ROWS = 40

/** What an event asks for and does: `when live and queueEmpty, does clearError, beginTurn`. */
const conditions = ({ guard, actions }: EventRow): string =>
  [
    ...(guard === undefined ? [] : [`when ${guard}`]),
    ...(actions.length === 0 ? [] : [`does ${actions.join(", ")}`]),
  ].join("; ")

export const EventRows = ({ rows }: { readonly rows: ReadonlyArray<EventRow> }) => (
  <ul className="flex flex-col gap-0.5">
    {rows.slice(0, MOST_ROWS).map((row, index) => (
      <li key={index} className="[overflow-wrap:anywhere]">
        <span className="text-ink">{shortText(row.event)}</span>{" "}
        <span className="text-ink-soft">{row.to === "stays" ? "stays" : `→ ${shortText(row.to)}`}</span>
        {conditions(row) !== "" && <span className="text-ink-faint"> {shortText(conditions(row), 300)}</span>}
      </li>
    ))}
    {rows.length > MOST_ROWS && <li className="text-ink-faint">and {rows.length - MOST_ROWS} more</li>}
  </ul>
)

/** The state or the arrow that is pointed at, in words. */
export const ToldPart = ({ chart, told }: { readonly chart: Chart; readonly told: string }) => {
  const state = chart.states.get(told)
  const edge = chart.edges.find(({ id }) => id === told)
  const rows = edge === undefined ? rowsOf(chart, told) : rowsOfEdge(edge)
  const name = edge === undefined ? told : `${edge.source} → ${edge.target}`
  return (
    <div className="text-xs">
      <p className="font-mono text-2xs text-ink [overflow-wrap:anywhere]">
        {shortText(name)}
        {state !== undefined && state.tags.length > 0 && (
          <span className="text-ink-faint"> {shortText(state.tags.join(", "), 200)}</span>
        )}
        {state !== undefined && state.effects.length > 0 && (
          <span className="text-ink-faint"> runs {shortText(state.effects.join(", "), 200)}</span>
        )}
      </p>
      <EventRows rows={rows} />
    </div>
  )
}

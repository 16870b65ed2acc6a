import { List } from "lucide-react"
import { Disclosure } from "../../ui/disclosure.tsx"
import { useRovingFocus } from "../../ui/roving-focus.ts"
import { shortText } from "../short-text.ts"
import { type Chart, litStates, rowsOf } from "./chart.ts"
import { EventRows } from "./told-part.tsx"

interface StateListProps {
  readonly chart: Chart
  readonly leaves: ReadonlyArray<string>
  readonly onTell: (path: string | undefined) => void
}

const Rows = ({ chart, leaves, onTell }: StateListProps) => {
  const roving = useRovingFocus<HTMLUListElement>()
  const lit = litStates(chart, leaves)
  return (
    <ul aria-label="States of the machine" {...roving} className="flex flex-col gap-1 pb-1">
      {[...chart.states.values()].map(({ path, tags, effects }) => {
        const rows = rowsOf(chart, path)
        return (
          <li key={path} data-row>
            <button
              type="button"
              data-item
              tabIndex={-1}
              onFocus={() => onTell(path)}
              onBlur={() => onTell(undefined)}
              aria-current={lit.has(path) ? "true" : undefined}
              className="w-full rounded-control px-2 py-1 text-left text-xs hover:bg-hover aria-[current=true]:bg-selected"
            >
              <span className="font-mono text-ink [overflow-wrap:anywhere]">{shortText(path)}</span>
              {lit.has(path) && <span className="text-accent"> is lit</span>}
              {tags.length > 0 && <span className="text-ink-faint"> {shortText(tags.join(", "), 200)}</span>}
              {effects.length > 0 && <span className="text-ink-faint"> runs {shortText(effects.join(", "), 200)}</span>}
            </button>
            {rows.length > 0 && (
              <div className="ml-2 border-l border-line py-0.5 pl-3 text-xs">
                <EventRows rows={rows} />
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** The picture in words: every state, what is true of it, and where its events lead. */
export const StateList = (props: StateListProps) => (
  <Disclosure icon={<List aria-hidden />} label="All states and events, in words" aside={props.chart.states.size}>
    <Rows {...props} />
  </Disclosure>
)

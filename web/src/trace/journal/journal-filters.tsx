import { Search } from "lucide-react"
import type { MachineGraph } from "../../../../src/contract/inspection.ts"
import { shortText } from "../short-text.ts"
import { AT_ONCE } from "../machine/chart.ts"
import type { JournalFilter } from "./journal-filter.ts"

const MOST_OPTIONS = 300

const namesOf = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)].slice(0, MOST_OPTIONS)

const box = "h-7 min-w-0 rounded-control border border-control-line bg-raised px-2 text-xs text-ink pointer-coarse:h-11"

interface JournalFiltersProps {
  readonly definition: MachineGraph | undefined
  readonly filter: JournalFilter
  readonly onFilter: (filter: JournalFilter) => void
}

/** By text, by event, by state. */
export const JournalFilters = ({ definition, filter, onFilter }: JournalFiltersProps) => {
  const events = namesOf(definition?.transitions.map(({ event }) => event) ?? []).filter((event) => event !== AT_ONCE)
  const states = namesOf(
    definition?.states.map(({ path }) => path.slice(path.indexOf(".") + 1)).filter((path) => path !== "") ?? [],
  )
  return (
    <search aria-label="Filter the journal" className="flex flex-wrap items-center gap-2">
      <label className="relative min-w-0 flex-[3_1_11rem]">
        <span className="sr-only">Filter by text</span>
        <Search aria-hidden className="absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-ink-faint" />
        <input
          type="search"
          value={filter.text}
          placeholder="Filter by text"
          onChange={({ target }) => onFilter({ ...filter, text: target.value })}
          className={`${box} w-full pl-7`}
        />
      </label>
      <select
        aria-label="Event"
        value={filter.event}
        onChange={({ target }) => onFilter({ ...filter, event: target.value })}
        className={`${box} flex-[1_1_6.5rem]`}
      >
        <option value="">Every event</option>
        {events.map((event) => (
          <option key={event} value={event}>
            {shortText(event, 60)}
          </option>
        ))}
      </select>
      <select
        aria-label="State"
        value={filter.state}
        onChange={({ target }) => onFilter({ ...filter, state: target.value })}
        className={`${box} flex-[1_1_6.5rem]`}
      >
        <option value="">Every state</option>
        {states.map((state) => (
          <option key={state} value={state}>
            {shortText(state, 60)}
          </option>
        ))}
      </select>
    </search>
  )
}

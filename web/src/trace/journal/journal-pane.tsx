import { useQuery } from "@tanstack/react-query"
import { PanelBottom } from "lucide-react"
import { type RefObject, useDeferredValue, useRef, useState } from "react"
import type { ChatMachineState, ChatTransition } from "../../../../src/contract/inspection.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import { LoadFailed } from "../../ui/list-states.tsx"
import { machineQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import { JournalDetail } from "./journal-detail.tsx"
import { JournalFilters } from "./journal-filters.tsx"
import { noFilter } from "./journal-filter.ts"
import { JournalGrid, type JournalRow } from "./journal-grid.tsx"
import { useJournalPages } from "./journal-pages.ts"
import { type FoundRows, useFoundRows } from "./use-found-rows.ts"
import { type RowBox, useRowBox } from "./use-row-box.ts"
import { usePeople, whoOf } from "./who.ts"

interface RowsProps {
  readonly last: number
  readonly payload: boolean
  readonly onPayload: (open: boolean) => void
}

interface BodyProps extends RowsProps {
  readonly count: number
  readonly boxRef: RefObject<HTMLDivElement | null>
  readonly box: RowBox
  readonly rowAt: (index: number) => JournalRow
  readonly indexOf: (version: number) => number
  readonly find: (version: number) => ChatTransition | null | undefined
}

/** The rows, and beneath them what the one that the keys are on holds. */
const Body = ({ last, payload, onPayload, find, ...rows }: BodyProps) => {
  const { source, version, goTo } = useTraceView()
  const people = usePeople(source)
  const shown = version ?? last
  const [moved, setMoved] = useState<{ readonly from: number; readonly to: number }>()
  // The keys stand where one looks until they are moved from there.
  const active = moved?.from === shown ? moved.to : shown
  const transition = find(active)
  return (
    <>
      <JournalGrid
        {...rows}
        shown={shown}
        isNow={version === undefined}
        active={active}
        onActive={(to) => setMoved({ from: shown, to })}
        onGo={goTo}
        onPayload={() => onPayload(!payload)}
        people={people}
      />
      {payload && transition !== undefined && transition !== null && (
        <JournalDetail transition={transition} who={whoOf(transition, people)} onClose={() => onPayload(false)} />
      )}
    </>
  )
}

/** Every version, read in pages as they are seen. */
const AllRows = (props: RowsProps) => {
  const { source } = useTraceView()
  const { last } = props
  const boxRef = useRef<HTMLDivElement>(null)
  const box = useRowBox(boxRef, last)
  const { from, count } = box.window
  const pages = useJournalPages(source, Math.max(1, from), Math.max(1, from + count), last)
  const rowAt = (index: number): JournalRow => ({
    version: index + 1,
    transition: pages.at(index + 1),
    before: index === 0 ? null : pages.at(index),
  })
  return (
    <>
      {pages.error !== null && (
        <div className="p-4">
          <LoadFailed title="A part of the journal could not be read" error={pages.error} onRetry={pages.retry} />
        </div>
      )}
      <Body
        {...props}
        boxRef={boxRef}
        box={box}
        count={last}
        rowAt={rowAt}
        indexOf={(version) => Math.max(0, Math.min(last, version) - 1)}
        find={pages.at}
      />
    </>
  )
}

const FoundList = ({ found, ...props }: RowsProps & { readonly found: FoundRows }) => {
  const { rows, searched, isCut, isSearching, error, retry } = found
  const boxRef = useRef<HTMLDivElement>(null)
  const box = useRowBox(boxRef, rows.length)
  const indexOf = (version: number) => {
    const at = rows.findIndex((row) => row.version >= version)
    return at < 0 ? Math.max(0, rows.length - 1) : at
  }
  return (
    <>
      <p role="status" className="px-4 pb-1.5 text-xs text-ink-faint">
        {isCut ? `The first ${rows.length}` : rows.length} of {searched}
        {isSearching ? `, looking through ${props.last}…` : " versions"}
      </p>
      {error !== null && (
        <div className="px-4 pb-3">
          <LoadFailed title="The journal could not be looked through" error={error} onRetry={retry} />
        </div>
      )}
      <Body
        {...props}
        boxRef={boxRef}
        box={box}
        count={rows.length}
        rowAt={(index) => ({
          version: rows[index]?.version ?? 0,
          transition: rows[index],
          before: rows[index - 1]?.version === (rows[index]?.version ?? 0) - 1 ? rows[index - 1] : undefined,
        })}
        indexOf={indexOf}
        find={(version) => rows.find((row) => row.version === version)}
      />
    </>
  )
}

const Journal = ({ machine }: { readonly machine: ChatMachineState }) => {
  const { source } = useTraceView()
  const [filter, setFilter] = useState(noFilter)
  const [payload, setPayload] = useState(false)
  const last = machine.version
  const found = useFoundRows(source, useDeferredValue(filter), last)
  const rows = { last, payload, onPayload: setPayload }
  return (
    <>
      <div className="flex shrink-0 items-start gap-2 px-4 pt-3 pb-2">
        <div className="min-w-0 flex-1">
          <JournalFilters definition={machine.definition} filter={filter} onFilter={setFilter} />
        </div>
        {found !== undefined && (
          <Button look="quiet" onClick={() => setFilter(noFilter)}>
            Show all
          </Button>
        )}
        <IconButton
          label={payload ? "Hide the payload" : "Show the payload"}
          aria-pressed={payload}
          onClick={() => setPayload(!payload)}
          className="aria-pressed:bg-selected aria-pressed:text-ink"
        >
          <PanelBottom aria-hidden />
        </IconButton>
      </div>
      {found === undefined ? <AllRows {...rows} /> : <FoundList {...rows} found={found} />}
    </>
  )
}

/** Every event of the chat's life. The row of the version that is shown is marked, what came after it is faint; a row leads to its version. */
export const JournalPane = ({ label = "Journal" }: { readonly label?: string }) => {
  const { source } = useTraceView()
  const { data, error, refetch } = useQuery(machineQuery(source))
  return (
    <section aria-label={label} className="flex h-full min-h-64 flex-col">
      {data !== undefined && error === null ? (
        <Journal key={source.key} machine={data} />
      ) : error === null ? (
        <div role="status" aria-label="Loading the journal" className="skeleton m-4 h-40" />
      ) : (
        <div className="p-4">
          <LoadFailed title="The journal could not be read" error={error} onRetry={() => void refetch()} />
        </div>
      )}
    </section>
  )
}

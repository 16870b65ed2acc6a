import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { type FormEvent, useId, useState } from "react"
import { Button } from "../../ui/button.tsx"
import { LoadFailed } from "../../ui/list-states.tsx"
import { shortText } from "../short-text.ts"
import { atVersionQuery, machineQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import { type Difference, differences } from "./state-diff.ts"

interface Pair {
  readonly before: number
  readonly after: number
}

const cell = "min-w-0 rounded-small px-1.5 [overflow-wrap:anywhere]"

const Row = ({ difference }: { readonly difference: Difference }) => {
  const { name, before, after, isSame } = difference
  return (
    <li className="col-span-4 grid grid-cols-subgrid items-baseline font-mono text-xs">
      <span className="text-ink-soft">{shortText(name, 400)}</span>
      <span className={`${cell} ${isSame ? "text-ink-soft" : "bg-(--del) text-ink"}`}>{shortText(before, 400)}</span>
      <span aria-label={isSame ? "unchanged" : "became"} role="img" className="text-ink-faint">
        {isSame ? "=" : "→"}
      </span>
      <span className={`${cell} ${isSame ? "text-ink-faint" : "bg-(--add) text-ink"}`}>
        {isSame ? "unchanged" : shortText(after, 400)}
      </span>
    </li>
  )
}

interface PairFormProps {
  readonly pair: Pair
  readonly last: number
  readonly onPair: (pair: Pair) => void
}

const field =
  "h-7 w-20 rounded-control border border-control-line bg-raised px-2 text-xs tabular-nums pointer-coarse:h-11"

/** Any two versions. */
const PairForm = ({ pair, last, onPair }: PairFormProps) => {
  const id = useId()
  const choose = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const version = (name: string) => Math.min(last, Math.max(1, Math.trunc(Number(form.get(name)) || 1)))
    onPair({ before: version("before"), after: version("after") })
  }
  return (
    <form onSubmit={choose} className="flex flex-wrap items-center gap-2 text-xs text-ink-soft">
      <label htmlFor={`${id}-before`}>From version</label>
      <input
        id={`${id}-before`}
        name="before"
        type="number"
        min={1}
        max={last}
        defaultValue={pair.before}
        className={field}
      />
      <label htmlFor={`${id}-after`}>to</label>
      <input
        id={`${id}-after`}
        name="after"
        type="number"
        min={1}
        max={last}
        defaultValue={pair.after}
        className={field}
      />
      <Button type="submit">Compare</Button>
    </form>
  )
}

const Differences = ({ pair: { before, after } }: { readonly pair: Pair }) => {
  const { source } = useTraceView()
  const old = useQuery({
    ...atVersionQuery(source, before),
    enabled: before >= 1,
    placeholderData: keepPreviousData,
  })
  const shown = useQuery({ ...atVersionQuery(source, after), placeholderData: keepPreviousData })
  const error = shown.error ?? (before >= 1 ? old.error : null)
  if (error !== null) {
    return (
      <LoadFailed
        title="These versions cannot be compared"
        error={error}
        onRetry={() => {
          void old.refetch()
          void shown.refetch()
        }}
      />
    )
  }
  if (shown.data === undefined || (before >= 1 && old.data === undefined)) {
    return <div role="status" aria-label="Loading the differences" className="skeleton h-32" />
  }
  const loading = shown.isPlaceholderData || (before >= 1 && old.isPlaceholderData)
  return (
    <ul
      aria-label="Differences"
      aria-busy={loading || undefined}
      className={`grid grid-cols-[auto_minmax(0,1.2fr)_auto_minmax(0,1fr)] gap-x-3 gap-y-px ${loading ? "opacity-60" : ""}`}
    >
      {differences(before >= 1 ? old.data : undefined, shown.data).map((difference) => (
        <Row key={difference.name} difference={difference} />
      ))}
    </ul>
  )
}

/** What of the chat differs between the version that is shown and the one before it, or between any two. */
export const ContextDiff = () => {
  const { source, version } = useTraceView()
  const machine = useQuery(machineQuery(source))
  const [other, setOther] = useState<Pair>()
  const [choosing, setChoosing] = useState(false)
  const last = machine.data?.version
  const shown = version ?? last
  const pair = other ?? (shown === undefined ? undefined : { before: shown - 1, after: shown })
  const follow = () => {
    setOther(undefined)
    setChoosing(false)
  }
  return (
    <section aria-label="Context" className="flex flex-col gap-2.5 p-4">
      <div className="flex min-w-0 flex-wrap items-baseline gap-x-2">
        <h2 className="text-md font-semibold">Context</h2>
        {pair !== undefined && (
          <p className="text-xs text-ink-faint">
            {pair.before < 1 ? `version ${pair.after}, the first` : `version ${pair.before} to ${pair.after}`}
          </p>
        )}
        <span className="flex-1" />
        {other !== undefined && (
          <Button look="quiet" onClick={follow}>
            Follow the scrubber
          </Button>
        )}
        <Button look="quiet" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
          Other pair
        </Button>
      </div>
      {choosing && pair !== undefined && last !== undefined && (
        <PairForm
          key={`${pair.before} ${pair.after}`}
          pair={{ before: Math.max(1, pair.before), after: pair.after }}
          last={last}
          onPair={setOther}
        />
      )}
      {pair !== undefined ? (
        <Differences pair={pair} />
      ) : machine.error === null ? (
        <div role="status" aria-label="Loading the versions" className="skeleton h-32" />
      ) : (
        <LoadFailed
          title="The versions could not be read"
          error={machine.error}
          onRetry={() => void machine.refetch()}
        />
      )}
    </section>
  )
}

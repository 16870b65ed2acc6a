import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react"
import { useQuery } from "@tanstack/react-query"
import type { Message } from "../../../../src/contract/chats.ts"
import { duration } from "../../chats/time.ts"
import { money } from "../figures.ts"
import { type Turn, turnsOf } from "../scrubber/marks.ts"
import { lifeAxis, makeAxis, type TimeAxis } from "../scrubber/time-axis.ts"
import { type ChatLife, useChatLife } from "../shown-version.ts"
import { atVersionQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import { callObjects } from "./call-objects.ts"
import { StepRowView } from "./step-row.tsx"
import { useRowSlice } from "./use-row-slice.ts"
import { type BarLook, costOf, rowsBetween, type StepRow, waterfallOf } from "./waterfall.ts"
import "./steps.css"

/** As `--trace-row` of the style sheet. */
const ROW_PX = 20

const legend: ReadonlyArray<readonly [BarLook, string]> = [
  ["wait", "wait"],
  ["asked", "first token"],
  ["streaming", "streaming"],
  ["tool", "tool"],
  ["backoff", "retry"],
]

const Legend = () => (
  <p aria-hidden className="trace-key ml-auto flex gap-3 overflow-hidden text-2xs whitespace-nowrap text-ink-faint">
    {legend.map(([look, words]) => (
      <span key={look} className="flex items-center gap-1">
        <span className="trace-legend">
          <span data-look={look} className="trace-bar" />
        </span>
        {words}
      </span>
    ))}
    <span className="flex items-center gap-1">
      <span className="h-3 w-0.5 bg-ink" />
      commit
    </span>
  </p>
)

/** Whose the chat was, above the rows. */
const Owners = ({ life: { steps }, axis }: { readonly life: ChatLife; readonly axis: TimeAxis }) => {
  const bands = steps.owners.flatMap(({ epoch, since, version }, index) => {
    const next = steps.owners[index + 1]
    const from = axis.place(Date.parse(since))
    const to = next === undefined ? 1 : axis.place(Date.parse(next.since))
    return to > from ? [{ epoch, version, from, to }] : []
  })
  return (
    <div aria-hidden className="trace-owners shrink-0 text-2xs text-ink-faint">
      <span>Owner</span>
      <span className="relative h-full overflow-hidden">
        {bands.map(({ epoch, from, to, version }) => (
          <span
            key={version}
            className="absolute bottom-0.5 overflow-hidden border-b-2 border-line-strong leading-4 whitespace-nowrap"
            style={{ left: `${from * 100}%`, width: `calc(${(to - from) * 100}% - 2px)` }}
          >
            {to - from > 0.12 && `epoch ${epoch}`}
          </span>
        ))}
      </span>
      <span />
    </div>
  )
}

/** Where the version that is looked at stands, through all rows. */
const NowLine = ({ place }: { readonly place: number }) => (
  <div aria-hidden className="trace-step pointer-events-none absolute inset-x-0 top-0" style={{ height: "100%" }}>
    <span />
    <span className="relative h-full">
      <span className="absolute inset-y-0 w-0.5 -translate-x-px bg-ink" style={{ left: `${place * 100}%` }} />
    </span>
    <span />
  </div>
)

/** The last row that had begun by a time. */
const indexAt = (rows: ReadonlyArray<StepRow>, time: number): number => {
  const index = rows.findLastIndex(({ from }) => from <= time)
  return Math.max(0, index)
}

interface RowsProps {
  readonly life: ChatLife
  readonly rows: ReadonlyArray<StepRow>
  readonly axis: TimeAxis
  readonly time: number
  readonly label: string
  /** What each call is about, by the provider's id of it. */
  readonly objects: ReadonlyMap<string, string>
}

const Rows = ({ life, rows, axis, time, label, objects }: RowsProps) => {
  const { goTo, version } = useTraceView()
  const id = useId()
  const [active, setActive] = useState<string>()
  const { boxRef, from, onScroll, show, to } = useRowSlice(rows.length, ROW_PX)
  const current = indexAt(rows, time)
  const held = active === undefined ? -1 : rows.findIndex(({ key }) => key === active)
  const index = held === -1 ? current : held
  const moved = useRef(version)
  useEffect(() => {
    // Whoever scrubs has the rows follow.
    if (moved.current !== version) setActive(undefined)
    moved.current = version
    show(current)
  }, [current, show, version])

  const go = (to_: number) => {
    const row = rows[to_]
    if (row === undefined) return
    setActive(row.key)
    goTo(row.version)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + 10,
      PageUp: index - 10,
      Home: 0,
      End: rows.length - 1,
    }
    const next = moves[event.key]
    if (event.key === "Enter" || event.key === " ") go(index)
    else if (next === undefined) return
    else {
      const bounded = Math.min(rows.length - 1, Math.max(0, next))
      setActive(rows[bounded]?.key)
      show(bounded)
    }
    event.preventDefault()
  }
  return (
    <div ref={boxRef} onScroll={onScroll} className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain">
      <div
        role="listbox"
        aria-label={label}
        tabIndex={0}
        aria-activedescendant={index >= from && index < to ? `${id}-${index}` : undefined}
        onKeyDown={onKeyDown}
        className="relative focus-visible:outline-offset-[-2px]"
        style={{ height: rows.length * ROW_PX }}
      >
        <div style={{ transform: `translateY(${from * ROW_PX}px)` }}>
          {rows.slice(from, to).map((row, offset) => (
            <StepRowView
              key={row.key}
              row={row}
              axis={axis}
              id={`${id}-${from + offset}`}
              index={from + offset}
              count={rows.length}
              active={from + offset === index && (active !== undefined || version !== undefined)}
              later={version !== undefined && row.version > version && row.from >= time}
              object={row.callId === undefined ? undefined : objects.get(row.callId)}
              onGo={go}
            />
          ))}
        </div>
        {version !== undefined && <NowLine place={axis.place(time)} />}
      </div>
      {rows.length === 0 && (
        <p className="px-3.5 py-4 text-sm text-ink-faint">
          {life.steps.last_version === 0
            ? "Nothing has happened in this chat yet."
            : "Nothing was waited for or run here."}
        </p>
      )}
    </div>
  )
}

const NO_MESSAGES: ReadonlyArray<Message> = []

type Scope = "turn" | "all"

const scopes: ReadonlyArray<readonly [Scope, string]> = [
  ["turn", "Turn"],
  ["all", "All"],
]

const LoadedSteps = ({ life }: { readonly life: ChatLife }) => {
  const { source, version } = useTraceView()
  const { steps, times } = life
  const [scope, setScope] = useState<Scope>("turn")
  const rows = useMemo(() => waterfallOf(steps, times.to), [steps, times.to])
  const turns = useMemo(() => turnsOf(steps, times.to), [steps, times.to])
  const shownVersion = version ?? steps.last_version
  const { data: at } = useQuery({ ...atVersionQuery(source, shownVersion), enabled: shownVersion > 0 })
  const objects = callObjects(source, at?.messages ?? NO_MESSAGES)
  const time = version === undefined ? times.to : times.timeOf(version)
  const turn: Turn | undefined = turns.findLast(({ from }) => from <= time) ?? turns[0]
  const one = scope === "turn" && turn !== undefined
  const from = one ? turn.from : times.from
  const to = one ? turn.to : times.to
  const until = one ? (turns[turn.number]?.from ?? Infinity) : Infinity
  const shown = useMemo(() => rowsBetween(rows, from, until), [rows, from, until])
  const axis = useMemo(() => (one ? makeAxis(from, to, [], 0) : lifeAxis(steps, times)), [one, from, to, steps, times])
  const cost = useMemo(
    () => costOf(steps.attempts.filter(({ since }) => Date.parse(since) >= from && Date.parse(since) < until)),
    [steps.attempts, from, until],
  )
  return (
    <div role="group" aria-label="Steps" className="trace-steps flex min-h-0 flex-1 flex-col">
      <header className="flex h-9 shrink-0 items-center gap-2.5 px-3.5">
        <h2 className="text-sm font-semibold whitespace-nowrap">{one ? `Steps of turn ${turn.number}` : "Steps"}</h2>
        <p className="shrink-0 text-xs text-ink-faint tabular-nums">
          {duration(to - from)}
          {cost !== undefined && `, ${money(cost)}`}
        </p>
        <div
          role="group"
          aria-label="Which steps"
          className="flex shrink-0 overflow-hidden rounded-control border border-line"
        >
          {scopes.map(([each, words]) => (
            <button
              key={each}
              type="button"
              aria-pressed={scope === each}
              onClick={() => setScope(each)}
              className="h-5.5 px-2 text-2xs text-ink-soft hover:bg-hover aria-pressed:bg-selected aria-pressed:font-medium aria-pressed:text-ink pointer-coarse:h-9 pointer-coarse:px-3"
            >
              {words}
            </button>
          ))}
        </div>
        <Legend />
      </header>
      <Owners life={life} axis={axis} />
      <Rows
        key={one ? turn.number : "all"}
        life={life}
        rows={shown}
        axis={axis}
        time={time}
        objects={objects}
        label={one ? `Steps of turn ${turn.number}` : "Steps of the whole chat"}
      />
    </div>
  )
}

/** Where the time and the money went: every wait, attempt and tool call on one axis. */
export const StepsPane = () => {
  const life = useChatLife()
  return life === undefined ? (
    <div role="status" aria-label="Loading the steps" className="flex flex-col gap-2 p-4">
      <div className="skeleton h-4 w-2/3" />
      <div className="skeleton h-4 w-1/2" />
      <div className="skeleton h-4 w-3/5" />
    </div>
  ) : (
    <LoadedSteps life={life} />
  )
}

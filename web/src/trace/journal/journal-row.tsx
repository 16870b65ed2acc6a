import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import { duration } from "../../chats/time.ts"
import { exactClock } from "../exact-clock.ts"
import { shortText } from "../short-text.ts"
import type { Room } from "./use-row-box.ts"

/** Microseconds as people say them: `340 µs`, `4.1 ms`, `2.3 s`. */
export const tookText = (us: number): string =>
  us < 1000 ? `${us} µs` : us < 100_000 ? `${(us / 1000).toFixed(1)} ms` : duration(us / 1000)

/** How long since the transition before, where that is known. */
export const sinceText = (transition: ChatTransition, before: ChatTransition | null | undefined): string => {
  const ms = Date.parse(transition.created_at) - Date.parse(before?.created_at ?? "")
  return Number.isFinite(ms) && ms >= 0 ? duration(ms) : ""
}

/** The leaf alone: the column says which region it is of. */
const leaf = (path: string): string => shortText(path.slice(path.lastIndexOf(".") + 1))

const States = ({ from, to }: Pick<ChatTransition, "from" | "to">) => (
  <span title={`${shortText(from)} → ${shortText(to)}`} className="truncate">
    {leaf(from)}
    {from !== to && (
      <>
        <span className="text-ink-faint"> → </span>
        {leaf(to)}
      </>
    )}
  </span>
)

export interface JournalRowProps {
  readonly version: number
  /** Undefined while it is read, null where it is not kept. */
  readonly transition: ChatTransition | null | undefined
  readonly before: ChatTransition | null | undefined
  readonly who: string
  readonly room: Room
}

const cell = "min-w-0 truncate"

/** The cells of one transition, in one line, or in two where there is little room. */
export const JournalCells = ({ version, transition, before, who, room }: JournalRowProps) => {
  if (transition === undefined || transition === null) {
    return (
      <>
        <span role="gridcell" className="font-mono text-ink-faint">
          {version}
        </span>
        <span role="gridcell" className="text-ink-faint">
          {transition === null ? "not kept" : <span className="skeleton inline-block h-3 w-28" />}
        </span>
      </>
    )
  }
  const took = transition.duration_us === undefined ? "" : tookText(transition.duration_us)
  const since = sinceText(transition, before)
  if (room === "narrow") {
    return (
      <>
        <span role="gridcell" className="row-span-2 self-start pt-0.5 font-mono">
          {version}
        </span>
        <span role="gridcell" className="flex min-w-0 justify-between gap-2">
          <span className={`${cell} font-medium`}>{shortText(transition.event)}</span>
          <time dateTime={transition.created_at} className="shrink-0 font-mono">
            {exactClock(transition.created_at)}
          </time>
        </span>
        <span role="gridcell" className="flex min-w-0 justify-between gap-2 text-2xs">
          <States {...transition} />
          <span className="shrink-0">{[who, since].filter((word) => word !== "").join(", ")}</span>
        </span>
      </>
    )
  }
  return (
    <>
      <span role="gridcell" className="font-mono">
        {version}
      </span>
      <span role="gridcell" className={`${cell} font-medium`}>
        {shortText(transition.event)}
      </span>
      <span role="gridcell" className="flex min-w-0">
        <States {...transition} />
      </span>
      <span role="gridcell" className={cell}>
        {shortText(who)}
      </span>
      <span role="gridcell" className="font-mono">
        <time dateTime={transition.created_at}>{exactClock(transition.created_at)}</time>
      </span>
      <span role="gridcell" className="text-right">
        {since}
      </span>
      {room === "wide" && (
        <span role="gridcell" className="text-right">
          {took}
        </span>
      )}
    </>
  )
}

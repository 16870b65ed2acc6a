import { useEffect, useState } from "react"
import { clockTime } from "../../chats/time.ts"
import { shortText } from "../short-text.ts"
import { exactClock } from "../exact-clock.ts"
import type { Shown } from "../shown-state.ts"
import { type Chart, covers } from "./chart.ts"

const useSecond = (): number => {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Seconds until an instant, each second anew. Hidden from screen readers, which are told the time of day. */
const Countdown = ({ until }: { readonly until: number }) => {
  const left = until - useSecond()
  return (
    <span aria-hidden className="tabular-nums">
      {left > 0 ? `in ${clockTime(left + 999)}` : "now due"}
    </span>
  )
}

interface EffectsNowProps {
  readonly shown: Shown
  readonly chart: Chart
  readonly leaves: ReadonlyArray<string>
}

/** The work that belongs to the state, and until when it waits. */
export const EffectsNow = ({ shown, chart, leaves }: EffectsNowProps) => {
  const { state, isNow } = shown
  const effects = [...chart.states.values()].flatMap(({ path, effects }) =>
    leaves.some((leaf) => covers(path, leaf)) ? effects : [],
  )
  const deadlines = state.deadlines ?? []
  if (effects.length === 0 && deadlines.length === 0) return null
  return (
    <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-xs text-ink-soft">
      <h3>{isNow ? "Runs" : "Ran"}</h3>
      {effects.map((effect) => (
        <code key={effect} className="font-mono text-ink">
          {shortText(effect)}
        </code>
      ))}
      {deadlines.map(({ name, at }) => (
        <span key={name}>
          {shortText(name.replaceAll("_", " "))} until <time dateTime={at}>{exactClock(at)}</time>{" "}
          {isNow && !Number.isNaN(Date.parse(at)) && <Countdown until={Date.parse(at)} />}
        </span>
      ))}
    </div>
  )
}

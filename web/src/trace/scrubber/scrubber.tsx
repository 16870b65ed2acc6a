import { type PointerEvent, useMemo } from "react"
import { stateWords } from "../../chats/state-glyph.tsx"
import { isResting } from "../../chats/status.ts"
import { duration } from "../../chats/time.ts"
import { useWidth } from "../../ui/use-width.ts"
import { clockMs, clockSeconds, dayOf } from "../figures.ts"
import { type ChatLife, useChatLife } from "../shown-version.ts"
import { useTraceView } from "../trace-source.ts"
import { keyStep } from "./key-step.ts"
import { Marks } from "./mark-list.tsx"
import { turnsOf } from "./marks.ts"
import { pathsOf, runsOf } from "./segments.ts"
import { lifeAxis, type TimeAxis, ticksOf, versionAt } from "./time-axis.ts"
import "./scrubber.css"

const TICK_PX = 110
const HANDLE_PX = 52
const TURN_LABEL_PX = 52
const SEGMENTS_PX = 24

/** Clock times; none behind the handle, which has its own. */
const Ticks = ({ axis, width, x }: { readonly axis: TimeAxis; readonly width: number; readonly x: number }) => {
  const ticks = useMemo(() => ticksOf(axis, Math.floor(width / TICK_PX)), [axis, width])
  return (
    <div aria-hidden className="relative h-4.5 text-2xs leading-4.5 text-ink-faint tabular-nums">
      {ticks.map(({ place, precise, time }, index) => {
        const day = dayOf(time)
        const before = ticks[index - 1]
        const says = precise ? clockSeconds(time) : clockSeconds(time).slice(0, 5)
        if (Math.abs(place * width - x) < HANDLE_PX) return null
        const edge = place * width < 24 ? "" : place * width > width - 28 ? "-translate-x-full" : "-translate-x-1/2"
        return (
          <span key={time} className={`absolute whitespace-nowrap ${edge}`} style={{ left: `${place * 100}%` }}>
            {before !== undefined && dayOf(before.time) !== day ? `${day} ${says}` : says}
          </span>
        )
      })}
    </div>
  )
}

const Turns = ({ life, axis, width }: { readonly life: ChatLife; readonly axis: TimeAxis; readonly width: number }) => {
  const turns = useMemo(() => turnsOf(life.steps, life.times.to), [life])
  const shown: Array<{ readonly number: number; readonly x: number; readonly worded: boolean }> = []
  for (const { number, from } of turns) {
    const x = Math.round(axis.place(from) * width)
    const before = shown.at(-1)
    if (before !== undefined && x - before.x < 3) continue
    shown.push({ number, x, worded: width - x > TURN_LABEL_PX })
  }
  return (
    <div aria-hidden className="absolute inset-x-0 top-0 h-3.5 overflow-hidden">
      {shown.map(({ number, worded, x }, index) => (
        <span
          key={number}
          className="absolute top-0 h-3.5 border-l border-line-strong pl-1.5 text-[10px] leading-3 whitespace-nowrap text-ink-faint"
          style={{ left: x }}
        >
          {worded && (shown[index + 1]?.x ?? width) - x > TURN_LABEL_PX && `Turn ${number}`}
        </span>
      ))}
    </div>
  )
}

const Segments = ({
  life,
  axis,
  width,
}: {
  readonly life: ChatLife
  readonly axis: TimeAxis
  readonly width: number
}) => {
  const paths = useMemo(
    () => [...pathsOf(runsOf(life.steps.states, axis, width), SEGMENTS_PX)],
    [life.steps.states, axis, width],
  )
  return (
    <div className="absolute inset-x-0 top-3.5 h-6 overflow-hidden rounded-[5px] bg-sunken">
      <svg aria-hidden width={width} height={SEGMENTS_PX} className="absolute inset-0">
        <defs>
          <pattern id="trace-stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(25)">
            <rect width="2" height="5" className="fill-canvas/55" />
          </pattern>
        </defs>
        {paths.map(([activity, d]) => (
          <path key={activity} d={d} data-activity={activity} className="trace-segment" />
        ))}
        {paths.map(([activity, d]) =>
          activity.endsWith("backing_off") ? <path key={activity} d={d} fill="url(#trace-stripes)" /> : null,
        )}
      </svg>
      {axis.folds.map(({ end, from, start, to }) => (
        <span
          key={from}
          title={`At rest for ${duration(to - from)}, drawn shorter`}
          className="trace-fold absolute inset-y-0 flex items-center justify-center overflow-hidden text-2xs whitespace-nowrap text-ink-soft"
          style={{ left: `${start * 100}%`, width: `${(end - start) * 100}%` }}
        >
          {(end - start) * width > 70 && <span className="rounded-small bg-canvas px-1">{duration(to - from)}</span>}
        </span>
      ))}
    </div>
  )
}

const Handle = ({ version, x, width }: { readonly version: number; readonly x: number; readonly width: number }) => {
  const side = x < 20 ? "0" : x > width - 20 ? "-100%" : "-50%"
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute -top-1 bottom-0 w-0.5 -translate-x-px rounded-full bg-ink"
      style={{ left: x }}
    >
      <b
        className="absolute -top-3.5 h-4.5 rounded-full bg-ink px-1.5 text-2xs leading-4.5 font-semibold whitespace-nowrap text-canvas tabular-nums"
        style={{ translate: side === "0" ? "-6px" : side === "-100%" ? "calc(-100% + 8px)" : "calc(-50% + 1px)" }}
      >
        v{version}
      </b>
      <span className="absolute -bottom-1 -left-[5px] size-3 rounded-full bg-ink shadow-[0_0_0_3px_var(--canvas)]" />
    </div>
  )
}

/** The version in words, for who does not see the axis. */
const valueText = ({ steps, times }: ChatLife, version: number): string => {
  if (version > steps.last_version || version < steps.first_version) return `There is no version ${version} here`
  const state = steps.states.findLast((each) => each.version <= version)
  const words = state === undefined ? "" : `, ${stateWords(state)}`
  return `Version ${version} of ${steps.last_version}, ${clockMs(times.timeOf(version))}${words}`
}

const LoadedScrubber = ({ life }: { readonly life: ChatLife }) => {
  const { goTo, version } = useTraceView()
  const [ref, width] = useWidth<HTMLDivElement>()
  const axis = useMemo(() => lifeAxis(life.steps, life.times), [life])
  const { steps, times } = life
  const { first_version: first, last_version: last } = steps
  const shown = version ?? last
  const place = version === undefined ? 1 : axis.place(times.timeOf(version))
  const x = Math.round(place * width)

  /** The last version, reached by hand, is the chat as it is now. */
  const arrive = (next: number) => {
    if (next !== version) goTo(next >= last ? undefined : Math.max(first, next))
  }
  const take = (event: PointerEvent<HTMLElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect()
    const at = width === 0 ? 1 : Math.min(1, Math.max(0, (event.clientX - left) / width))
    arrive(at >= 1 ? last : versionAt(steps, axis.timeAt(at)))
  }
  return (
    <div className="px-4 pt-1 pb-2 select-none max-sm:px-3">
      <Ticks axis={axis} width={width} x={x} />
      <div
        ref={ref}
        role="slider"
        tabIndex={0}
        aria-label="Version"
        aria-orientation="horizontal"
        aria-valuemin={first}
        aria-valuemax={last}
        aria-valuenow={Math.min(last, Math.max(first, shown))}
        aria-valuetext={valueText(life, shown)}
        data-trace-slider
        onKeyDown={(event) => {
          const next = keyStep(event, { shown, first, last })
          if (next === undefined) return
          event.preventDefault()
          arrive(next)
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          take(event)
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) take(event)
        }}
        className="relative h-10 cursor-ew-resize touch-none rounded-control"
      >
        {width > 0 && (
          <>
            <Turns life={life} axis={axis} width={width} />
            <Segments life={life} axis={axis} width={width} />
            <div
              className="pointer-events-none absolute top-3.5 right-0 h-6 rounded-r-[5px] bg-canvas/66"
              style={{ width: width - x }}
            />
            {shown >= first && shown <= last && <Handle version={shown} x={x} width={width} />}
          </>
        )}
      </div>
      <Marks life={life} axis={axis} width={width} />
      <span className="sr-only">
        {isResting(steps.states.at(-1)?.status) ? "The chat is at rest." : "The chat goes on."}
      </span>
    </div>
  )
}

/** The chat's life on one axis, of which one version is looked at. Tabs stop at it once; it takes the arrow keys. */
export const Scrubber = () => {
  const life = useChatLife()
  return life === undefined ? (
    <div role="status" aria-label="Loading the life of the chat" className="h-22 px-4 pt-8">
      <div className="skeleton h-6 w-full" />
    </div>
  ) : (
    <LoadedScrubber life={life} />
  )
}

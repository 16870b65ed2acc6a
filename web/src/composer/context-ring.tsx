import { useId } from "react"
import { type ContextUsage, percentOf } from "./context-usage.ts"

const RADIUS = 6
const AROUND = 2 * Math.PI * RADIUS
const NEARLY_FULL = 80

const Ring = ({ percent, size }: { readonly percent: number; readonly size: string }) => (
  <svg
    aria-hidden
    viewBox="0 0 16 16"
    className={`${size} -rotate-90 ${percent >= NEARLY_FULL ? "text-warning" : "text-accent"}`}
  >
    <circle cx="8" cy="8" r={RADIUS} fill="none" strokeWidth="2.5" className="stroke-line-strong" />
    <circle
      cx="8"
      cy="8"
      r={RADIUS}
      fill="none"
      strokeWidth="2.5"
      stroke="currentColor"
      strokeDasharray={`${(percent / 100) * AROUND} ${AROUND}`}
    />
  </svg>
)

/** How full the context is, among other facts. */
export const ContextMeter = ({ usage }: { readonly usage: ContextUsage }) => {
  const percent = percentOf(usage)
  return (
    <span className="flex items-center gap-1">
      <Ring percent={percent} size="size-3.5" />
      <span className="sr-only">Context: </span>
      {percent}%
    </span>
  )
}

/** How full the context is; the numbers, and what can be done, stand above it while it has the pointer or the focus. */
export const ContextRing = ({ usage }: { readonly usage: ContextUsage }) => {
  const id = useId()
  const percent = percentOf(usage)
  return (
    <span className="group relative flex shrink-0">
      <button
        type="button"
        aria-label={`Context: ${percent} % used`}
        aria-describedby={id}
        className="flex h-6.5 pointer-coarse:h-11 items-center gap-1.5 rounded-control px-1.5 text-xs text-ink-soft tabular-nums hover:bg-hover"
      >
        <Ring percent={percent} size="size-4" />
        {percent}%
      </button>
      <span
        id={id}
        role="tooltip"
        className="pointer-events-none invisible absolute right-0 bottom-full z-40 mb-1.5 w-64 rounded-card border border-line-strong bg-overlay px-3 py-2 text-xs text-ink-soft shadow-overlay group-focus-within:visible group-hover:visible"
      >
        <b className="block font-medium text-ink tabular-nums">
          {usage.used.toLocaleString()} of {usage.limit.toLocaleString()} tokens
        </b>
        That is what the last answer took. “Compact the conversation”, in the menu of this chat, lets the model go on
        from a summary; you keep all of it.
      </span>
    </span>
  )
}

import { useId } from "react"
import { type ContextUsage, percentOf } from "./context-usage.ts"

const RADIUS = 6
const AROUND = 2 * Math.PI * RADIUS
const NEARLY_FULL = 80

/** How full the context is; the numbers, and what can be done, stand above it while it has the pointer or the focus. */
export const ContextRing = ({ usage }: { readonly usage: ContextUsage }) => {
  const id = useId()
  const percent = percentOf(usage)
  const tone = percent >= NEARLY_FULL ? "text-warning" : "text-accent"
  return (
    <span className="group relative flex shrink-0">
      <button
        type="button"
        aria-label={`Context: ${percent} % used`}
        aria-describedby={id}
        className="flex h-6.5 pointer-coarse:h-11 items-center gap-1.5 rounded-control px-1.5 text-xs text-ink-soft tabular-nums hover:bg-hover"
      >
        <svg aria-hidden viewBox="0 0 16 16" className={`size-4 -rotate-90 ${tone}`}>
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

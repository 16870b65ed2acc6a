import { memo } from "react"
import type { StripState } from "../../../src/contract/board.ts"
import { segmentsOf } from "./strip.ts"
import { useTime } from "./use-time.ts"

/** What is striped, since nothing goes on in it. */
const STRIPED = "backing_off"
const FAINT: ReadonlySet<string | undefined> = new Set([undefined, "waiting"])
/** A pixel or two. */
const REFRESH_MS = 6_000

/** The last ten minutes of a chat. Its words are on the card: who does not see it misses nothing. */
export const Strip = memo(({ strip }: { readonly strip: ReadonlyArray<StripState> }) => {
  const now = useTime(REFRESH_MS)
  return (
    <div aria-hidden title="States of the last 10 minutes" className="flex h-1.25 gap-px overflow-hidden rounded-full">
      {segmentsOf(strip, now).map(({ state, width }, index) => (
        <i
          key={index}
          style={{ flexGrow: width, backgroundColor: `var(--s-${state ?? "none"}, var(--s-none))` }}
          className={`min-w-0.5 basis-0 ${FAINT.has(state) ? "opacity-42" : ""} ${state === STRIPED ? "bg-[repeating-linear-gradient(115deg,transparent_0_3px,color-mix(in_oklab,var(--canvas)_55%,transparent)_3px_5px)]" : ""}`}
        />
      ))}
    </div>
  )
})

import { ChevronRight } from "lucide-react"
import { useMemo } from "react"
import { resultsOf } from "./rows.ts"
import { useStream } from "../stream/store.ts"
import { factsLine, factsOf } from "./turn-facts.ts"
import type { Turn } from "./turns.ts"

interface TurnFoldProps {
  readonly turn: Turn
  readonly open: boolean
  readonly onToggle: () => void
}

/** One line for all that was done in a turn. */
export const TurnFold = ({ turn, open, onToggle }: TurnFoldProps) => {
  const results = useStream(({ stream }) => resultsOf(stream.messages))
  const line = useMemo(() => factsLine(factsOf(turn, results)), [turn, results])
  const failed = / failed$/.exec(line)
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="flex min-h-8 w-full items-center gap-2 rounded-control border-b border-line text-left text-sm text-ink-soft transition-colors hover:text-ink"
    >
      <ChevronRight
        aria-hidden
        className={`size-3.5 shrink-0 text-ink-faint transition-transform ${open ? "rotate-90" : ""}`}
      />
      <span className="tabular-nums">
        {failed === null ? (
          line
        ) : (
          <>
            {line.slice(0, line.lastIndexOf(", ") + 2)}
            <span className="text-danger">{line.slice(line.lastIndexOf(", ") + 2)}</span>
          </>
        )}
      </span>
    </button>
  )
}

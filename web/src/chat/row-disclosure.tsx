import { ChevronRight } from "lucide-react"
import { createContext, type ReactNode, use, useId, useSyncExternalStore } from "react"

/**
 * What the reader opened and closed, by the row. Rows that are scrolled out of sight are not on the page; this is kept for them
 * as long as the timeline is. Each timeline has one of its own.
 */
export class Openings {
  readonly #chosen = new Map<string, boolean>()
  readonly #listeners = new Set<() => void>()

  /** Undefined where the reader chose nothing. */
  of(row: string): boolean | undefined {
    return this.#chosen.get(row)
  }

  set(row: string, open: boolean): void {
    this.#chosen.set(row, open)
    for (const listener of this.#listeners) listener()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

export const OpeningsContext = createContext(new Openings())

interface RowDisclosureProps {
  /** Names the row among all of the timeline. */
  readonly id: string
  readonly icon: ReactNode
  readonly label: ReactNode
  /** At the right end of the line. */
  readonly aside?: ReactNode
  /** Open unless the reader says otherwise. */
  readonly open?: boolean
  /** A long label goes on in more lines, for one that is said nowhere else. */
  readonly wraps?: boolean
  /** Without it there is nothing to open. */
  readonly children?: ReactNode
}

const line = "flex min-h-7 w-full min-w-0 items-center gap-2.5 rounded-control text-left text-sm text-ink-soft"

/** A row that opens to show more. What the reader chose holds; until then it is open or not for everyone alike. */
export const RowDisclosure = ({
  id,
  icon,
  label,
  aside,
  open = false,
  wraps = false,
  children,
}: RowDisclosureProps) => {
  const openings = use(OpeningsContext)
  const chosenNow = () => openings.of(id)
  const chosen = useSyncExternalStore(openings.subscribe, chosenNow, chosenNow)
  const bodyId = useId()
  const isOpen = chosen ?? open
  const content = (
    <>
      <span className="flex size-4 shrink-0 items-center justify-center text-ink-faint [&>svg]:size-4">{icon}</span>
      <span className={`min-w-0 ${wraps || isOpen ? "py-1 [overflow-wrap:anywhere]" : "truncate"}`}>{label}</span>
      {children !== undefined && (
        <ChevronRight
          aria-hidden
          className={`size-3.5 shrink-0 text-ink-faint transition-transform ${isOpen ? "rotate-90" : ""}`}
        />
      )}
      <span className="ml-auto flex shrink-0 items-center gap-2 pl-2 text-xs text-ink-faint">{aside}</span>
    </>
  )
  if (children === undefined) return <div className={line}>{content}</div>
  return (
    <div className="min-w-0">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? bodyId : undefined}
        onClick={() => openings.set(id, !isOpen)}
        className={`${line} transition-colors hover:text-ink`}
      >
        {content}
      </button>
      {isOpen && (
        <div id={bodyId} className="mt-1 mb-1">
          {children}
        </div>
      )}
    </div>
  )
}

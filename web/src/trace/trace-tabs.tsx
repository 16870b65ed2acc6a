import { type KeyboardEvent, useId, useState } from "react"
import { keepStored, readStored } from "../ui/browser-storage.ts"
import type { TracePane } from "./panes.tsx"

const KEY = "troupe.trace.tab"

/** One view at a time; the one that was chosen last comes first the next time. */
export const TraceTabs = ({ panes }: { readonly panes: ReadonlyArray<TracePane> }) => {
  const id = useId()
  const [chosen, setChosen] = useState(() => readStored(KEY))
  const open = panes.find((pane) => pane.id === chosen) ?? panes[0]
  if (open === undefined) return null
  const choose = (pane: TracePane) => {
    setChosen(pane.id)
    keepStored(KEY, pane.id)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    const next = panes[(panes.indexOf(open) + step + panes.length) % panes.length]
    if (next === undefined) return
    event.preventDefault()
    choose(next)
    event.currentTarget.querySelector<HTMLElement>(`[id="${id}-${next.id}"]`)?.focus()
  }
  const { Pane } = open
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        role="tablist"
        tabIndex={-1}
        aria-label="Views of the chat"
        onKeyDown={onKeyDown}
        className="flex shrink-0 border-b border-line px-1.5"
      >
        {panes.map((pane) => (
          <button
            key={pane.id}
            type="button"
            role="tab"
            id={`${id}-${pane.id}`}
            aria-selected={pane === open}
            aria-controls={`${id}-panel`}
            tabIndex={pane === open ? 0 : -1}
            onClick={() => choose(pane)}
            className="h-9 flex-1 border-b-2 border-transparent px-2 text-sm text-ink-soft hover:text-ink focus-visible:outline-offset-[-2px] aria-selected:border-accent aria-selected:font-semibold aria-selected:text-ink pointer-coarse:h-11"
          >
            {pane.title}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${open.id}`}
        className="flex min-h-0 flex-1 flex-col"
      >
        <Pane />
      </div>
    </div>
  )
}

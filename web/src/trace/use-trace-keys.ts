import { type RefObject, useEffect, useEffectEvent } from "react"
import { useQuery } from "@tanstack/react-query"
import { keyStep } from "./scrubber/key-step.ts"
import { stepsQuery } from "./trace-queries.ts"
import { useTraceView } from "./trace-source.ts"

/** These take the arrow keys for themselves. */
const TAKES_ARROWS =
  'input, textarea, select, [contenteditable], [role="slider"], [role="tab"], [role="listbox"], [role="grid"], [role="menu"], [role="dialog"], [role="separator"]'

const STEPS = new Set(["ArrowLeft", "ArrowRight"])

interface TraceKeys {
  /** Where the keys are taken; without it, on all of the page. */
  readonly area?: RefObject<HTMLElement | null>
  /** Esc in the area, when the chat is shown as it is now. */
  readonly onLeave?: () => void
}

/** Left and right go one version back and forth wherever in the area the focus is; Esc leads back to now from anywhere. */
export const useTraceKeys = ({ area, onLeave }: TraceKeys = {}): void => {
  const { source, version, goTo } = useTraceView()
  const { data: steps } = useQuery(stepsQuery(source))
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const { target } = event
    // What is open on top of the page takes its keys.
    if (!(target instanceof Element) || target.closest("dialog, [popover]") !== null) return
    const within = area?.current?.contains(target) !== false
    if (event.key === "Escape") {
      const leave = version === undefined ? (within ? onLeave : undefined) : () => goTo(undefined)
      if (leave === undefined) return
      // Elsewhere on the page this key stops the turn.
      event.preventDefault()
      leave()
      return
    }
    if (!STEPS.has(event.key) || steps === undefined || !within || target.closest(TAKES_ARROWS) !== null) return
    const { first_version: first, last_version: last } = steps
    const next = keyStep(event, { shown: version ?? last, first, last })
    if (next === undefined) return
    event.preventDefault()
    if (next !== (version ?? last)) goTo(next >= last ? undefined : next)
  })
  useEffect(() => {
    document.addEventListener("keydown", onKey)
    return () => document.removeEventListener("keydown", onKey)
  }, [])
}

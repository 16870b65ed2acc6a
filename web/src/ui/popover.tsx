import { type ReactNode, type RefObject, useEffect, useRef } from "react"
import type { MenuPlace } from "./menu-place.ts"
import { useOverlay } from "./overlay.ts"

interface PopoverProps extends MenuPlace {
  readonly button: RefObject<HTMLButtonElement | null>
  readonly label: string
  /** Stays the same from one render to the next. */
  readonly close: () => void
  readonly className: string
  readonly children: ReactNode
}

const begin = (box: HTMLElement): void => box.querySelector<HTMLElement>("input, [data-first-focus]")?.focus()

/** A box with a field of its own, or with something else that says it is the first to be focused, beside the button that opens it; there as long as it is rendered. Esc gives the focus back. */
export const Popover = ({ button, label, close, side, align, className, children }: PopoverProps) => {
  const ref = useRef<HTMLDivElement>(null)
  useOverlay({ box: ref, button, side, align, begin, close })

  useEffect(() => {
    const box = ref.current
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return
      // What lies around the button has keys of its own.
      event.stopPropagation()
      event.preventDefault()
      button.current?.focus()
      close()
    }
    const onFocusOut = ({ relatedTarget }: FocusEvent) => {
      if (relatedTarget instanceof Node && box?.contains(relatedTarget) === false) close()
    }
    box?.addEventListener("keydown", onKeyDown)
    box?.addEventListener("focusout", onFocusOut)
    return () => {
      box?.removeEventListener("keydown", onKeyDown)
      box?.removeEventListener("focusout", onFocusOut)
    }
  }, [button, close])

  return (
    <div
      ref={ref}
      popover="manual"
      role="dialog"
      aria-label={label}
      className={`appear flex-col overflow-hidden rounded-card border border-line-strong bg-overlay text-ink shadow-overlay outline-none open:flex ${className}`}
    >
      {children}
    </div>
  )
}

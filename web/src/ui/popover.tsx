import { type KeyboardEvent, type ReactNode, type RefObject, useCallback, useRef } from "react"
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

const beginAtInput = (box: HTMLElement): void => box.querySelector("input")?.focus()

/** A box with a field of its own, beside the button that opens it; there as long as it is rendered. Esc gives the focus back. */
export const Popover = ({ button, label, close, side, align, className, children }: PopoverProps) => {
  const ref = useRef<HTMLDivElement>(null)
  useOverlay({ box: ref, button, side, align, begin: beginAtInput, close })

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      // What lies around the button has keys of its own.
      event.stopPropagation()
      if (event.key !== "Escape") return
      event.preventDefault()
      button.current?.focus()
      close()
    },
    [button, close],
  )

  return (
    <div
      ref={ref}
      popover="manual"
      role="dialog"
      aria-label={label}
      onKeyDown={onKeyDown}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && !ref.current?.contains(relatedTarget)) close()
      }}
      className={`appear flex-col overflow-hidden rounded-card border border-line-strong bg-overlay text-ink shadow-overlay outline-none open:flex ${className}`}
    >
      {children}
    </div>
  )
}

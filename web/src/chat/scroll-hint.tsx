import { type ReactNode, useEffect, useRef, useState } from "react"

interface ScrollHintProps {
  /** Name of the box. */
  readonly label: string
  readonly className?: string
  readonly children: ReactNode
}

/** Where there is more than is seen. */
type Hidden = "none" | "start" | "end" | "both"

const hiddenIn = ({ clientWidth, scrollLeft, scrollWidth }: HTMLElement): Hidden => {
  // Negative where text runs from right to left.
  const before = Math.abs(scrollLeft)
  const start = before > 1
  const end = scrollWidth - clientWidth - before > 1
  if (start) return end ? "both" : "start"
  return end ? "end" : "none"
}

/** A box whose content may be wider than it is: it scrolls, with the keyboard too, and fades at the edge where it goes on. */
export const ScrollHint = ({ label, className = "", children }: ScrollHintProps) => {
  const boxRef = useRef<HTMLDivElement>(null)
  const [hidden, setHidden] = useState<Hidden>("none")
  useEffect(() => {
    const box = boxRef.current
    if (box === null) return
    const look = () => setHidden(hiddenIn(box))
    const size = new ResizeObserver(look)
    size.observe(box)
    for (const content of box.children) size.observe(content)
    box.addEventListener("scroll", look, { passive: true })
    return () => {
      size.disconnect()
      box.removeEventListener("scroll", look)
    }
  }, [])
  return (
    <div
      ref={boxRef}
      role="group"
      aria-label={label}
      tabIndex={0}
      data-hidden={hidden}
      className={`scroll-hint overflow-x-auto ${className}`}
    >
      {children}
    </div>
  )
}

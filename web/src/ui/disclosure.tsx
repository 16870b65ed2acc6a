import { ChevronRight } from "lucide-react"
import { type ReactNode, useId, useState } from "react"

interface DisclosureProps {
  readonly icon: ReactNode
  readonly label: ReactNode
  /** At the right end of the line. */
  readonly aside?: ReactNode
  readonly defaultOpen?: boolean
  /** A long label goes on in more lines, for one that is said nowhere else. */
  readonly wraps?: boolean
  /** Without it there is nothing to open. */
  readonly children?: ReactNode
}

const line = "flex min-h-8 w-full min-w-0 items-center gap-2.5 rounded-control text-left text-sm text-ink-soft"

/** A line that opens to show more. It keeps the state it was given at first, whatever comes later. */
export const Disclosure = ({ icon, label, aside, defaultOpen = false, wraps = false, children }: DisclosureProps) => {
  const [open, setOpen] = useState(defaultOpen)
  const id = useId()
  const content = (
    <>
      <span className="flex size-4 shrink-0 items-center justify-center text-ink-faint [&>svg]:size-4">{icon}</span>
      <span className={`min-w-0 ${wraps ? "py-1.5 [overflow-wrap:anywhere]" : "truncate"}`}>{label}</span>
      {children !== undefined && (
        <ChevronRight
          aria-hidden
          className={`size-3.5 shrink-0 text-ink-faint transition-transform ${open ? "rotate-90" : ""}`}
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
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        className={`${line} transition-colors hover:text-ink`}
      >
        {content}
      </button>
      {open && (
        <div id={id} className="appear mt-1">
          {children}
        </div>
      )}
    </div>
  )
}

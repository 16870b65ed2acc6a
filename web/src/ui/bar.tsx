import type { ReactNode } from "react"

interface BarProps {
  readonly title: ReactNode
  /** One line of facts after the title. */
  readonly note?: ReactNode
  /** Before the title: the way back, on phones. */
  readonly lead?: ReactNode
  readonly children?: ReactNode
}

/** The head of a page: what it is, and at the right what can be done with all of it. */
export const Bar = ({ title, note, lead, children }: BarProps) => (
  <header className="flex h-(--h-bar) shrink-0 items-center gap-3 border-b border-line px-4 pointer-coarse:h-13">
    {lead}
    <h1 className="min-w-0 truncate text-md font-semibold">{title}</h1>
    {note !== undefined && <p className="min-w-0 truncate text-sm text-ink-faint max-sm:hidden">{note}</p>}
    <div className="ml-auto flex shrink-0 items-center gap-1.5">{children}</div>
  </header>
)

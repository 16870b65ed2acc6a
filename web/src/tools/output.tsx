import type { ReactNode } from "react"

interface OutputProps {
  readonly label: string
  readonly children: ReactNode
  /** At the head of the box. */
  readonly title?: ReactNode
}

/** A box of text as a program wrote it. It scrolls by itself, with the keyboard too. */
export const Output = ({ label, children, title }: OutputProps) => (
  <div className="overflow-hidden rounded-control border border-line bg-sunken">
    {title !== undefined && (
      <div className="border-b border-line px-3 py-1.5 font-mono text-xs text-ink-soft [overflow-wrap:anywhere]">
        {title}
      </div>
    )}
    <pre
      role="group"
      aria-label={label}
      tabIndex={0}
      className="max-h-72 overflow-auto px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap text-ink [overflow-wrap:anywhere] focus-visible:outline-offset-[-2px]"
    >
      {children}
    </pre>
  </div>
)

import type { ReactNode } from "react"
import { ScrollHint } from "../chat/scroll-hint.tsx"

interface OutputProps {
  readonly label: string
  readonly children: ReactNode
  /** At the head of the box. */
  readonly title?: ReactNode
  /** Lines stay whole and go to the edges of the box, which scrolls sideways. */
  readonly wide?: boolean
}

/** A box of text as a program wrote it. It scrolls by itself, with the keyboard too. */
export const Output = ({ label, children, title, wide = false }: OutputProps) => (
  <div className="overflow-hidden rounded-control border border-line bg-sunken">
    {title !== undefined && title !== false && (
      <div className="border-b border-line px-3 py-1.5 font-mono text-xs text-ink-soft [overflow-wrap:anywhere]">
        {title}
      </div>
    )}
    <ScrollHint label={label} className="max-h-72 overflow-y-auto focus-visible:outline-offset-[-2px]">
      <pre
        className={`w-max min-w-full py-2 font-mono text-xs leading-5 text-ink ${
          wide ? "" : "max-w-full px-3 whitespace-pre-wrap [overflow-wrap:anywhere]"
        }`}
      >
        {children}
      </pre>
    </ScrollHint>
  </div>
)

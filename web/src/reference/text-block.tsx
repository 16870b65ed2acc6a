import type { ReactNode } from "react"
import { ScrollHint } from "../chat/scroll-hint.tsx"
import { CopyButton } from "../ui/copy-button.tsx"

interface TextBlockProps {
  /** Name of the box. */
  readonly label: string
  /** What is copied. */
  readonly text: string
  /** At its head, in place of the label. */
  readonly head?: ReactNode
  /** Highest box before it scrolls. */
  readonly tall?: boolean
  readonly wraps?: boolean
  /** What is shown, where that is not the text as it is. */
  readonly children?: ReactNode
}

/** Text of programs in a box, to be read and copied. */
export const TextBlock = ({ label, text, head, tall = false, wraps = false, children }: TextBlockProps) => (
  <div dir="ltr" className="overflow-hidden rounded-card border border-line bg-sunken">
    <div className="flex min-h-8 items-center justify-between gap-2 border-b border-line pr-1 pl-3 text-xs text-ink-faint pointer-coarse:min-h-10">
      {head ?? <span>{label}</span>}
      <CopyButton label={`Copy: ${label}`} text={text} />
    </div>
    <ScrollHint
      label={label}
      className={`overflow-y-auto focus-visible:outline-offset-[-2px] ${tall ? "max-h-[34rem]" : "max-h-80"}`}
    >
      <pre
        className={`min-w-full px-3 py-2.5 font-mono text-xs leading-5 text-ink ${
          wraps ? "whitespace-pre-wrap [overflow-wrap:anywhere]" : "w-max"
        }`}
      >
        {children ?? text}
      </pre>
    </ScrollHint>
  </div>
)

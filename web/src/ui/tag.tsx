import type { ReactNode } from "react"

const tones = {
  neutral: "bg-selected text-ink-soft",
  accent: "bg-accent-fill text-accent",
  good: "bg-success-fill text-success",
  bad: "bg-warning-fill text-warning",
  danger: "bg-danger-fill text-danger",
}

interface TagProps {
  readonly tone?: keyof typeof tones
  readonly children: ReactNode
}

/** A word or two about the thing it stands beside. */
export const Tag = ({ tone = "neutral", children }: TagProps) => (
  <span
    className={`inline-flex h-4.5 shrink-0 items-center rounded-small px-1.5 text-2xs whitespace-nowrap ${tones[tone]}`}
  >
    {children}
  </span>
)

import { Plus } from "lucide-react"
import type { ReactNode } from "react"
import { Button } from "../ui/button.tsx"

interface SectionProps {
  readonly title: string
  readonly about: string
  /** Name of the button that opens the form. */
  readonly add: string
  readonly onAdd: () => void
  /** The form that adds to the list, while it is open. */
  readonly form: ReactNode
  readonly children: ReactNode
}

/** A list of things and the form that adds one. */
export const Section = ({ title, about, add, onAdd, form, children }: SectionProps) => (
  <section aria-label={title} className="flex flex-col gap-4">
    <div className="flex items-end justify-between gap-4">
      <div>
        <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
        <p className="text-sm text-ink-soft">{about}</p>
      </div>
      {form === undefined && (
        <Button onClick={onAdd}>
          <Plus aria-hidden className="size-4" />
          {add}
        </Button>
      )}
    </div>
    {form}
    {children}
  </section>
)

export const Rows = ({ children }: { readonly children: ReactNode }) => (
  <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised">{children}</ul>
)

export const Empty = ({ children }: { readonly children: ReactNode }) => (
  <p className="rounded-card border border-dashed border-line-strong px-4 py-6 text-center text-sm text-ink-faint">
    {children}
  </p>
)

const tones = {
  neutral: "bg-hover text-ink-soft",
  good: "bg-success-fill text-success",
  bad: "bg-warning-fill text-warning",
}

export const Tag = ({
  tone = "neutral",
  children,
}: {
  readonly tone?: keyof typeof tones
  readonly children: ReactNode
}) => (
  <span className={`rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${tones[tone]}`}>{children}</span>
)

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
        <h2 className="text-md font-semibold">{title}</h2>
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
  <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised shadow-low">
    {children}
  </ul>
)

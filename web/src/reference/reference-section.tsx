import { type ReactNode, useId } from "react"

interface ReferenceSectionProps {
  readonly title: string
  readonly children: ReactNode
}

/** A part of the page of one operation. */
export const ReferenceSection = ({ title, children }: ReferenceSectionProps) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex min-w-0 flex-col gap-3">
      <h2 id={id} className="text-md font-semibold">
        {title}
      </h2>
      {children}
    </section>
  )
}

import type { ReactNode } from "react"

/** What ends or removes something, at the foot of its page. */
export const DangerZone = ({ children }: { readonly children: ReactNode }) => (
  <section aria-label="Danger zone" className="flex flex-col gap-3">
    <h2 className="text-md font-semibold">Danger zone</h2>
    <div className="divide-y divide-line rounded-card border border-danger/25 bg-raised shadow-low">{children}</div>
  </section>
)

interface DangerRowProps {
  readonly title: string
  readonly about: string
  readonly children: ReactNode
}

export const DangerRow = ({ title, about, children }: DangerRowProps) => (
  <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
    <div className="min-w-48 flex-1">
      <p className="font-medium">{title}</p>
      <p className="text-sm text-ink-soft">{about}</p>
    </div>
    {children}
  </div>
)

import type { ReactNode } from "react"

interface PageProps {
  /** What is in it stands side by side. */
  readonly row?: boolean
  readonly children: ReactNode
}

/** The main landmark of a page, where the skip link leads. */
export const Page = ({ row = false, children }: PageProps) => (
  <main id="page" tabIndex={-1} className={`flex min-h-0 min-w-0 flex-1 outline-none ${row ? "" : "flex-col"}`}>
    {children}
  </main>
)

import type { ReactNode } from "react"

/** A view that is longer than its box. */
export const ScrolledPane = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <div
    role="group"
    aria-label={label}
    // Scrolled with the keyboard.
    tabIndex={0}
    className="min-h-0 flex-1 overflow-y-auto focus-visible:outline-offset-[-2px]"
  >
    {children}
  </div>
)

import type { ReactNode } from "react"

/** Where the composer stands: at the foot of the page, in the reading column, with the conversation fading out above it. */
export const ComposerDock = ({ children }: { readonly children: ReactNode }) => (
  <div className="relative shrink-0 before:pointer-events-none before:absolute before:inset-x-0 before:bottom-full before:h-6 before:bg-linear-to-t before:from-canvas before:to-transparent pb-[max(0.75rem,env(safe-area-inset-bottom))]">
    <div className="reading-column flex flex-col gap-2">{children}</div>
  </div>
)

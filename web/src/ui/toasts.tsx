import { lazy, Suspense } from "react"

const Toaster = lazy(async () => ({ default: (await import("sonner")).Toaster }))

/** Where short notices appear. Loaded after the first paint. */
export const Toasts = () => (
  <Suspense>
    <Toaster
      // Below the header, whose buttons stay free; at the foot of the page is the composer.
      position="top-right"
      offset={{ top: "3.75rem" }}
      mobileOffset={{ top: "3.75rem" }}
      theme="system"
      // On phones it would be as wide as the page and begin within it.
      className="font-sans! max-[600px]:w-auto!"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-center gap-2.5 rounded-card border border-line-strong bg-overlay px-3.5 py-2.5 text-sm text-ink shadow-overlay",
          actionButton:
            "ml-auto shrink-0 rounded-control border border-line-strong px-2.5 py-0.5 font-medium text-ink transition-colors hover:bg-hover pointer-coarse:h-11",
          description: "text-ink-soft",
          icon: "mt-0.5",
        },
      }}
    />
  </Suspense>
)

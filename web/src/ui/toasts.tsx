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
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start gap-2.5 rounded-card border border-line bg-raised px-4 py-3 text-sm text-ink shadow-overlay",
          description: "text-ink-soft",
          icon: "mt-0.5",
        },
      }}
    />
  </Suspense>
)

import { lazy, Suspense } from "react"

const Toaster = lazy(async () => ({ default: (await import("sonner")).Toaster }))

/** Where short notices appear. Loaded after the first paint. */
export const Toasts = () => (
  <Suspense>
    <Toaster
      position="bottom-right"
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

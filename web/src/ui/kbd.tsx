/** A key, or keys that are pressed together: `Ctrl K`. */
export const Kbd = ({ keys }: { readonly keys: string }) => (
  <kbd className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-small border border-line-strong bg-canvas px-1 font-sans text-2xs font-medium whitespace-nowrap text-ink-soft">
    {keys}
  </kbd>
)

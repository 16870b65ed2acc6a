const TONES: Readonly<Record<string, string>> = {
  GET: "text-ink-faint",
  POST: "text-accent",
  PUT: "text-accent",
  PATCH: "text-accent",
  DELETE: "text-danger",
}

/** What kind of call it is, in a word of one width. */
export const MethodTag = ({ method }: { readonly method: string }) => (
  <span className={`w-12 shrink-0 font-mono text-2xs font-semibold ${TONES[method] ?? "text-ink-faint"}`}>
    {method}
  </span>
)

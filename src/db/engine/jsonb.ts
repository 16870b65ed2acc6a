/**
 * JSON text that PostgreSQL's jsonb takes. It refuses NUL and half a surrogate pair, which models and programs do print;
 * both become U+FFFD. JSON.stringify leaves whole pairs as they are and writes halves as escapes, so an escape is a half.
 */
export const jsonb = (value: unknown): string =>
  (JSON.stringify(value) ?? "null").replace(/\\\\|\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, (escape) =>
    escape === "\\\\" ? escape : "\\ufffd",
  )

/** Nothing in it has to be replaced. Asked of every part that is shown, where writing it out as JSON would cost much more. */
const isClean = (value: unknown): boolean => {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0")
  if (Array.isArray(value)) return value.every(isClean)
  if (typeof value !== "object" || value === null) return true
  return Object.entries(value).every(([key, inner]) => isClean(key) && isClean(inner))
}

/** The value as it will be read back from jsonb, so that what is shown now and what is read later are the same text. */
export const storable = <Value>(value: Value): Value => (isClean(value) ? value : (JSON.parse(jsonb(value)) as Value))

/**
 * JSON text that PostgreSQL's jsonb takes. It refuses NUL and half a surrogate pair, which models and programs do print;
 * both become U+FFFD. JSON.stringify leaves whole pairs as they are and writes halves as escapes, so an escape is a half.
 */
export const jsonb = (value: unknown): string =>
  (JSON.stringify(value) ?? "null").replace(/\\\\|\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, (escape) =>
    escape === "\\\\" ? escape : "\\ufffd",
  )

/** The value as it will be read back from jsonb, so that what is shown now and what is read later are the same text. */
export const storable = <Value>(value: Value): Value => {
  const stored = jsonb(value)
  return stored === JSON.stringify(value) ? value : (JSON.parse(stored) as Value)
}

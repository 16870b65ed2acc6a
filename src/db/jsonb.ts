/**
 * JSON text that PostgreSQL's jsonb takes. It refuses NUL and half a surrogate pair, which models and programs do print;
 * both become U+FFFD. JSON.stringify leaves whole pairs as they are and writes halves as escapes, so an escape is a half.
 */
export const jsonb = (value: unknown): string =>
  (JSON.stringify(value) ?? "null").replace(/\\\\|\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, (escape) =>
    escape === "\\\\" ? escape : "\\ufffd",
  )

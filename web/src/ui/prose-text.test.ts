import { expect, it } from "vitest"
import { proseText } from "./prose-text.ts"

it.each([
  ["overrides", "\u202eevil\u202c", "\\u202eevil\\u202c"],
  [
    "embeddings and isolates",
    "\u202aa\u202bb\u2066c\u2067d\u2068e\u2069",
    "\\u202aa\\u202bb\\u2066c\\u2067d\\u2068e\\u2069",
  ],
  ["spaces of no width", "r\u200bm\u2060\ufeff", "r\\u200bm\\u2060\\ufeff"],
  ["a joiner that joins nothing", "a \u200d b", "a \\u200d b"],
  ["tags that are no flag's", "a\u{e0041}", "a\\u{e0041}"],
  ["control characters", "a\u001b[2Kb\u0000", "a\\u001b[2Kb\\u0000"],
])("writes out %s", (_, text, shown) => {
  expect(proseText(text)).toBe(shown)
})

it.each([
  ["emoji of several", "👩‍💻 👨‍👩‍👧 🏃🏽‍♀️ ❤️‍🔥"],
  ["the flag of England", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"],
  ["joiners of Persian and Hindi", "می‌خواهم क्‍ष"],
  ["direction marks", "שלום\u200f!\u200e"],
  ["lines and tabs", "a\n\tb\r\nc"],
])("keeps %s", (_, text) => {
  expect(proseText(text)).toBe(text)
})

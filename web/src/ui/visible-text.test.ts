import { expect, it } from "vitest"
import { visibleText } from "./visible-text.ts"

it.each([
  [
    "turned around",
    "echo safe #\u202e txt ; fr- mr\u202c\u200b done",
    "echo safe #\\u202e txt ; fr- mr\\u202c\\u200b done",
  ],
  ["isolated", "\u2066a\u2069\u200e\u200f\u061c", "\\u2066a\\u2069\\u200e\\u200f\\u061c"],
  ["of no width", "r\u200bm\u200c\u200d\u2060\ufeff\u00ad", "r\\u200bm\\u200c\\u200d\\u2060\\ufeff\\u00ad"],
  [
    "control characters",
    "a\u0000\u0008\u001b[2K\rb\u007f\u0085\u009b",
    "a\\u0000\\u0008\\u001b[2K\\u000db\\u007f\\u0085\\u009b",
  ],
  ["other line ends", "a\u2028b\u2029", "a\\u2028b\\u2029"],
  ["blank letters and tags", "\u3164\uffa0\u{e0041}", "\\u3164\\uffa0\\u{e0041}"],
])("writes out what is %s", (_, text, shown) => {
  expect(visibleText(text)).toBe(shown)
})

it("leaves alone what is seen, line ends, tabs and what it wrote itself", () => {
  const text = "echo 'naïve 日本 עברית 😀'\n\tls\r\n\\u202e"
  expect(visibleText(text)).toBe(text)
  expect(visibleText(visibleText("\u202e"))).toBe("\\u202e")
})

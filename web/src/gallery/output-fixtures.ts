/** What programs write, with all that a terminal would make of it. */

const ESC = "\u001b"
const colour = (code: string, text: string): string => `${ESC}[${code}m${text}${ESC}[0m`

export const testRun = [
  colour("2", "> ledger-api@4.11.0 test"),
  `${colour("1;36", " RUN ")} deliveries`,
  "",
  ...["backoff", "policy", "override", "cutoff"].map(
    (name, at) =>
      ` ${colour("32", "✓")} deliver/${name}.test.ts ${colour("2", `(${at + 4} tests)`)} ${colour("32", "41 ms")}`,
  ),
  ` ${colour("31", "✗")} deliver/late.test.ts ${colour("31", "1 failed")}`,
  ` ${colour("33", "▸")} deliver/end-to-end.test.ts ${colour("2", "3 of 12")}`,
  `   ${ESC}]8;;https://evil.example${ESC}\\a link${ESC}]8;;${ESC}\\ and 10 %\r   delivers again after a 503, with jitter`,
].join("\n")

export const palette = [
  Array.from({ length: 16 }, (_, at) => colour(at < 8 ? String(30 + at) : String(82 + at), ` ${at} `)).join(""),
  Array.from({ length: 16 }, (_, at) => colour(at < 8 ? String(40 + at) : String(92 + at), ` ${at} `)).join(""),
  Array.from({ length: 16 }, (_, at) => colour(`38;5;${16 + at * 15}`, ` ${16 + at * 15} `)).join(""),
  ["255;0;0", "0;0;90", "255;255;0", "0;40;0", "250;250;250"].map((rgb) => colour(`38;2;${rgb}`, ` ${rgb} `)).join(""),
  [
    colour("1", "bold"),
    colour("2", "dim"),
    colour("3", "italic"),
    colour("4", "underlined"),
    colour("7", "turned"),
  ].join(" "),
  [colour("2;31", "dim red"), colour("1;97;41", " white on red "), colour("7;32", " turned green ")].join(" "),
].join("\n")

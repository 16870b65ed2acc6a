import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { plainCommand } from "./plain-command.ts"

const valuesOf = (line: string) => plainCommand(line)?.map(({ value }) => value)

describe("a plain command", () => {
  it.each([
    ["npm test", ["npm", "test"]],
    ["  npm   test  ", ["npm", "test"]],
    [`npm "te"st`, ["npm", "test"]],
    ["'npm' te\\st", ["npm", "test"]],
    [`npm test -- -t 'a; rm -rf / | b'`, ["npm", "test", "--", "-t", "a; rm -rf / | b"]],
    [`npm test -- -t "a && \\$b"`, ["npm", "test", "--", "-t", "a && $b"]],
    ["npm test a\\ b", ["npm", "test", "a b"]],
    [`npm "" test`, ["npm", "", "test"]],
    ["npm run test:unit -- --reporter=dot", ["npm", "run", "test:unit", "--", "--reporter=dot"]],
    ["npm test src/*.test.ts", ["npm", "test", "src/*.test.ts"]],
    ["make CC=clang", ["make", "CC=clang"]],
  ])("of %s has the words of the shell", (line, words) => {
    expect(valuesOf(line)).toEqual(words)
  })

  it.each([
    "",
    "   ",
    "# only words",
    "A=1",
    "{ npm test; }",
    "(npm test)",
    "npm test (",
    `npm "test`,
    "npm a[(]a",
    "npm [|]",
    "npm a[;rm]",
    "npm [`x`]",
  ])("is not: %j", (line) => {
    expect(plainCommand(line)).toBeUndefined()
  })

  it("knows which words stand for nothing but themselves", () => {
    const line = `npm te?t '*' "~" \\* ~/a a{b} [ab] -x=1 "a"*`
    expect(plainCommand(line)?.map(({ exact }) => exact)).toEqual([
      ...[true, false, true, true, true],
      ...[false, false, false, true, false],
    ])
  })

  it("is not looked for in lines that no person would read", () => {
    expect(plainCommand(`npm test ${"a ".repeat(2000)}`)).toBeDefined()
    expect(plainCommand(`npm test ${"a ".repeat(5000)}`)).toBeUndefined()
    expect(plainCommand("$(".repeat(2000))).toBeUndefined()
  })
})

describe("beside the shell itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "plain-command-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** The words that `sh` hands to a program, as `execute` would run the line. Patterns are left as they are. */
  const shellWords = (line: string): ReadonlyArray<string> => {
    const script = `set -f; words() { printf '%s\\0' "$@"; }; words ${line}`
    const text = execFileSync("sh", ["-c", script], {
      cwd: folder,
      env: { HOME: "/home" },
      encoding: "utf8",
      stdio: "pipe",
    })
    return text.split("\0").slice(0, -1)
  }

  const pieces = [
    "a",
    "b",
    " ",
    " ",
    "'",
    '"',
    "\\",
    "$",
    "`",
    ";",
    "&",
    "|",
    "<",
    ">",
    "(",
    ")",
    "{",
    "}",
    ",",
    "#",
    "!",
    "*",
    "?",
    "[",
    "]",
  ]
  const line = fc
    .array(
      fc.constantFrom(
        ...pieces,
        "~",
        "=",
        "-",
        "%",
        "^",
        ":",
        "é",
        "😀",
        "\u00a0",
        "$(",
        "${",
        "$'",
        '$"',
        "\n",
        "\t",
        "time ",
      ),
      {
        minLength: 1,
        maxLength: 14,
      },
    )
    .map((found) => found.join(""))

  it("the words are the same, whatever the line", () => {
    let compared = 0
    fc.assert(
      fc.property(line, (given) => {
        const words = plainCommand(given)
        if (words === undefined) return
        compared += 1
        const real = shellWords(given)
        const expanded = words.map(({ exact, value }, index) => (exact ? value : real[index]))
        expect([given, real]).toEqual([given, expanded])
      }),
      { numRuns: 6_000 },
    )
    expect(compared).toBeGreaterThan(200)
    expect(readdirSync(folder)).toEqual([])
  })
})

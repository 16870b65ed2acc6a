import fc from "fast-check"

/**
 * Values that programs trip over. A value that is nested too deep to be written with `JSON.stringify` is a text that stands for
 * it until the body is written: see `writeJson`.
 */

const MARK = "\u0001nested "

/** Stands for lists or objects inside each other, on so many levels. */
const nested = (kind: "lists" | "objects", levels: number): string => `${MARK}${kind} ${levels}`

/** JSON text of a value; what stands for a deep value is written as that value. */
export const writeJson = (value: unknown): string =>
  (JSON.stringify(value) ?? "null").replace(/"\\u0001nested (lists|objects) (\d+)"/g, (_, kind, levels) => {
    const [open, close] = kind === "lists" ? ["[", "]"] : ['{"a":', "}"]
    return `${open.repeat(Number(levels))}1${close.repeat(Number(levels))}`.replace("[1]", "[]")
  })

export const levelsUpTo = (levels: number): fc.Arbitrary<unknown> =>
  fc
    .tuple(fc.constantFrom("lists" as const, "objects" as const), fc.integer({ min: 1, max: levels }))
    .map(([kind, depth]) => nested(kind, depth))

/** Deeper than any request may be, and than functions can call each other. */
export const tooDeep = fc
  .tuple(fc.constantFrom("lists" as const, "objects" as const), fc.constantFrom(101, 1_000, 3_000, 6_000, 30_000))
  .map(([kind, depth]) => nested(kind, depth))

const SNIPPETS = [
  "\u0000",
  "\ud800",
  "\udfff\ud83d",
  "\u202eright to left",
  "\ufeff",
  "e\u0301".repeat(20),
  "👩‍👩‍👧‍👦",
  "\u2028\u2029",
  "\r\n\t\v\f",
  "__proto__",
  "constructor",
  "%00%2e%2e/",
  "'; drop table chats; --",
  "${7*7}{{7*7}}",
  "<script>alert(1)</script>",
  "\u001b[31m",
  "ﷺ".repeat(50),
]

/** Text in which anything may stand; never only white space. */
export const oddText: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ unit: "binary", maxLength: 20 })), { maxLength: 6 }),
    fc.constantFrom(0, 0, 0, 0, 200, 5_000, 60_000),
  )
  .map(([pieces, padding]) => `x${pieces.join("")}${"y".repeat(padding)}`)

export const oddNumber: fc.Arbitrary<number> = fc.constantFrom(
  0,
  -0,
  -1,
  0.1,
  255,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 63),
  1e21,
  1e308,
  5e-324,
)

/** What may stand where another value was meant. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, "", " ", "null", [], {}, [null], [[]]),
  oddText,
  oddNumber,
  tooDeep,
  tooDeep,
  levelsUpTo(100),
  fc.constant(JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1}}')),
  fc.integer({ min: 100, max: 3_000 }).map((length) => Array.from({ length }, (_, index) => index)),
  fc.integer({ min: 10, max: 2_000 }).map((length) => {
    const names = Array.from({ length }, (_, index) => [`key ${index}`, index] as const)
    return Object.fromEntries(names)
  }),
)

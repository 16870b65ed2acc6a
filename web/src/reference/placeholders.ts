/** Examples name ids that stand for what their reader has. */

export interface Placeholder {
  readonly value: string | number
  /** What stands there for the reader: "a chat of yours". */
  readonly meaning: string
}

export type Placeholders = Readonly<Record<string, Placeholder>>

/** What the reader has, by the name of the placeholder. */
export type OwnValues = Readonly<Record<string, string | number | undefined>>

/** Puts what the reader has into an example, wherever in it; what he has not stays as it is. */
export const fill = (example: unknown, placeholders: Placeholders, own: OwnValues): unknown => {
  const name = Object.keys(placeholders).find((each) => placeholders[each]?.value === example)
  if (name !== undefined) return own[name] ?? example
  if (Array.isArray(example)) return example.map((each) => fill(each, placeholders, own))
  if (typeof example !== "object" || example === null) return example
  return Object.fromEntries(
    Object.entries(example).map(([key, each]) => [String(fill(key, placeholders, own)), fill(each, placeholders, own)]),
  )
}

/** The placeholders that an example names. */
export const namedIn = (example: unknown, placeholders: Placeholders): ReadonlyArray<string> => {
  if (typeof example === "object" && example !== null) {
    return [
      ...new Set(
        Object.entries(example)
          .flat()
          .flatMap((each) => namedIn(each, placeholders)),
      ),
    ]
  }
  return Object.keys(placeholders).filter((name) => placeholders[name]?.value === example)
}

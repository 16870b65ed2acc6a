/**
 * Checks of what came out of a file: anybody may have written it. Each gives the value back as something that the page knows, made anew
 * of the fields that are known, or throws `Wrong`. Nothing is looked up by a name that the file gives.
 */

export type Check<T> = (value: unknown) => T

/** Where it is wrong, from the outside in, and what should be there. */
export class Wrong extends Error {
  override readonly name = "Wrong"
  readonly path: Array<string | number> = []

  /** `transitions[5].version must be a whole number` */
  get sentence(): string {
    const place = this.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("")
    return `${place.replace(/^\./, "") || "it"} ${this.message}`
  }
}

/** Goes in by one step. */
const within = <T>(key: string | number, check: Check<T>, value: unknown): T => {
  try {
    return check(value)
  } catch (error) {
    if (error instanceof Wrong) error.path.unshift(key)
    throw error
  }
}

export const text =
  (most: number): Check<string> =>
  (value) => {
    if (typeof value !== "string") throw new Wrong("must be text")
    if (value.length > most) throw new Wrong(`must have at most ${most.toLocaleString("en")} characters`)
    return value
  }

export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check<number> =>
  (value) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
      throw new Wrong(`must be a whole number ${range}`)
    }
    return value
  }

export const amount: Check<number> = (value) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Wrong("must be a number")
  return value
}

export const yesOrNo: Check<boolean> = (value) => {
  if (typeof value !== "boolean") throw new Wrong("must be true or false")
  return value
}

const EARLIEST = Date.UTC(2000, 0, 1)
const LATEST = Date.UTC(2200, 0, 1)

/** RFC 3339, in years that can be. */
export const time: Check<string> = (value) => {
  const at = typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)$/.test(value)
  const ms = at ? Date.parse(value) : Number.NaN
  if (!(ms >= EARLIEST && ms < LATEST)) throw new Wrong("must be a time between the years 2000 and 2200")
  return value as string
}

export const oneOf = <const Word extends string>(...words: ReadonlyArray<Word>): Check<Word> => {
  const known: ReadonlyMap<unknown, Word> = new Map(words.map((word) => [word, word]))
  return (value) => {
    const word = known.get(value)
    if (word === undefined) throw new Wrong(`must be one of ${words.join(", ")}`)
    return word
  }
}

export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value) =>
    value === null ? null : check(value)

export const list =
  <T>(check: Check<T>, most: number): Check<ReadonlyArray<T>> =>
  (value) => {
    if (!Array.isArray(value)) throw new Wrong("must be a list")
    if (value.length > most) throw new Wrong(`must have at most ${most.toLocaleString("en")} entries`)
    return value.map((entry: unknown, index) => within(index, check, entry))
  }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const record: Check<Readonly<Record<string, unknown>>> = (value) => {
  if (!isRecord(value)) throw new Wrong("must be an object")
  return value
}

type Checks = { readonly [name: string]: Check<unknown> }
type Checked<All extends Checks> = { readonly [Name in keyof All]: ReturnType<All[Name]> }

/** An object of these fields; others are left behind. What is optional may be missing, and is not null. */
export const struct = <Needed extends Checks, Known extends Checks = Record<never, never>>(
  needed: Needed,
  known?: Known,
): Check<Checked<Needed> & Partial<Checked<Known>>> => {
  const must = Object.entries(needed)
  const may = Object.entries(known ?? {})
  return (value) => {
    const given = record(value)
    const made: Record<string, unknown> = {}
    for (const [name, check] of must) {
      if (!Object.hasOwn(given, name)) throw new Wrong(`lacks ${name}`)
      made[name] = within(name, check, given[name])
    }
    for (const [name, check] of may) if (Object.hasOwn(given, name)) made[name] = within(name, check, given[name])
    return made as Checked<Needed> & Partial<Checked<Known>>
  }
}

/** Levels of a value whose shape nobody knows: arguments and results of tools, details of the journal. */
const DEEPEST = 100

const measure = (value: unknown, depth: number): void => {
  if (typeof value !== "object" || value === null) return
  if (depth >= DEEPEST) throw new Wrong(`must be at most ${DEEPEST} levels deep`)
  for (const inner of Object.values(value)) measure(inner, depth + 1)
}

export const json: Check<unknown> = (value) => {
  measure(value, 0)
  return value
}

export const jsonRecord: Check<Readonly<Record<string, unknown>>> = (value) => {
  measure(value, 0)
  return record(value)
}

/** A map of names, kept as one: the keys are whatever the file says. */
export const names =
  (most: number, longest: number): Check<ReadonlyMap<string, string>> =>
  (value) => {
    const entries = Object.entries(record(value))
    if (entries.length > most) throw new Wrong(`must have at most ${most} entries`)
    const check = text(longest)
    return new Map(entries.map(([name, given]) => [check(name), within(name, check, given)]))
  }

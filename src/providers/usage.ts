import type { JsonRecord } from "./json.ts"

/**
 * Token counts as a provider gives them: whole numbers from 0 to 2^53-1. Fractions are rounded and numbers in text are read;
 * what else there is counts as unknown and is written down for the log.
 */
export class TokenCounts {
  /** `field: value` of each count that was dropped. */
  readonly dropped: Array<string> = []

  of(usage: JsonRecord | undefined, field: string): number | undefined {
    const given = usage?.[field]
    if (given === undefined || given === null || given === "") return undefined
    const value = typeof given === "number" || typeof given === "string" ? Number(given) : Number.NaN
    const count = Math.round(value)
    if (value >= 0 && Number.isSafeInteger(count)) return count
    this.dropped.push(`${field}: ${String(given).slice(0, 40)}`)
    return undefined
  }
}

/** The sum of the counts that are known; undefined when none is, or when it is no count any more. */
export const sumOf = (...counts: ReadonlyArray<number | undefined>): number | undefined => {
  const known = counts.filter((count) => count !== undefined)
  const sum = known.reduce((total, count) => total + count, 0)
  return known.length > 0 && Number.isSafeInteger(sum) ? sum : undefined
}

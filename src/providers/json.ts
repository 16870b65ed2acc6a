/** Reading what a provider sent: JSON of unknown shape, where every field may be missing or of another type. */

export type JsonRecord = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const asRecord = (value: unknown): JsonRecord | undefined => (isRecord(value) ? value : undefined)

export const asArray = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The entries that are objects; the others are dropped. */
export const asRecords = (value: unknown): ReadonlyArray<JsonRecord> => asArray(value).filter(isRecord)

/** A string that is not empty. */
export const asString = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** An id: a string that is not empty and not longer than any id. */
export const asId = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= 512 ? value : undefined

/** A finite number. */
export const asNumber = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

export const asBoolean = (value: unknown): boolean | undefined => (typeof value === "boolean" ? value : undefined)

/** The parsed text, or undefined when it is not JSON. (JSON itself has no undefined.) */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether arrays and objects stand in each other more than `levels` deep. Flat itself: what it asks about may be anything. */
export const nestsDeeper = (value: unknown, levels: number): boolean => {
  const isNest = (inner: unknown): inner is object => typeof inner === "object" && inner !== null
  let nests: ReadonlyArray<object> = isNest(value) ? [value] : []
  for (let level = 0; level < levels && nests.length > 0; level++) {
    nests = nests.flatMap((nest) => Object.values(nest).filter(isNest))
  }
  return nests.length > 0
}

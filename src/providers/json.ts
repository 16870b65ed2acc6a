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

const STRING_OR_NO_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g

/** The text with null where Python and others write numbers that JSON does not have. */
export const withoutNoNumbers = (text: string): string =>
  text.replace(STRING_OR_NO_NUMBER, (found) => (found.startsWith('"') ? found : "null"))

/** The parsed text, or undefined when it is not JSON. (JSON itself has no undefined.) */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

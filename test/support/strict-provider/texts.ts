import { type Body, isObject, list, objects } from "../scripted-provider/checks.ts"

/** What all strict servers demand of texts, names and values. Each check returns the words of the refusal, or undefined. */

const NESTING = 100

const isTooDeep = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1)))

/** Neither NUL nor half a surrogate pair, anywhere. */
export const badText = (value: unknown): string | undefined => {
  if (typeof value === "string") {
    return value.isWellFormed() && !value.includes("\0") ? undefined : "The request is not valid UTF-8 text."
  }
  if (typeof value !== "object" || value === null) return undefined
  for (const inner of Object.values(value)) {
    const bad = badText(inner)
    if (bad !== undefined) return bad
  }
  return undefined
}

export const badName = (name: unknown, limit: number): string | undefined =>
  typeof name === "string" && /^[a-zA-Z_][a-zA-Z0-9_-]*$/.test(name) && name.length <= limit
    ? undefined
    : `Invalid function name: ${String(name)}.`

/** Arguments are an object, not nested deeper than the server's parser goes. */
export const badArguments = (args: unknown): string | undefined => {
  if (!isObject(args)) return "Function arguments are no object."
  return isTooDeep(args, NESTING) ? "Function arguments are nested too deep." : undefined
}

/** A blank text, or none where something must be said. */
export const isEmpty = (content: unknown): boolean => {
  if (typeof content === "string") return content.trim() === ""
  return (
    list(content).length === 0 || objects(content).some(({ text }) => typeof text === "string" && text.trim() === "")
  )
}

export const parsed = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

/** The first id that stands twice. */
export const repeated = (ids: ReadonlyArray<unknown>): unknown => ids.find((id, index) => ids.indexOf(id) !== index)

export type Refuse = (body: Body) => string | undefined

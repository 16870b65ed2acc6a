/** Checks that the strict protocols share. Each returns the words of the refusal, or undefined. */

export type Body = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

export const objects = (value: unknown): ReadonlyArray<Body> => list(value).filter(isObject)

export const unknownField = (body: Body, allowed: ReadonlyArray<string>, where: string): string | undefined => {
  const field = Object.keys(body).find((name) => !allowed.includes(name))
  return field === undefined ? undefined : `Unknown parameter: '${where}${field}'.`
}

/** The first refusal of a list of checks. */
export const first = <A>(values: ReadonlyArray<A>, check: (value: A, index: number) => string | undefined) => {
  for (const [index, value] of values.entries()) {
    const refusal = check(value, index)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

const badRequired = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.some(badRequired)
  if (!isObject(schema)) return false
  if ("required" in schema && !Array.isArray(schema["required"]) && !isObject(schema["required"])) return true
  return Object.values(schema).some(badRequired)
}

/** A tool's name and schema. */
export const badTool = (name: unknown, schema: unknown): string | undefined => {
  if (typeof name !== "string" || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return `Invalid tool name: ${String(name)}.`
  if (!isObject(schema) || schema["type"] !== "object")
    return `Invalid schema for function '${name}': type must be object.`
  if (badRequired(schema)) return `Invalid schema for function '${name}': None is not of type 'array'.`
  return undefined
}

export const duplicate = (names: ReadonlyArray<unknown>): unknown =>
  names.find((name, index) => names.indexOf(name) !== index)

export const isJson = (text: unknown): boolean => {
  if (typeof text !== "string") return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

import { MOST_JSON_LEVELS, nestsDeeper } from "../contract/json-depth.ts"

const TOO_DEEP = "[nested too deep to be shown]"

const cut = (value: unknown, levels: number): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (levels === 0) return TOO_DEEP
  if (Array.isArray(value)) return value.map((inner) => cut(inner, levels - 1))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner, levels - 1)]))
}

/**
 * The value with nothing nested deeper than `MOST_JSON_LEVELS`; words stand where something was. Servers and their parsers end at
 * some depth, each at its own; none refuses this one.
 */
export const boundedNesting = (value: unknown): unknown => (nestsDeeper(value) ? cut(value, MOST_JSON_LEVELS) : value)

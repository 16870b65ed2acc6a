/** Servers and their parsers end at some depth, each at its own; none refuses this one. */
export const MAX_NESTING = 100

const TOO_DEEP = "[nested too deep to be shown]"

const isDeeper = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

const cut = (value: unknown, levels: number): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (levels === 0) return TOO_DEEP
  if (Array.isArray(value)) return value.map((inner) => cut(inner, levels - 1))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner, levels - 1)]))
}

/** The value with nothing nested deeper than 100 levels, counted from 1; words stand where something was. */
export const boundedNesting = (value: unknown): unknown =>
  isDeeper(value, MAX_NESTING) ? cut(value, MAX_NESTING) : value

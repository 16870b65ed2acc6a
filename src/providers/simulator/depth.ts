const insideOf = (container: object): ReadonlyArray<object> =>
  Object.values(container).filter((value: unknown): value is object => typeof value === "object" && value !== null)

/**
 * Whether a JSON value has lists and objects inside each other on more than `limit` levels. Looks at it level by level: it may
 * be nested deeper than functions can call each other.
 */
export const isDeeperThan = (limit: number, value: unknown): boolean => {
  let level = insideOf([value])
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap(insideOf)
  }
  return false
}

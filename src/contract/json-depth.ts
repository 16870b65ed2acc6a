/**
 * Levels of lists and objects in one another that JSON from outside may have: far more than anybody needs, and far fewer than
 * what makes `JSON.stringify` and other recursion run out of stack.
 */
export const MOST_JSON_LEVELS = 100

/** Steps of the path that name the place; what lies deeper is the sender's own. */
const NAMED_STEPS = 3

interface Level {
  readonly value: object
  readonly level: number
  readonly path: ReadonlyArray<string | number>
}

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null

/**
 * The first steps to a place that is deeper than `MOST_JSON_LEVELS`, counting `value` itself; undefined where there is none.
 * Without recursion, since it is asked of values that recursion would not survive.
 */
export const placeTooDeep = (value: unknown): ReadonlyArray<string | number> | undefined => {
  const levels: Array<Level> = isNested(value) ? [{ value, level: 1, path: [] }] : []
  for (let at = levels.pop(); at !== undefined; at = levels.pop()) {
    const { level, path } = at
    if (level > MOST_JSON_LEVELS) return path
    const isList = Array.isArray(at.value)
    for (const [key, inner] of Object.entries(at.value)) {
      if (!isNested(inner)) continue
      const step = isList ? Number(key) : key
      levels.push({ value: inner, level: level + 1, path: path.length < NAMED_STEPS ? [...path, step] : path })
    }
  }
  return undefined
}

/** Whether lists and objects stand in one another on more than `levels` levels, counting `value` itself. Without recursion, too. */
export const nestsDeeper = (value: unknown, levels: number = MOST_JSON_LEVELS): boolean => {
  let level: ReadonlyArray<object> = isNested(value) ? [value] : []
  for (let depth = 0; depth < levels && level.length > 0; depth++) {
    level = level.flatMap((container) => Object.values(container).filter(isNested))
  }
  return level.length > 0
}

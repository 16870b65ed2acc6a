/** Pairs such as `status:active` within the text of a search. The text is the one truth: filters read it and write into it. */

const pairs = (key: string) => new RegExp(`(^|\\s)${key}:(?:"[^"]*"|\\S*)`, "gi")

/** The value of the last such pair; undefined where there is none, or an empty one. */
export const pairOf = (text: string, key: string): string | undefined => {
  const last = text.match(pairs(key))?.at(-1)
  const value = last?.slice(last.indexOf(":") + 1).replaceAll('"', "")
  return value === "" ? undefined : value
}

/** The text with this pair in place of those of its key; without any, where no value is given. */
export const withPair = (text: string, key: string, value: string | undefined): string =>
  `${text.replace(pairs(key), "")} ${value === undefined ? "" : `${key}:${value}`}`.replace(/\s+/g, " ").trim()

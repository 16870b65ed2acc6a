/** The searches of lists: words, and `key:value` pairs; quotes keep spaces within one. */

export interface Fault {
  readonly field: string
  readonly detail: string
}

const TOKEN = /(?:([A-Za-z_]+):)?(?:"([^"]*)"|(\S+))/g

export const isFlag = (text: string): boolean => text === "true" || text === "false"

/**
 * Reads a search from left to right. `add` gives the filter with one more pair, or what is wrong with its value; a word has no
 * key. A value that is empty is left out, as one that is being written.
 */
export const readQuery = <Filter extends object>(
  q: string,
  empty: Filter,
  add: (filter: Filter, key: string | undefined, value: string) => Filter | string,
): Filter | ReadonlyArray<Fault> => {
  const faults: Array<Fault> = []
  let filter = empty
  for (const [, key, quoted, bare] of q.matchAll(TOKEN)) {
    const value = quoted ?? bare ?? ""
    if (value === "") continue
    const next = add(filter, key?.toLowerCase(), value)
    if (typeof next === "string") faults.push({ field: key ?? "q", detail: next })
    else filter = next
  }
  return faults.length > 0 ? faults : filter
}

export const isFaults = (read: object): read is ReadonlyArray<Fault> => Array.isArray(read)

/** What a command has to say: for people, and for programs (`--json`). */
export interface Said {
  readonly json: unknown
  readonly text: string
  /** What is to be known beside it, on standard error, so that it is not taken for the answer. */
  readonly note?: string
  /** The command was carried out as far as it could be, and that is not all. */
  readonly incomplete?: boolean
}

/** Columns that stand under one another; the last one ends with its text. */
export const table = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const all = [heads, ...rows]
  const widths = heads.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)))
  return all
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

/** A time for people: the minute, in UTC. */
export const minute = (time: Date | null): string =>
  time === null ? "never" : `${time.toISOString().slice(0, 16).replace("T", " ")}Z`

export const plural = (count: number, one: string): string => (count === 1 ? `1 ${one}` : `${count} ${one}s`)

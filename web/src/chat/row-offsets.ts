/** Heights that rows were drawn with, by their keys, in pixels. */
export type KnownHeights = Map<string, number>

/** A row that can be placed before it was ever drawn. */
export interface Placeable {
  readonly key: string
}

/** Rows `from` up to `to`, and the room that those before and after them take, in pixels. */
export interface Range {
  readonly from: number
  readonly to: number
  readonly before: number
  readonly after: number
}

/** Where the rows of one list stand, from heights that are known and those that are guessed. */
export class RowOffsets {
  readonly #heights: Float64Array
  /** Where each row begins, and at the end the whole; right up to `#exact`. */
  readonly #starts: Float64Array
  readonly #indexes = new Map<string, number>()
  readonly #rows: ReadonlyArray<Placeable>
  #exact = 0

  constructor(rows: ReadonlyArray<Placeable>, heightOf: (index: number) => number) {
    this.#rows = rows
    this.#heights = Float64Array.from(rows, (_, index) => heightOf(index))
    this.#starts = new Float64Array(rows.length + 1)
    for (const [index, { key }] of rows.entries()) this.#indexes.set(key, index)
  }

  get count(): number {
    return this.#heights.length
  }

  get total(): number {
    return this.startOf(this.count)
  }

  indexOf(key: string): number | undefined {
    return this.#indexes.get(key)
  }

  /** Where a row begins; behind the last, where the list ends. */
  startOf(index: number): number {
    const wanted = Math.min(Math.max(index, 0), this.count)
    for (; this.#exact < wanted; this.#exact++) {
      this.#starts[this.#exact + 1] = (this.#starts[this.#exact] ?? 0) + (this.#heights[this.#exact] ?? 0)
    }
    return this.#starts[wanted] ?? 0
  }

  /** True when that is another height than the one it had. */
  setHeight(index: number, height: number): boolean {
    if (index < 0 || index >= this.count || this.#heights[index] === height) return false
    this.#heights[index] = height
    this.#exact = Math.min(this.#exact, index)
    return true
  }

  /** The row at a distance from the beginning: the first or the last where that is outside. */
  rowAt(distance: number): number {
    let low = 0
    let high = Math.max(0, this.count - 1)
    this.startOf(this.count)
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= distance) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Key of the row at a distance from the beginning; undefined where there are no rows. */
  keyAt(distance: number): string | undefined {
    return this.#rows[this.rowAt(distance)]?.key
  }

  /** The rows that stand between two distances from the beginning, with one more at each side. */
  between(start: number, end: number): Range {
    const from = Math.max(0, this.rowAt(start) - 1)
    const to = Math.min(this.count, this.rowAt(end) + 2)
    return { from, to, before: this.startOf(from), after: this.total - this.startOf(to) }
  }
}

/** Rows of one height in a box that scrolls: which of them are drawn, and where. Browsers draw no box of more than some ten million pixels. */

/** CSS pixels. Beyond it a pixel of scrolling stands for more than one. */
const TALLEST = 8_000_000
/** Rows drawn beyond what is seen, at each end. */
const SPARE = 6

export interface RowWindow {
  /** Index of the first row that is drawn, and how many are. */
  readonly from: number
  readonly count: number
  /** Distance of the first row that is drawn from the top of all. */
  readonly top: number
  /** Of the box that scrolls. */
  readonly height: number
}

interface Scroll {
  readonly rows: number
  readonly rowHeight: number
  readonly viewport: number
  readonly scrollTop: number
}

const heightOf = ({ rows, rowHeight }: Pick<Scroll, "rows" | "rowHeight">): number =>
  Math.min(rows * rowHeight, TALLEST)

/** Pixels of rows for a pixel of scrolling. */
const scaleOf = ({ rows, rowHeight, viewport }: Omit<Scroll, "scrollTop">): number => {
  const room = heightOf({ rows, rowHeight }) - viewport
  return room <= 0 ? 1 : Math.max(1, (rows * rowHeight - viewport) / room)
}

export const windowOf = (scroll: Scroll): RowWindow => {
  const { rows, rowHeight, viewport, scrollTop } = scroll
  const seenFrom = (Math.max(0, scrollTop) * scaleOf(scroll)) / rowHeight
  const from = Math.max(0, Math.min(rows - 1, Math.floor(seenFrom) - SPARE))
  const count = Math.max(0, Math.min(rows - from, Math.ceil(viewport / rowHeight) + 2 * SPARE + 1))
  return { from, count, top: scrollTop + (from - seenFrom) * rowHeight, height: heightOf(scroll) }
}

/** Where to scroll so that a row is seen: nowhere while it is, else so that it stands a little above the middle. */
export const scrollTo = (scroll: Scroll, row: number): number => {
  const { rowHeight, viewport, scrollTop } = scroll
  const scale = scaleOf(scroll)
  const top = row * rowHeight
  const seen = scrollTop * scale
  if (top >= seen && top + rowHeight <= seen + viewport) return scrollTop
  const wanted = (top - viewport * 0.45) / scale
  return Math.max(0, Math.min(heightOf(scroll) - viewport, wanted))
}

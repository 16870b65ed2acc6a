import { type RefObject, useEffect, useState } from "react"
import { type RowWindow, scrollTo, windowOf } from "./row-window.ts"

const ROW = 28
/** Two lines, which a finger finds. */
const NARROW_ROW = 44
const NARROW_BELOW = 520
const WIDE_FROM = 760

/** `narrow`: no room for a line with all columns; `wide`: for all that there are. */
export type Room = "narrow" | "normal" | "wide"

export interface RowBox {
  readonly window: RowWindow
  readonly rowHeight: number
  readonly room: Room
  /** Rows that are seen at once, at least one. */
  readonly page: number
  readonly show: (row: number) => void
  /** The last row is seen. */
  readonly atEnd: () => boolean
}

interface Seen {
  readonly scrollTop: number
  readonly viewport: number
  readonly width: number
}

/** A box that scrolls through rows, and draws those that are seen. `ref` is the element that scrolls. */
export const useRowBox = (ref: RefObject<HTMLDivElement | null>, rows: number): RowBox => {
  const [seen, setSeen] = useState<Seen>({ scrollTop: 0, viewport: 400, width: 600 })
  useEffect(() => {
    const box = ref.current
    if (box === null) return
    const look = () => setSeen({ scrollTop: box.scrollTop, viewport: box.clientHeight, width: box.clientWidth })
    const resized = new ResizeObserver(look)
    resized.observe(box)
    box.addEventListener("scroll", look, { passive: true })
    look()
    return () => {
      resized.disconnect()
      box.removeEventListener("scroll", look)
    }
  }, [ref])
  const room = seen.width < NARROW_BELOW ? "narrow" : seen.width < WIDE_FROM ? "normal" : "wide"
  const rowHeight = room === "narrow" ? NARROW_ROW : ROW
  const scroll = { rows, rowHeight, viewport: seen.viewport, scrollTop: seen.scrollTop }
  return {
    window: windowOf(scroll),
    rowHeight,
    room,
    page: Math.max(1, Math.floor(seen.viewport / rowHeight) - 1),
    show: (row) => {
      const box = ref.current
      if (box === null) return
      box.scrollTop = scrollTo({ ...scroll, viewport: box.clientHeight, scrollTop: box.scrollTop }, row)
    },
    atEnd: () => {
      const box = ref.current
      return box === null || box.scrollHeight - box.scrollTop - box.clientHeight < 2 * rowHeight
    },
  }
}

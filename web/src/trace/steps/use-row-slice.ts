import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react"

/** Rows of one height, of which only those in sight are drawn. */
export interface RowSlice {
  readonly boxRef: RefObject<HTMLDivElement | null>
  readonly from: number
  readonly to: number
  readonly onScroll: () => void
  /** Brings a row into sight. */
  readonly show: (index: number) => void
}

/** Rows that are drawn beyond the edges, so that a turn of the wheel finds them there. */
const BEYOND = 12

export const useRowSlice = (count: number, rowPx: number): RowSlice => {
  const boxRef = useRef<HTMLDivElement>(null)
  const [slice, setSlice] = useState({ from: 0, to: 60 })
  const look = useCallback(() => {
    const box = boxRef.current
    if (box === null) return
    const from = Math.max(0, Math.floor(box.scrollTop / rowPx) - BEYOND)
    const to = Math.ceil((box.scrollTop + box.clientHeight) / rowPx) + BEYOND
    setSlice((held) => (held.from === from && held.to === to ? held : { from, to }))
  }, [rowPx])
  useLayoutEffect(() => {
    const box = boxRef.current
    if (box === null) return undefined
    look()
    const sizes = new ResizeObserver(look)
    sizes.observe(box)
    return () => sizes.disconnect()
  }, [look, count])
  const show = useCallback(
    (index: number) => {
      const box = boxRef.current
      if (box === null) return
      const top = index * rowPx
      if (top < box.scrollTop) box.scrollTop = top
      else if (top + rowPx > box.scrollTop + box.clientHeight) box.scrollTop = top + rowPx - box.clientHeight
      look()
    },
    [look, rowPx],
  )
  return { boxRef, from: slice.from, to: Math.min(count, slice.to), onScroll: look, show }
}

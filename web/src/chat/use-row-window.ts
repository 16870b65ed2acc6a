import { type RefObject, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react"
import { flushSync } from "react-dom"
import type { Placeable, Range } from "./row-offsets.ts"
import { type Place, RowViewport } from "./row-viewport.ts"

export interface RowWindow extends Place, Pick<RowViewport, "rowRef" | "toBottom" | "toRow"> {
  /** The box that scrolls, all that is in it, and in this the rows with the room before and after them. */
  readonly boxRef: RefObject<HTMLDivElement | null>
  readonly contentRef: RefObject<HTMLDivElement | null>
  readonly listRef: RefObject<HTMLDivElement | null>
  /** Which rows to draw. */
  readonly range: Range
}

/** Draws only the rows around the reader, see `RowViewport`. */
export const useRowWindow = <R extends Placeable>(
  rows: ReadonlyArray<R>,
  guessHeight: (row: R) => number,
): RowWindow => {
  const boxRef = useRef<HTMLDivElement>(null)
  const contentRef = useRef<HTMLDivElement>(null)
  const listRef = useRef<HTMLDivElement>(null)
  const [viewport] = useState(() => new RowViewport(flushSync))
  const place = useSyncExternalStore(viewport.subscribe, viewport.place)
  const offsets = useMemo(() => viewport.offsetsOf(rows, guessHeight), [viewport, rows, guessHeight])
  const range = viewport.rangeIn(offsets)

  useLayoutEffect(() => {
    const [box, content, list] = [boxRef.current, contentRef.current, listRef.current]
    return box && content && list ? viewport.attach({ box, content, list }) : undefined
  }, [viewport])
  useLayoutEffect(() => viewport.drew(offsets, range))

  return {
    ...place,
    boxRef,
    contentRef,
    listRef,
    range,
    rowRef: viewport.rowRef,
    toBottom: viewport.toBottom,
    toRow: viewport.toRow,
  }
}

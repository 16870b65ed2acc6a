import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react"
import { placeAfterDrag } from "../chats/pins.ts"

/** Moved this far, a press is a drag. */
const SLOP = 5
/** A finger that stays for so long has taken hold of the row; one that moves before scrolls the list. */
const HOLD_MS = 200
/** A drop that no click has come with by then has none. */
const CLICK_MS = 300

/** The click that a drop ends with opens nothing. One that begins with a press of its own is another. */
const swallowClick = () => {
  const over = new AbortController()
  const capture = { capture: true, signal: over.signal }
  const end = () => over.abort()
  document.addEventListener(
    "click",
    (click) => {
      click.preventDefault()
      click.stopPropagation()
      end()
    },
    capture,
  )
  document.addEventListener("pointerdown", end, capture)
  setTimeout(end, CLICK_MS)
}

interface Drag {
  readonly from: number
  readonly to: number
  readonly dy: number
  readonly heights: ReadonlyArray<number>
}

/**
 * Moving the rows of a list by mouse, pen and finger, and by Alt with the arrow keys. `list` is for the element that has one child
 * for each row; `onMove` is told where from and where to. Esc lets go.
 */
export const usePinDrag = <List extends HTMLElement>(onMove: (from: number, to: number) => void) => {
  const list = useRef<List>(null)
  const focusAt = useRef<number>(undefined)
  const [drag, setDrag] = useState<Drag>()
  const letGo = useRef<() => void>(undefined)
  useEffect(() => () => letGo.current?.(), [])

  // A row that moves in the page loses the focus.
  useLayoutEffect(() => {
    const row = focusAt.current === undefined ? undefined : list.current?.children[focusAt.current]
    focusAt.current = undefined
    row?.querySelector<HTMLElement>("[data-item]")?.focus()
  })

  /** The row in which something happened, and all of them. */
  const rowOf = (target: EventTarget) => {
    const rows = [...(list.current?.children ?? [])]
    return { rows, from: rows.findIndex((row) => target instanceof Node && row.contains(target)) }
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (step === undefined || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const { rows, from } = rowOf(event.target)
    const to = from + step
    if (from === -1 || to < 0 || to >= rows.length) return
    focusAt.current = to
    onMove(from, to)
  }

  const onPointerDown = (event: PointerEvent) => {
    const { rows, from } = rowOf(event.target)
    const onAction = event.target instanceof Element && event.target.closest("[data-item-action], [role=menu], input")
    if (event.button !== 0 || from === -1 || onAction || letGo.current !== undefined) return
    const { clientY: start, pointerType, pointerId } = event
    const heights = rows.map((row) => row.getBoundingClientRect().height)
    let now: Drag | undefined
    const show = (next: Drag | undefined) => {
      now = next
      setDrag(next)
    }
    const hold =
      pointerType === "touch" ? setTimeout(() => show({ from, to: from, dy: 0, heights }), HOLD_MS) : undefined

    const move = (moved: globalThis.PointerEvent) => {
      if (moved.pointerId !== pointerId) return
      const dy = moved.clientY - start
      if (now === undefined && Math.abs(dy) < SLOP) return
      if (now === undefined && hold !== undefined) return end()
      show({ from, to: placeAfterDrag(heights, from, dy), dy, heights })
    }
    const up = () => {
      const dropped = now
      end()
      if (dropped === undefined) return
      swallowClick()
      if (dropped.to !== dropped.from) onMove(dropped.from, dropped.to)
    }
    const key = (pressed: globalThis.KeyboardEvent) => {
      if (pressed.key !== "Escape" || now === undefined) return
      pressed.preventDefault()
      pressed.stopPropagation()
      end()
    }
    /** A finger that drags does not scroll, nor open the menu of its browser. */
    const prevent = (native: Event) => {
      if (now !== undefined) native.preventDefault()
    }
    const end = () => {
      clearTimeout(hold)
      document.removeEventListener("pointermove", move)
      document.removeEventListener("pointerup", up)
      document.removeEventListener("pointercancel", end)
      document.removeEventListener("keydown", key, { capture: true })
      document.removeEventListener("touchmove", prevent)
      document.removeEventListener("contextmenu", prevent)
      letGo.current = undefined
      show(undefined)
    }
    letGo.current = end
    document.addEventListener("pointermove", move)
    document.addEventListener("pointerup", up)
    document.addEventListener("pointercancel", end)
    document.addEventListener("keydown", key, { capture: true })
    document.addEventListener("touchmove", prevent, { passive: false })
    document.addEventListener("contextmenu", prevent)
  }

  /** How many pixels a row stands from its place while one is dragged. */
  const shiftOf = (index: number): number => {
    if (drag === undefined) return 0
    if (index === drag.from) return drag.dy
    const height = drag.heights[drag.from] ?? 0
    if (drag.from < index && index <= drag.to) return -height
    return drag.to <= index && index < drag.from ? height : 0
  }

  return { list: { ref: list, onKeyDown, onPointerDown }, shiftOf, dragged: drag?.from }
}

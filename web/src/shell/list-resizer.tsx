import type { KeyboardEvent, PointerEvent } from "react"
import { LIST_WIDTH, setListHidden, setListWidth, useListWidth } from "./list-pane.ts"

const KEY_STEP = 16
/** Dragged this far below the least width, the list is put away. */
const CLOSES_BELOW = LIST_WIDTH.least - 80

const widthByKey = (key: string, width: number): number | undefined => {
  switch (key) {
    case "ArrowLeft":
      return width - KEY_STEP
    case "ArrowRight":
      return width + KEY_STEP
    case "Home":
      return LIST_WIDTH.least
    case "End":
      return LIST_WIDTH.most
    default:
      return undefined
  }
}

/** The edge of the chat list: dragged, moved by arrow keys, and set back by a double click. */
export const ListResizer = () => {
  const width = useListWidth()

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return
    event.preventDefault()
    const { currentTarget: edge, clientX: from } = event
    edge.setPointerCapture(event.pointerId)
    const move = ({ clientX }: globalThis.PointerEvent) => {
      const wanted = width + clientX - from
      if (wanted < CLOSES_BELOW) setListHidden(true)
      else setListWidth(wanted)
    }
    edge.addEventListener("pointermove", move)
    edge.addEventListener("lostpointercapture", () => edge.removeEventListener("pointermove", move), { once: true })
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const next = widthByKey(event.key, width)
    if (next === undefined) return
    event.preventDefault()
    setListWidth(next)
  }

  return (
    <div
      role="separator"
      aria-label="Width of the chat list"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={LIST_WIDTH.least}
      aria-valuemax={LIST_WIDTH.most}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onDoubleClick={() => setListWidth(LIST_WIDTH.usual)}
      onKeyDown={onKeyDown}
      className="absolute inset-y-0 -right-1 z-20 w-2 cursor-col-resize touch-none outline-offset-[-2px] transition-colors hover:bg-accent/25 active:bg-accent/40 max-md:hidden"
    />
  )
}

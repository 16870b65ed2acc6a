import { type RefObject, useEffect, useLayoutEffect } from "react"
import { type MenuPlace, placeBeside } from "./menu-place.ts"

interface Overlay extends MenuPlace {
  /** A native popover of the kind `manual`. */
  readonly box: RefObject<HTMLElement | null>
  /** What it belongs to. */
  readonly button: RefObject<HTMLElement | null>
  /** Focuses what is to be used first in it. */
  readonly begin: (box: HTMLElement) => void
  readonly close: () => void
}

/**
 * While the component is there its box lies above everything else, beside its button, whatever lies around it in the page, and still
 * within the landmark of the button. A press elsewhere closes it. `begin` and `close` stay the same from one render to the next.
 */
export const useOverlay = ({ box, button, side, align, begin, close }: Overlay): void => {
  useLayoutEffect(() => {
    const element = box.current
    const opener = button.current
    if (element === null || opener === null) return
    element.showPopover()
    const place = () => placeBeside(element, opener, { side, align })
    place()
    begin(element)
    // What is in it comes and goes while one searches.
    const grown = new ResizeObserver(place)
    grown.observe(element)
    window.addEventListener("resize", place)
    document.addEventListener("scroll", place, { capture: true, passive: true })
    return () => {
      grown.disconnect()
      window.removeEventListener("resize", place)
      document.removeEventListener("scroll", place, { capture: true })
    }
  }, [box, button, side, align, begin])

  useEffect(() => {
    const onPointerDown = ({ target }: PointerEvent) => {
      const within = target instanceof Node && (box.current?.contains(target) || button.current?.contains(target))
      if (within !== true) close()
    }
    document.addEventListener("pointerdown", onPointerDown, { capture: true })
    return () => document.removeEventListener("pointerdown", onPointerDown, { capture: true })
  }, [box, button, close])
}

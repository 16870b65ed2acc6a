import { type RefObject, useLayoutEffect, useRef, useState } from "react"

/** The width of an element in whole pixels, 0 before it is there. */
export const useWidth = <E extends HTMLElement>(): readonly [ref: RefObject<E | null>, width: number] => {
  const ref = useRef<E>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return undefined
    const look = () => setWidth(Math.round(element.clientWidth))
    look()
    const sizes = new ResizeObserver(look)
    sizes.observe(element)
    return () => sizes.disconnect()
  }, [])
  return [ref, width]
}

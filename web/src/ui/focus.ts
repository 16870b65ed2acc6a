import { type RefObject, useEffect, useRef } from "react"

/** Puts the focus on the element when it first appears. For the one field that a page is about. */
export const useFocusOnMount = <E extends HTMLElement>(): RefObject<E | null> => {
  const ref = useRef<E>(null)
  useEffect(() => ref.current?.focus(), [])
  return ref
}

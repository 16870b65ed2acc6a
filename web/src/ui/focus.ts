import { type RefObject, useEffect, useRef } from "react"

/** Writing there covers half the screen with a keyboard. */
export const isTouchKeyboard = (): boolean => matchMedia("(pointer: coarse) and (hover: none)").matches

/** For what goes away with the focus in it: the focus goes on to the field. Not where that would open a keyboard unasked. */
export const focusToWrite = (field: HTMLElement | null): void => {
  if (!isTouchKeyboard()) field?.focus()
}

/** Puts the focus on the field that a page is about when it first appears. */
export const useFocusOnMount = <E extends HTMLElement>(): RefObject<E | null> => {
  const ref = useRef<E>(null)
  useEffect(() => focusToWrite(ref.current), [])
  return ref
}

import { type RefObject, useLayoutEffect, useRef } from "react"

/** The next approval card, else the message box. */
const focusBeside = (gone: HTMLElement): void => {
  const next = [...document.querySelectorAll<HTMLElement>("[data-approval]")].find((card) => card !== gone)
  const target = next?.querySelector<HTMLElement>("button") ?? document.querySelector<HTMLElement>("textarea")
  target?.focus()
}

/**
 * For a box that goes away when it is answered: the focus, which was in it, goes on to the next one. Call `answered` when an
 * answer is given.
 */
export const useKeepFocus = (): { readonly box: RefObject<HTMLDivElement | null>; readonly answered: () => void } => {
  const box = useRef<HTMLDivElement>(null)
  const wasAnswered = useRef(false)
  useLayoutEffect(() => {
    const shown = box.current
    return () => {
      if (shown !== null && wasAnswered.current) focusBeside(shown)
    }
  }, [])
  return {
    box,
    answered: () => {
      wasAnswered.current = true
    },
  }
}

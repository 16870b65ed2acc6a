import type { FocusEvent, KeyboardEvent } from "react"
import { useRef } from "react"

/** Keys that act on the card which has the focus: not in its first moments, when they meant what stood there before. */

const SETTLE_MS = 500

export type CardKey = "approve" | "approve and allow" | "deny" | "open" | { readonly answer: number }

const isWriting = (target: EventTarget): boolean =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog") !== null

/** What a key means; undefined where it means nothing here, or is a key of the browser or of a field. */
export const cardKey = (
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "repeat">,
): CardKey | undefined => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return undefined
  const key = event.key.toLowerCase()
  if (key === "a") return event.shiftKey ? "approve and allow" : "approve"
  if (event.shiftKey) return undefined
  if (key === "d") return "deny"
  if (key === "enter") return "open"
  return /^[1-9]$/.test(key) ? { answer: Number(key) } : undefined
}

/** @param onKey returns whether the key meant something */
export const useCardKeys = (onKey: (key: CardKey) => boolean) => {
  const since = useRef(Number.POSITIVE_INFINITY)
  return {
    onFocus: ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>) => {
      if (!(relatedTarget instanceof Node) || !currentTarget.contains(relatedTarget)) since.current = performance.now()
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.defaultPrevented || event.nativeEvent.isComposing || isWriting(event.target as Element)) return
      const key = cardKey(event)
      // Enter on one of its buttons presses that.
      if (key === undefined || (key === "open" && event.target !== event.currentTarget)) return
      const settled = key === "open" || performance.now() - since.current >= SETTLE_MS
      if (settled && onKey(key)) event.preventDefault()
    },
  }
}

import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef } from "react"

/** So long nothing on the sheet answers: what was pressed meant something that stood there before. */
const SETTLE_MS = 500

/**
 * False in the first moments of the sheet, and of each call that comes to it later.
 *
 * @returns a function, to be asked when something is pressed
 */
export const useSettled = (ids: ReadonlyArray<string>): (() => boolean) => {
  const seen = useRef<ReadonlySet<string>>(new Set())
  const settledAt = useRef(Number.POSITIVE_INFINITY)
  // Before anything can be pressed on what is shown.
  useLayoutEffect(() => {
    if (ids.some((id) => !seen.current.has(id))) settledAt.current = performance.now() + SETTLE_MS
    seen.current = new Set(ids)
  })
  return () => performance.now() >= settledAt.current
}

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === "text")

type SheetKey = "approve" | "approve all" | "deny"

/** What a key means on the sheet. Nothing in a field, where it is a letter, and nothing with keys of the browser. */
const sheetKey = (event: KeyboardEvent): SheetKey | undefined => {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return undefined
  if (event.isComposing || isText(event.target)) return undefined
  const key = event.key.toLowerCase()
  if (key === "a") return event.shiftKey ? "approve all" : "approve"
  return key === "d" && !event.shiftKey ? "deny" : undefined
}

/** Keys that are pressed while the focus is in the sheet. */
export const useSheetKeys = (sheet: RefObject<HTMLElement | null>, onKey: (key: SheetKey) => void): void => {
  const act = useEffectEvent((event: KeyboardEvent) => {
    const key = sheetKey(event)
    if (key === undefined) return
    event.preventDefault()
    onKey(key)
  })
  useEffect(() => {
    const shown = sheet.current
    const onKeyDown = (event: KeyboardEvent) => act(event)
    shown?.addEventListener("keydown", onKeyDown)
    return () => shown?.removeEventListener("keydown", onKeyDown)
  }, [sheet])
}

/**
 * The sheet has the focus by itself where nothing else has it: who writes goes on writing. When it goes away with the focus in it,
 * the focus goes on to the message box.
 */
export const useSheetFocus = (sheet: RefObject<HTMLElement | null>): void => {
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) {
      sheet.current?.focus({ preventScroll: true })
    }
  }, [sheet])
  useLayoutEffect(() => {
    const shown = sheet.current
    return () => {
      if (shown === null || !shown.contains(document.activeElement)) return
      // On a phone the box comes back only with this very change of the page.
      queueMicrotask(() => document.querySelector<HTMLElement>("textarea")?.focus())
    }
  }, [sheet])
}

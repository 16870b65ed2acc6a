import { useSyncExternalStore } from "react"
import { keepStored, readStored } from "../ui/browser-storage.ts"

/**
 * The chat list beside a chat: how wide it is, and whether it is shown. Kept in this browser. Both stand on the root element, as
 * `--w-list` and `data-list`, where first-paint.js puts them before anything is drawn.
 */

const WIDTH_KEY = "troupe.list-width"
const HIDDEN_KEY = "troupe.list"

/** Pixels. */
export const LIST_WIDTH = { least: 216, most: 480, usual: 288 } as const

const listeners = new Set<() => void>()
const notify = () => {
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const clampWidth = (width: number): number =>
  Math.round(Math.min(Math.max(width, LIST_WIDTH.least), LIST_WIDTH.most))

const currentWidth = (): number => clampWidth(Number(readStored(WIDTH_KEY)) || LIST_WIDTH.usual)

export const setListWidth = (width: number): void => {
  const kept = clampWidth(width)
  document.documentElement.style.setProperty("--w-list", `${kept}px`)
  keepStored(WIDTH_KEY, kept === LIST_WIDTH.usual ? undefined : String(kept))
  notify()
}

const isHidden = (): boolean => document.documentElement.dataset["list"] === "hidden"

export const setListHidden = (hidden: boolean): void => {
  if (hidden) document.documentElement.dataset["list"] = "hidden"
  else delete document.documentElement.dataset["list"]
  keepStored(HIDDEN_KEY, hidden ? "hidden" : undefined)
  notify()
}

export const toggleList = (): void => setListHidden(!isHidden())

export const useListWidth = (): number => useSyncExternalStore(subscribe, currentWidth)
export const useListHidden = (): boolean => useSyncExternalStore(subscribe, isHidden)

import { useSyncExternalStore } from "react"

/** What stands over the whole page, one at a time: the palette, the map of keys, or who reads the open chat. */
export type Overlay = "palette" | "keys" | "share"

let shown: Overlay | undefined
const listeners = new Set<() => void>()

export const showOverlay = (overlay: Overlay | undefined): void => {
  shown = overlay
  for (const listener of listeners) listener()
}

export const openPalette = (): void => showOverlay("palette")

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useOverlay = (): Overlay | undefined => useSyncExternalStore(subscribe, () => shown)

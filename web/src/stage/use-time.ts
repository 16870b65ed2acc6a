import { useSyncExternalStore } from "react"

/** One clock for all cards: hundreds of timers would wake the page hundreds of times. */

const TICK_MS = 1000
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

const tick = (): void => {
  now = Date.now()
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void): (() => void) => {
  if (listeners.size === 0) {
    now = Date.now()
    timer = setInterval(tick, TICK_MS)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

/** Milliseconds of the epoch, anew in steps of at least a second: whoever asks is rendered as often as the step says. */
export const useTime = (stepMs: number): number =>
  useSyncExternalStore(subscribe, () => Math.floor(now / stepMs) * stepMs)

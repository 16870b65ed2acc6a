import { useState, useSyncExternalStore } from "react"

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

/**
 * What is to be shown of the time, looked at each second; whoever asks is rendered only when that has changed.
 *
 * @param show from milliseconds of the epoch to a number or a text
 */
export const useClock = <Shown extends string | number | undefined>(show: (now: number) => Shown): Shown =>
  useSyncExternalStore(subscribe, () => show(now))

/** The time in steps of so many milliseconds. Each of those who ask has steps of its own: they are not all rendered at once. */
export const useTime = (stepMs: number): number => {
  const [phase] = useState(() => Math.random() * stepMs)
  return useClock((now) => Math.floor((now + phase) / stepMs) * stepMs - phase)
}

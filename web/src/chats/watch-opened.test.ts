import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { watchClosed, watchOpened, whenWatching } from "./watch-opened.ts"

beforeEach(() => {
  vi.useFakeTimers()
  watchClosed()
})
afterEach(() => {
  vi.useRealTimers()
})

it("waits for the socket, after which the list has missed nothing", async () => {
  const reading = whenWatching()
  expect(watchOpened()).toBe(false)
  await reading
  await vi.runAllTimersAsync()
  expect(watchOpened()).toBe(false)
})

it("waits a second and no longer, and says then that the list is to be read again, once", async () => {
  const reading = whenWatching()
  await vi.advanceTimersByTimeAsync(1_000)
  await reading
  expect(watchOpened()).toBe(true)
  expect(watchOpened()).toBe(false)
})

it("forgets with the user", async () => {
  const reading = whenWatching()
  await vi.advanceTimersByTimeAsync(1_000)
  await reading
  watchClosed()
  expect(watchOpened()).toBe(false)
})

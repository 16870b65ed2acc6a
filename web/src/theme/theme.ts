import { useSyncExternalStore } from "react"
import { keepStored } from "../ui/browser-storage.ts"

/** `system` follows the operating system. The key is also read by first-paint.js, before the first paint. */
export type Theme = "system" | "light" | "dark"

export const isTheme = (value: string): value is Theme => value === "system" || value === "light" || value === "dark"

const KEY = "troupe.theme"
const listeners = new Set<() => void>()

const current = (): Theme => {
  const { theme } = document.documentElement.dataset
  return theme === "light" || theme === "dark" ? theme : "system"
}

export const showTheme = (theme: Theme): void => {
  if (theme === "system") delete document.documentElement.dataset["theme"]
  else document.documentElement.dataset["theme"] = theme
  keepStored(KEY, theme === "system" ? undefined : theme)
  for (const listener of listeners) listener()
}

const choiceListeners = new Set<(theme: Theme) => void>()

/** Somebody chose it: shown at once, and kept for the person by who listens. */
export const chooseTheme = (theme: Theme): void => {
  showTheme(theme)
  for (const listener of choiceListeners) listener(theme)
}

export const whenThemeIsChosen = (listener: (theme: Theme) => void) => {
  choiceListeners.add(listener)
  return () => void choiceListeners.delete(listener)
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, current)

import type { CSSProperties } from "react"
import { nameOf } from "./chart.ts"

/** The colour of a state: each has a token of its own, and what has none is lit in the accent. */
export const colourOf = (path: string): string => {
  const name = nameOf(path)
  return /^[a-z_]{1,32}$/.test(name) ? `var(--s-${name}, var(--accent))` : "var(--accent)"
}

export const litStyle = (path: string): CSSProperties => ({ "--lit": colourOf(path) }) as CSSProperties

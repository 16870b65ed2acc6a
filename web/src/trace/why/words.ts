import { duration } from "../../chats/time.ts"
import type { TraceAbout } from "../trace-source.ts"

/** Words that all of the reasons are made of. */

/** A piece of a sentence; the cause stands out. */
export interface Phrase {
  readonly text: string
  readonly strong?: true
}

export const plain = (text: string): Phrase => ({ text })
export const strong = (text: string): Phrase => ({ text, strong: true })

export const counted = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`

const two = (value: number): string => String(value).padStart(2, "0")

/** `14:07:54`, in the time of this browser. */
export const clock = (time: string): string => {
  const at = new Date(time)
  return Number.isNaN(at.getTime()) ? "" : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

export const between = (from: string, to: string): string => duration(Math.max(0, Date.parse(to) - Date.parse(from)))

/** `execute, read_file and 2 more` */
export const listed = (names: ReadonlyArray<string>, most = 3): string => {
  const distinct = [...new Set(names)]
  if (distinct.length <= 1) return distinct[0] ?? ""
  const shown = distinct.slice(0, most)
  const left = distinct.length - shown.length
  return left > 0 ? `${shown.join(", ")} and ${left} more` : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`
}

export interface People {
  readonly about: TraceAbout | undefined
  readonly me: string | undefined
}

/** Who did something: the reader himself, the owner by name, or somebody else. */
export const person = (id: string | undefined, { about, me }: People): string | undefined => {
  if (id === undefined) return undefined
  if (id === me) return "you"
  if (id === about?.ownerId) return about.ownerName === "" ? "the owner" : about.ownerName
  return "another person"
}

export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

/** Of somebody's words, as many as a line has room for. */
export const shortened = (text: string, most = 120): string => {
  const line = text.replaceAll(/\s+/g, " ").trim()
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`
}

/** Characters of a sentence that the server, or a file, tells. */
const LONGEST_SENTENCE = 500

/** The end of a sentence that somebody else may have ended already. */
export const sentence = (text: string): string => {
  const told = shortened(text, LONGEST_SENTENCE)
  return /[.!?…]$/.test(told) ? told : `${told}.`
}

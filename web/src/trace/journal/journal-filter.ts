import type { ChatTransition } from "../../../../src/contract/inspection.ts"

/** Which transitions are shown. Empty fields ask for nothing. */
export interface JournalFilter {
  /** In event, states, payload or who, in any case. */
  readonly text: string
  readonly event: string
  /** Left or entered, or one in it. */
  readonly state: string
}

export const noFilter: JournalFilter = { text: "", event: "", state: "" }

export const filters = ({ text, event, state }: JournalFilter): boolean =>
  text.trim() !== "" || event !== "" || state !== ""

const isIn = (path: string, state: string): boolean => path === state || path.startsWith(`${state}.`)

/** Letters of a payload that are looked at: one of a file can be of any size. */
const MOST_LETTERS = 20_000

const textOf = ({ event, from, to, detail, version }: ChatTransition): string =>
  `${version} ${event} ${from} ${to} ${JSON.stringify(detail) ?? ""}`.slice(0, MOST_LETTERS).toLowerCase()

export const matches = ({ text, event, state }: JournalFilter, transition: ChatTransition): boolean => {
  if (event !== "" && transition.event !== event) return false
  if (state !== "" && !isIn(transition.from, state) && !isIn(transition.to, state)) return false
  const wanted = text.trim().toLowerCase()
  return wanted === "" || textOf(transition).includes(wanted)
}

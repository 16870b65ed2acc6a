import type { ChatAtVersion, ChatTransition } from "../../../../src/contract/inspection.ts"

/** What two versions of a chat have in common, and what not. */

/** As text, so that a value of any kind is shown. */
export interface Fact {
  readonly name: string
  readonly value: string
}

export interface Difference {
  readonly name: string
  readonly before: string
  readonly after: string
  readonly isSame: boolean
}

type State = Pick<
  ChatAtVersion,
  "status" | "life" | "mode" | "context" | "pending_calls" | "queued_messages" | "messages" | "attempt" | "transition"
>

const MOST_LISTED = 12

const listed = (words: ReadonlyArray<string>): string =>
  words.length === 0
    ? "none"
    : words.slice(0, MOST_LISTED).join(", ") +
      (words.length > MOST_LISTED ? ` and ${words.length - MOST_LISTED} more` : "")

const ownerOf = (transition: ChatTransition | undefined): string => {
  if (transition === undefined) return "not known"
  return transition.instance === undefined
    ? `epoch ${transition.epoch}`
    : `epoch ${transition.epoch}, server ${transition.instance.slice(0, 8)}`
}

/** What a version says of the chat, in the order in which it is read. */
export const factsOf = (state: State): ReadonlyArray<Fact> => [
  { name: "life", value: state.life },
  { name: "mode", value: state.mode },
  { name: "status", value: state.status },
  ...Object.entries(state.context).map(([name, value]) => ({ name, value: String(value) })),
  { name: "owner", value: ownerOf(state.transition) },
  { name: "messages", value: String(state.messages.length) },
  { name: "queued messages", value: listed(state.queued_messages.map(({ id, kind }) => `${kind} ${id}`)) },
  { name: "pending calls", value: listed(state.pending_calls.map((call) => `${call.tool_name} (${call.state})`)) },
  { name: "open attempt", value: state.attempt === undefined ? "none under way" : `began at ${state.attempt.version}` },
]

/** What differs comes first; `before` is undefined where there was no chat yet. */
export const differences = (before: State | undefined, after: State): ReadonlyArray<Difference> => {
  const old = new Map(before === undefined ? [] : factsOf(before).map(({ name, value }) => [name, value] as const))
  return factsOf(after)
    .map(({ name, value }) => ({ name, before: old.get(name) ?? "", after: value, isSame: old.get(name) === value }))
    .toSorted((a, b) => Number(a.isSame) - Number(b.isSame))
}

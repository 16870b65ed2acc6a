import type { ChatTransition } from "../../../src/contract/inspection.ts"

/** Transitions of one page, the most that are read at once. */
export const TRANSITIONS_PAGE = 100

/** Two lists of transitions as one: newest first, each version once. The first list when nothing is new. */
export const mergeTransitions = (
  held: ReadonlyArray<ChatTransition>,
  more: ReadonlyArray<ChatTransition>,
): ReadonlyArray<ChatTransition> => {
  const versions = new Set(held.map(({ version }) => version))
  const added = more.filter(({ version }) => !versions.has(version))
  return added.length === 0 ? held : [...held, ...added].sort((a, b) => b.version - a.version)
}

/** `after` and `limit` of the page before `oldest`; undefined at the beginning of the chat. */
export const pageBefore = (oldest: number): { readonly after: number; readonly limit: number } | undefined => {
  if (oldest <= 1) return undefined
  const after = Math.max(0, oldest - 1 - TRANSITIONS_PAGE)
  return { after, limit: oldest - 1 - after }
}

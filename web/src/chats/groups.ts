import type { Chat } from "../../../src/contract/chats.ts"
import { pinnedOf } from "./pins.ts"
import { isBusy, isResting } from "./status.ts"
import { isBefore } from "./time.ts"

/** The list of chats in the order in which a person looks at it. */
export interface ChatGroups {
  /** In the order that the person gave them, whatever goes on in them. */
  readonly pinned: ReadonlyArray<Chat>
  readonly needsYou: ReadonlyArray<Chat>
  readonly running: ReadonlyArray<Chat>
  /** Since midnight, where the person is. */
  readonly today: ReadonlyArray<Chat>
  readonly earlier: ReadonlyArray<Chat>
}

export const newestFirst = (a: Chat, b: Chat): number => {
  if (isBefore(b.updated_at, a.updated_at)) return -1
  return isBefore(a.updated_at, b.updated_at) ? 1 : 0
}

export const groupChats = (chats: ReadonlyArray<Chat>, now: number): ChatGroups => {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const others = chats.filter((chat) => !chat.archived && chat.pin_order === 0).sort(newestFirst)
  const resting = others.filter(({ status }) => isResting(status))
  const isOfToday = ({ updated_at }: Chat) => Date.parse(updated_at) >= midnight
  return {
    pinned: pinnedOf(chats),
    needsYou: others.filter(({ status }) => !isResting(status) && !isBusy(status)),
    running: others.filter(({ status }) => isBusy(status)),
    today: resting.filter(isOfToday),
    earlier: resting.filter((chat) => !isOfToday(chat)),
  }
}

export const archivedOf = (chats: ReadonlyArray<Chat>): ReadonlyArray<Chat> =>
  chats.filter(({ archived }) => archived).sort(newestFirst)

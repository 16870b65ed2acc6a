import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query"
import type { Chat } from "../../../src/contract/chats.ts"

/** A list of chats that is read by pages. */
export interface ChatPage {
  readonly chats: ReadonlyArray<Chat>
  /** The last chat of the page, where there are more after it. */
  readonly next: string | undefined
}

export type ChatPages = InfiniteData<ChatPage>

/** Each chat once: one that moved while the pages were read is in two of them. */
export const allChats = ({ pages }: ChatPages): ReadonlyArray<Chat> => [
  ...new Map(pages.flatMap(({ chats }) => chats.map((chat) => [chat.id, chat] as const))).values(),
]

/**
 * The pages with every chat as it is after the change, in the page where it was; new ones come first. The same pages when
 * nothing changed.
 */
export const changePages = (
  data: ChatPages,
  change: (chats: ReadonlyArray<Chat>) => ReadonlyArray<Chat>,
): ChatPages => {
  const before = allChats(data)
  const after = change(before)
  if (after === before) return data
  const held = new Set(before.map(({ id }) => id))
  const byId = new Map(after.map((chat) => [chat.id, chat]))
  const added = after.filter(({ id }) => !held.has(id))
  return {
    ...data,
    pages: data.pages.map((page, index) => {
      const kept = page.chats.flatMap(({ id }) => byId.get(id) ?? [])
      return { ...page, chats: index === 0 ? [...added, ...kept] : kept }
    }),
  }
}

/** Changes the chats of a list, as far as they have been read. */
export const changeChats = (
  queryClient: QueryClient,
  list: QueryKey,
  change: (chats: ReadonlyArray<Chat>) => ReadonlyArray<Chat>,
): void => {
  queryClient.setQueryData<ChatPages>(list, (pages) => pages && changePages(pages, change))
}

import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Chat, PatchChatRequest } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { archivedChatsQuery, chatQuery, chatsQuery } from "../api/queries.ts"
import { notifyFailure } from "../ui/notify.ts"
import { allChats, changeChats, type ChatPages } from "./chat-pages.ts"
import { withPin } from "./pins.ts"

type Patch = Pick<PatchChatRequest, "title" | "archived" | "pin_order">

/** The chat as it will be; archiving takes the pin off. */
export const patched = (chat: Chat, { title, archived, pin_order }: Patch): Chat => ({
  ...chat,
  title: title ?? chat.title,
  archived: archived ?? chat.archived,
  pin_order: archived === true ? 0 : (pin_order ?? chat.pin_order),
})

/** The list after the patch, with the chat in it if it belongs there now, and the pins of the others. */
const patchedList = (chats: ReadonlyArray<Chat>, chat: Chat, patch: Patch, belongs: boolean): ReadonlyArray<Chat> => {
  const without = { ...patch, pin_order: undefined }
  const isHere = chats.some(({ id }) => id === chat.id)
  const next = isHere
    ? chats.map((each) => (each.id === chat.id ? patched(each, without) : each))
    : belongs
      ? [patched({ ...chat, pin_order: 0 }, without), ...chats]
      : chats
  const order = patch.archived === true ? 0 : patch.pin_order
  return order === undefined ? next : withPin(next, chat.id, order)
}

/** The pages of the list that are here; none while it has not been read. */
const pagesOf = (queryClient: QueryClient, list: typeof chatsQuery.queryKey | typeof archivedChatsQuery.queryKey) =>
  queryClient.getQueryData<ChatPages>(list)

const write = (queryClient: QueryClient, chatId: string, patch: Patch): void => {
  const lists = [chatsQuery.queryKey, archivedChatsQuery.queryKey]
  const single = chatQuery(chatId).queryKey
  const chat =
    queryClient.getQueryData(single) ??
    lists
      .flatMap((list) => allChats(pagesOf(queryClient, list) ?? { pages: [], pageParams: [] }))
      .find(({ id }) => id === chatId)
  if (chat === undefined) return
  for (const [index, list] of lists.entries()) {
    const belongs = patch.archived === (index === 1)
    changeChats(queryClient, list, (chats) => patchedList(chats, chat, patch, belongs))
  }
  queryClient.setQueryData(single, (held) => held && patched(held, patch))
}

interface PatchOf {
  readonly chatId: string
  readonly patch: Patch
}

/** Changes attributes of chats: at once on this page, and back again when the server refuses. */
export const usePatchAnyChat = () => {
  const queryClient = useQueryClient()
  return useMutation({
    // One after the other, in the order in which they were asked for.
    scope: { id: "chat-attributes" },
    mutationFn: ({ chatId, patch }: PatchOf) => call("patchChat", { path: { chat: chatId }, body: patch }),
    onMutate: ({ chatId, patch }) => {
      // What is being read may be older than this. The first read of all goes on: nothing else would begin it again.
      for (const queryKey of [chatsQuery.queryKey, archivedChatsQuery.queryKey]) {
        if (pagesOf(queryClient, queryKey) !== undefined) void queryClient.cancelQueries({ queryKey })
      }
      write(queryClient, chatId, patch)
    },
    onError: (error, { chatId }) => {
      for (const queryKey of [chatsQuery.queryKey, archivedChatsQuery.queryKey, chatQuery(chatId).queryKey]) {
        void queryClient.invalidateQueries({ queryKey })
      }
      return notifyFailure("The chat was not changed", messageOf(error))
    },
  })
}

/** The same for one chat. */
export const usePatchChat = (chatId: string) => {
  const { isPending, mutate, mutateAsync } = usePatchAnyChat()
  return {
    isPending,
    mutate: (patch: Patch) => mutate({ chatId, patch }),
    mutateAsync: (patch: Patch) => mutateAsync({ chatId, patch }),
  }
}

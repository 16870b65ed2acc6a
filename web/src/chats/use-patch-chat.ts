import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Chat, PatchChatRequest } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { chatQuery, chatsQuery } from "../api/queries.ts"
import { notifyFailure } from "../ui/notify.ts"

type Patch = Pick<PatchChatRequest, "title" | "archived" | "pin_order">

/** The chat as it will be; archiving takes the pin off. */
export const patched = (chat: Chat, { title, archived, pin_order }: Patch): Chat => ({
  ...chat,
  title: title ?? chat.title,
  archived: archived ?? chat.archived,
  pin_order: archived === true ? 0 : (pin_order ?? chat.pin_order),
})

/** Changes attributes of a chat: at once on this page, and back again when the server refuses. */
export const usePatchChat = (chatId: string): UseMutationResult<void, Error, Patch> => {
  const queryClient = useQueryClient()
  const list = chatsQuery.queryKey
  const single = chatQuery(chatId).queryKey
  return useMutation({
    mutationFn: (patch: Patch) => call("patchChat", { path: { chat: chatId }, body: patch }),
    onMutate: (patch) => {
      queryClient.setQueryData(list, (chats) =>
        chats?.map((chat) => (chat.id === chatId ? patched(chat, patch) : chat)),
      )
      queryClient.setQueryData(single, (chat) => chat && patched(chat, patch))
    },
    onError: (error) => notifyFailure("The chat was not changed", messageOf(error)),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: list }),
        queryClient.invalidateQueries({ queryKey: single }),
      ]),
  })
}

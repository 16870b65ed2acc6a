import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Chat } from "../../../src/contract/chats.ts"
import { call, messageOf } from "../api/client.ts"
import { chatQuery, chatsQuery } from "../api/queries.ts"
import type { RouteOutput } from "../api/routes.ts"
import { changeChats } from "../chats/chat-pages.ts"
import { groupTitle, memberCount, type PickedPerson } from "../people/people-queries.ts"
import { notifyFailure } from "../ui/notify.ts"

export type ChatAcl = RouteOutput<"getChatAcl">

export const aclQuery = (chat: string) =>
  queryOptions({
    queryKey: ["acl", chat],
    queryFn: ({ signal }) => call("getChatAcl", { path: { chat } }, signal),
    staleTime: 10_000,
    retry: false,
  })

/** Everybody whom the list names, groups first: they are the most. */
export const readersOf = ({ users, groups }: ChatAcl): ReadonlyArray<PickedPerson> => [
  ...groups.map((group) => ({
    kind: "group" as const,
    id: group.id,
    name: groupTitle(group),
    note: memberCount(group.total_member_count),
    serviceAccount: false,
  })),
  ...users.map(({ id, name, username }) => ({
    kind: "user" as const,
    id,
    name: name || username,
    note: name ? username : "",
    serviceAccount: false,
  })),
]

/** `Shared with 3` counts who was named; how many people that is, a group says. */
export const readerCount = ({ users, groups }: ChatAcl): number => users.length + groups.length

const rolesFor = ({ kind, id }: PickedPerson, role: "read" | "") =>
  kind === "group" ? { group_roles: { [id]: role } } : { user_roles: { [id]: role } }

const markShared = (queryClient: QueryClient, chatId: string, shared: boolean): void => {
  const mark = (chat: Chat): Chat => (chat.id === chatId && chat.shared !== shared ? { ...chat, shared } : chat)
  changeChats(queryClient, chatsQuery.queryKey, (chats) => chats.map(mark))
  queryClient.setQueryData(chatQuery(chatId).queryKey, (chat) => chat && mark(chat))
}

interface AclChange {
  readonly person: PickedPerson
  readonly role: "read" | ""
}

/** Lets somebody in, or out again. What the list says afterwards is read from the server. */
export const useChangeAcl = (chatId: string) => {
  const queryClient = useQueryClient()
  return useMutation({
    scope: { id: `acl ${chatId}` },
    mutationFn: ({ person, role }: AclChange) =>
      call("updateChatAcl", { path: { chat: chatId }, body: rolesFor(person, role) }),
    onSuccess: async () => {
      const acl = await queryClient.fetchQuery({ ...aclQuery(chatId), staleTime: 0 })
      markShared(queryClient, chatId, readerCount(acl) > 0)
    },
    onError: (error, { person }) => notifyFailure(`The sharing with ${person.name} was not changed`, messageOf(error)),
  })
}

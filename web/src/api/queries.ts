import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import type { ChatPage } from "../chats/chat-pages.ts"
import { whenWatching } from "../chats/watch-opened.ts"
import { call } from "./client.ts"

/** Chats of a page of the list. */
const PAGE = 60
/** The server's largest page. */
const MOST = 200

export const firstUserQuery = queryOptions({
  queryKey: ["first-user"],
  queryFn: ({ signal }) => call("firstUserState", undefined, signal),
})

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => call("getUser", { path: { user: "me" } }, signal),
  staleTime: 5 * 60_000,
})

/** What belongs at the head of the list, however old it is. */
const LIVE = "status:requires_action,running,pending"

const chatPage = async (q: string, after: string | undefined, signal: AbortSignal): Promise<ChatPage> => {
  const chats = await call("listChats", { query: { limit: PAGE, q, after_id: after } }, signal)
  return { chats, next: chats.length < PAGE ? undefined : chats.at(-1)?.id }
}

/** The chats that are not archived, pinned ones first, then the latest. With the first page come those that somebody waits for. */
export const chatsQuery = infiniteQueryOptions({
  queryKey: ["chats"],
  queryFn: async ({ pageParam, signal }) => {
    if (pageParam !== undefined) return chatPage("archived:false", pageParam, signal)
    await whenWatching()
    const page = await chatPage("archived:false", undefined, signal)
    if (page.next === undefined) return page
    const live = await call("listChats", { query: { limit: MOST, q: LIVE } }, signal)
    const listed = new Set(page.chats.map(({ id }) => id))
    return { ...page, chats: [...page.chats, ...live.filter(({ id }) => !listed.has(id))] }
  },
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }: ChatPage) => next,
  staleTime: 60_000,
})

/** Chats of others that one was let in to read. */
export const sharedChatsQuery = infiniteQueryOptions({
  queryKey: ["shared-chats"],
  queryFn: async ({ pageParam, signal }) => {
    if (pageParam === undefined) await whenWatching()
    return chatPage("source:shared_with_me", pageParam, signal)
  },
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }: ChatPage) => next,
  staleTime: 60_000,
})

export const archivedChatsQuery = infiniteQueryOptions({
  queryKey: ["archived-chats"],
  queryFn: ({ pageParam, signal }) => chatPage("archived:true", pageParam, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }: ChatPage) => next,
  staleTime: 60_000,
})

/** Chats that a search shows at most. */
const FOUND_LIMIT = 20

/** One's own chats and those of others with this piece of a title, archived ones or the others. The grammar of the search has no way to write a quote. */
export const foundChatsQuery = (title: string, archived: boolean) =>
  queryOptions({
    queryKey: ["found-chats", title, archived],
    queryFn: ({ signal }) =>
      call(
        "listChats",
        { query: { limit: FOUND_LIMIT, q: `source:all archived:${archived} title:"${title.replaceAll('"', " ")}"` } },
        signal,
      ),
    staleTime: 10_000,
    retry: false,
  })

export const chatQuery = (chat: string) =>
  queryOptions({
    queryKey: ["chat", chat],
    queryFn: ({ signal }) => call("getChat", { path: { chat } }, signal),
    staleTime: 60_000,
  })

/** `lost` counts the previews this page saw come to nothing: with each, there is one attempt more. */
export const attemptsQuery = (chat: string, lost: number) =>
  queryOptions({
    queryKey: ["attempts", chat, lost],
    queryFn: ({ signal }) => call("listAttempts", { path: { chat } }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Prompts that ArrowUp goes back to. */
const PROMPTS_LIMIT = 500

export const promptsQuery = (chat: string) =>
  queryOptions({
    queryKey: ["prompts", chat],
    queryFn: ({ signal }) => call("listPrompts", { path: { chat }, query: { limit: PROMPTS_LIMIT } }, signal),
    staleTime: 30_000,
  })

/** The chat's own rules for its tools. */
export const toolPolicyQuery = (chat: string) =>
  queryOptions({
    queryKey: ["tool-policy", chat],
    queryFn: ({ signal }) => call("getChatToolPolicy", { path: { chat } }, signal),
  })

/** The definition of the machine of all chats. It changes with the server's version only. */
export const machineGraphQuery = queryOptions({
  queryKey: ["machine-graph"],
  queryFn: async ({ signal }) => {
    const graph = await call("chatMachineGraph", {}, signal)
    if (!("transitions" in graph)) throw new TypeError("The server gave another form of the machine.")
    return graph
  },
  staleTime: Number.POSITIVE_INFINITY,
})

export const modelConfigsQuery = queryOptions({
  queryKey: ["model-configs"],
  queryFn: ({ signal }) => call("listModelConfigs", undefined, signal),
  staleTime: 30_000,
})

export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => call("listProviders", undefined, signal),
  staleTime: 30_000,
})

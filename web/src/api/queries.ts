import { queryOptions } from "@tanstack/react-query"
import { call } from "./client.ts"

/** Newest chats that the sidebar reads; the server's largest page. */
const CHAT_LIST_LIMIT = 200

export const firstUserQuery = queryOptions({
  queryKey: ["first-user"],
  queryFn: ({ signal }) => call("firstUserState", undefined, signal),
})

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => call("getUser", { path: { user: "me" } }, signal),
  staleTime: 5 * 60_000,
})

export const chatsQuery = queryOptions({
  queryKey: ["chats"],
  queryFn: ({ signal }) => call("listChats", { query: { limit: CHAT_LIST_LIMIT } }, signal),
  staleTime: 60_000,
})

export const chatQuery = (chat: string) =>
  queryOptions({
    queryKey: ["chat", chat],
    queryFn: ({ signal }) => call("getChat", { path: { chat } }, signal),
    staleTime: 60_000,
  })

/** `resets` is part of the key: each reset of the preview may have left an attempt behind. */
export const attemptsQuery = (chat: string, resets: number) =>
  queryOptions({
    queryKey: ["attempts", chat, resets],
    queryFn: ({ signal }) => call("listAttempts", { path: { chat } }, signal),
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

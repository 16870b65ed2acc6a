import { queryOptions, useQuery } from "@tanstack/react-query"
import { call } from "../api/client.ts"
import { meQuery } from "../api/queries.ts"

/** Whether the person may create chats, in any organization. */
export const mayChatQuery = queryOptions({
  queryKey: ["may-chat"],
  queryFn: async ({ client, queryKey, signal }) => {
    const object = { resource_type: "chat", owner_id: "me", any_org: true } as const
    const { create } = await call(
      "checkAuthorization",
      { body: { checks: { create: { object, action: "create" } } } },
      signal,
    )
    // What changed that may have been a membership.
    if (create === true && client.getQueryData(queryKey) === false) await client.invalidateQueries(meQuery)
    return create === true
  },
  staleTime: 60_000,
  /** Who was just given the role finds it when the page is looked at again. */
  refetchOnWindowFocus: ({ state }) => (state.data === false ? "always" : true),
})

/** True unless the server has said otherwise: it refuses in any case. */
export const useMayChat = (): boolean => useQuery(mayChatQuery).data ?? true

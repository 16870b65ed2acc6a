import { queryOptions } from "@tanstack/react-query"
import { call } from "../api/client.ts"

/** What the pages of one's own account read. */

const path = { user: "me" }

export const ownOrganizationsQuery = queryOptions({
  queryKey: ["own-organizations"],
  queryFn: ({ signal }) => call("listUserOrganizations", { path }, signal),
})

export const ownRolesQuery = queryOptions({
  queryKey: ["own-roles"],
  queryFn: ({ signal }) => call("getUserRoles", { path }, signal),
})

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => call("listSessions", { path }, signal),
})

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => call("listTokens", { path }, signal),
})

export const tokenConfigQuery = queryOptions({
  queryKey: ["token-config"],
  queryFn: ({ signal }) => call("getTokenConfig", { path }, signal),
  staleTime: Number.POSITIVE_INFINITY,
})

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/client.ts"
import { groupsQuery } from "../../people/people-queries.ts"

/** What the pages of people read, with its keys. */

/** Rows of a page of a long list. */
export const PAGE_SIZE = 50

const RECENT_MS = 30_000

/** One page of the accounts that the search finds, by username. */
export const usersQuery = (q: string, page: number) =>
  queryOptions({
    queryKey: ["users", q, page],
    queryFn: ({ signal }) => call("listUsers", { query: { q, limit: PAGE_SIZE, offset: page * PAGE_SIZE } }, signal),
    placeholderData: keepPreviousData,
    staleTime: RECENT_MS,
  })

export const userQuery = (user: string) =>
  queryOptions({
    queryKey: ["user", user],
    queryFn: ({ signal }) => call("getUser", { path: { user } }, signal),
    staleTime: RECENT_MS,
  })

/** Names of the roles that a user has in the deployment and in each organization. */
export const userRolesQuery = (user: string) =>
  queryOptions({
    queryKey: ["user", user, "roles"],
    queryFn: ({ signal }) => call("getUserRoles", { path: { user } }, signal),
    staleTime: RECENT_MS,
  })

export const tokensQuery = (user: string) =>
  queryOptions({
    queryKey: ["user", user, "tokens"],
    queryFn: ({ signal }) => call("listTokens", { path: { user } }, signal),
    staleTime: RECENT_MS,
  })

export const sessionsQuery = (user: string) =>
  queryOptions({
    queryKey: ["user", user, "sessions"],
    queryFn: ({ signal }) => call("listSessions", { path: { user } }, signal),
    staleTime: RECENT_MS,
  })

/** How long a token of the user may live, and its scopes. */
export const tokenConfigQuery = (user: string) =>
  queryOptions({
    queryKey: ["user", user, "token-config"],
    queryFn: ({ signal }) => call("getTokenConfig", { path: { user } }, signal),
    staleTime: RECENT_MS,
  })

export const siteRolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: ({ signal }) => call("listSiteRoles", undefined, signal),
  staleTime: RECENT_MS,
})

export const organizationRolesQuery = (organization: string) =>
  queryOptions({
    queryKey: ["roles", organization],
    queryFn: ({ signal }) => call("listOrganizationRoles", { path: { organization } }, signal),
    staleTime: RECENT_MS,
  })

export const organizationsQuery = queryOptions({
  queryKey: ["organizations"],
  queryFn: ({ signal }) => call("listOrganizations", undefined, signal),
  staleTime: RECENT_MS,
})

export const organizationQuery = (organization: string) =>
  queryOptions({
    queryKey: ["organizations", organization],
    queryFn: ({ signal }) => call("getOrganization", { path: { organization } }, signal),
    staleTime: RECENT_MS,
  })

export const workspaceSharingQuery = (organization: string) =>
  queryOptions({
    queryKey: ["organizations", organization, "sharing"],
    queryFn: ({ signal }) => call("getWorkspaceSharing", { path: { organization } }, signal),
    staleTime: RECENT_MS,
  })

export const membersQuery = (organization: string, q: string, page: number) =>
  queryOptions({
    queryKey: ["members", organization, q, page],
    queryFn: ({ signal }) =>
      call("pageMembers", { path: { organization }, query: { q, limit: PAGE_SIZE, offset: page * PAGE_SIZE } }, signal),
    placeholderData: keepPreviousData,
    staleTime: RECENT_MS,
  })

/** A group with one page of its members, by username. */
export const groupQuery = (group: string, page: number) =>
  queryOptions({
    queryKey: ["group", group, page],
    queryFn: ({ signal }) =>
      call("getGroup", { path: { group }, query: { limit: PAGE_SIZE, offset: page * PAGE_SIZE } }, signal),
    placeholderData: keepPreviousData,
    staleTime: RECENT_MS,
  })

/** What shows accounts, after one has changed. */
export const usersChanged = (queryClient: QueryClient) =>
  Promise.all(
    ["users", "user", "members", "group", "found-people"].map((name) =>
      queryClient.invalidateQueries({ queryKey: [name] }),
    ),
  )

/** What shows who belongs to an organization or to one of its groups. */
export const membersChanged = (queryClient: QueryClient, organization: string) =>
  Promise.all([
    usersChanged(queryClient),
    queryClient.invalidateQueries({ queryKey: groupsQuery(organization).queryKey }),
  ])

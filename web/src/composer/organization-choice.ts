import { queryOptions, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { Organization } from "../../../src/contract/organizations.ts"
import { call } from "../api/client.ts"
import { keepStored, readStored } from "../ui/browser-storage.ts"

const KEY = "troupe.organization"

export const CHAT_ORGANIZATIONS = ["chat-organizations"]

/** One's organizations in which one may create chats. */
const chatOrganizationsQuery = (ids: ReadonlyArray<string>) =>
  queryOptions({
    queryKey: [...CHAT_ORGANIZATIONS, ...ids],
    queryFn: async ({ signal }) => {
      const check = (organization_id: string) =>
        ({ object: { resource_type: "chat", owner_id: "me", organization_id }, action: "create" }) as const
      const [organizations, allowed] = await Promise.all([
        call("listUserOrganizations", { path: { user: "me" } }, signal),
        call("checkAuthorization", { body: { checks: Object.fromEntries(ids.map((id) => [id, check(id)])) } }, signal),
      ])
      return organizations.filter(({ id }) => allowed[id] === true)
    },
    staleTime: 60_000,
  })

/** The remembered one while it can be chosen, else the default one, else the first. */
export const pickOrganization = (
  organizations: ReadonlyArray<Organization>,
  remembered: string | undefined,
): Organization | undefined =>
  organizations.find(({ id }) => id === remembered) ??
  organizations.find(({ is_default }) => is_default) ??
  organizations[0]

export interface OrganizationChoice {
  /** Id of the one that the next chat belongs to; undefined while it is not known, and where there is none. */
  readonly chosen: string | undefined
  /** What there is to choose from: none where there is no choice. */
  readonly organizations: ReadonlyArray<Organization>
  readonly choose: (id: string) => void
}

/** In which of these organizations the next chat begins; what is chosen is remembered in this browser. */
export const useOrganizationChoice = (ids: ReadonlyArray<string>): OrganizationChoice => {
  const several = ids.length > 1
  const { data, isError } = useQuery({ ...chatOrganizationsQuery(ids), enabled: several })
  const [remembered, setRemembered] = useState(() => readStored(KEY))
  const choose = (id: string) => {
    setRemembered(id)
    keepStored(KEY, id)
  }
  if (!several || isError) return { chosen: ids[0], organizations: [], choose }
  const organizations = data ?? []
  const chosen = pickOrganization(organizations, remembered)?.id
  return { chosen, organizations: organizations.length > 1 ? organizations : [], choose }
}

import { type QueryClient, queryOptions } from "@tanstack/react-query"
import type { User } from "../../../src/contract/identity.ts"
import type { Group, OrganizationMember } from "../../../src/contract/organizations.ts"
import { call } from "../api/client.ts"

/** People and groups as they are picked: by a piece of what they are called. */

export interface PickedPerson {
  readonly kind: "user" | "group"
  readonly id: string
  /** What it is called: `Ada Lovelace`, or the username of who gave no name. */
  readonly name: string
  /** What tells it from others of that name: username and e-mail address, or how many members there are. */
  readonly note: string
  readonly serviceAccount: boolean
}

/** People that one search shows. */
const MOST = 20

type Account = Pick<User, "username" | "name" | "email" | "is_service_account">

const person = (id: string, { username, name, email, is_service_account }: Account): PickedPerson => ({
  kind: "user",
  id,
  name: name === "" ? username : name,
  note: [name === "" ? "" : username, email].filter((text) => text !== "").join(" · "),
  serviceAccount: is_service_account,
})

/** `1 member`, `10,000 members`. */
export const memberCount = (count: number): string => `${count.toLocaleString()} ${count === 1 ? "member" : "members"}`

/** What a group is called where people read it. */
export const groupTitle = ({ name, display_name }: Pick<Group, "name" | "display_name">): string => display_name || name

const group = (found: Group): PickedPerson => ({
  kind: "group",
  id: found.id,
  name: groupTitle(found),
  note: memberCount(found.total_member_count),
  serviceAccount: false,
})

const ofMember = (member: OrganizationMember) => person(member.user_id, member)

/** The search language of accounts has no way to write a quote, and a colon would name a field. */
const asWords = (text: string): string =>
  text
    .split(/[\s"]+/)
    .filter((word) => word !== "")
    .map((word) => `"${word}"`)
    .join(" ")

/** Members of the organization, or of all accounts where none is given, with the text in username, name or e-mail address. */
export const foundPeopleQuery = (organizationId: string | undefined, text: string) =>
  queryOptions({
    queryKey: ["found-people", organizationId ?? "", text],
    queryFn: async ({ signal }): Promise<ReadonlyArray<PickedPerson>> => {
      if (organizationId === undefined) {
        const { users } = await call("listUsers", { query: { q: asWords(text), limit: MOST } }, signal)
        return users.map((user) => person(user.id, user))
      }
      const path = { organization: organizationId }
      const { members } = await call("pageMembers", { path, query: { q: text, limit: MOST } }, signal)
      return members.map(ofMember)
    },
    staleTime: 10_000,
    retry: false,
  })

/** The groups of an organization that one may see. */
export const groupsQuery = (organizationId: string) =>
  queryOptions({
    queryKey: ["groups", organizationId],
    queryFn: ({ signal }) => call("listOrganizationGroups", { path: { organization: organizationId } }, signal),
    staleTime: 30_000,
  })

/** What a search finds, asked for at once: of the kinds that are wanted, groups first. */
export const findPeople = async (
  queryClient: QueryClient,
  kinds: ReadonlyArray<PickedPerson["kind"]>,
  organizationId: string | undefined,
  text: string,
): Promise<ReadonlyArray<PickedPerson>> => {
  const [groups, users] = await Promise.all([
    kinds.includes("group") && organizationId !== undefined ? queryClient.fetchQuery(groupsQuery(organizationId)) : [],
    kinds.includes("user") ? queryClient.fetchQuery(foundPeopleQuery(organizationId, text)) : [],
  ])
  return [...groupsNamed(groups, text), ...users]
}

/** Those groups with the text in their name. */
export const groupsNamed = (groups: ReadonlyArray<Group>, text: string): ReadonlyArray<PickedPerson> => {
  const wanted = text.trim().toLocaleLowerCase()
  return groups
    .filter(({ name, display_name }) => `${name} ${display_name}`.toLocaleLowerCase().includes(wanted))
    .slice(0, MOST)
    .map(group)
}

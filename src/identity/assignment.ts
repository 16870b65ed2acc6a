import type { OrganizationId } from "../contract/ids.ts"
import { ACTIONS, type Action, isOwnOnly, OBJECT_TYPES, type ObjectType, permissionOf } from "./objects.ts"
import { type Caller, can } from "./policy.ts"
import {
  AGENTS_ACCESS,
  ORGANIZATION_ADMIN,
  ORGANIZATION_MEMBER,
  type Level,
  type RoleLevels,
  SITE_OWNER,
  USER_ADMIN,
} from "./roles.ts"

/** Who may give which role to others. Giving is never a way to get more than one has. */

/** Of the built-in roles of an organization, what those may give who administer accounts and not the organization. */
const OF_USER_ADMINS: ReadonlySet<string> = new Set([AGENTS_ACCESS, ORGANIZATION_MEMBER])

export const mayAssignSiteRole = (caller: Caller): boolean =>
  caller.siteRoles.includes(SITE_OWNER) && can(caller, "assign", { type: "assign_role" })

export const mayAssignOrganizationRole = (caller: Caller, organizationId: OrganizationId, role: string): boolean => {
  if (!can(caller, "assign", { type: "assign_org_role", organizationId })) return false
  if (caller.siteRoles.includes(SITE_OWNER)) return true
  const held = caller.organizations.find(({ id }) => id === organizationId)?.roles ?? []
  if (held.includes(ORGANIZATION_ADMIN)) return true
  return OF_USER_ADMINS.has(role) && caller.siteRoles.includes(USER_ADMIN)
}

const isType = (type: string): type is ObjectType => OBJECT_TYPES.some((name) => name === type)
const isAction = <Type extends ObjectType>(type: Type, action: string): action is Action<Type> =>
  (ACTIONS[type] as ReadonlyArray<string>).includes(action)

const pairsOf = (level: Level | undefined): ReadonlyArray<readonly [type: string, action: string]> =>
  Object.entries(level?.allow ?? {}).flatMap(([type, actions]) => actions.map((action) => [type, action] as const))

/** The first permission of a custom role that its maker does not have: `workspace:ssh`. */
export const beyondCaller = (
  caller: Caller,
  organizationId: OrganizationId | undefined,
  levels: RoleLevels,
): string | undefined => {
  const everywhere = organizationId === undefined ? {} : { organizationId }
  const own = { ...everywhere, ownerId: caller.userId }
  const wanted = [
    ...pairsOf(levels.site).map((pair) => [pair, {}] as const),
    ...pairsOf(levels.user).map((pair) => [pair, { ownerId: caller.userId }] as const),
    ...pairsOf(levels.organization).map((pair) => [pair, everywhere] as const),
    ...pairsOf(levels.member).map((pair) => [pair, own] as const),
  ]
  for (const [[type, action], facts] of wanted) {
    if (!isType(type) || !isAction(type, action)) return `${type}:${action}`
    // What nobody does in another's name is asked of one's own.
    const asked = isOwnOnly(permissionOf(type, action)) ? { ...facts, ownerId: caller.userId } : facts
    if (!can(caller, action, { type, ...asked })) return `${type}:${action}`
  }
  return undefined
}

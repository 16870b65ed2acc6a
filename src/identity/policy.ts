import type { GroupId, OrganizationId, UserId } from "../contract/ids.ts"
import {
  type Acl,
  ACL_ROLES,
  type Action,
  isOwnOnly,
  type ObjectFacts,
  type ObjectType,
  type Permission,
  permissionOf,
} from "./objects.ts"
import {
  type Level,
  MEMBER,
  membershipRole,
  organizationRole,
  type RoleLevels,
  SERVICE_ACCOUNT,
  siteRole,
  type WorkspaceSharing,
} from "./roles.ts"
import { inScope } from "./scopes.ts"

/**
 * Who may do what. The only place that decides it: pure functions over the caller and facts of the object.
 *
 * Roles come in two levels: site roles of the deployment, and roles of a membership in an organization. Membership alone
 * grants nothing on chats; the organization role `agents-access` does, for the member's own.
 */

export interface Membership {
  readonly id: OrganizationId
  /** Names of built-in roles, and of custom ones of the organization. */
  readonly roles: ReadonlyArray<string>
  /** Those that were made; the group of everyone has the organization's id. */
  readonly groups?: ReadonlyArray<GroupId>
  readonly sharing?: WorkspaceSharing
}

/** A role that was made here: its name counts in its organization, or in the deployment. */
export interface CustomRole extends RoleLevels {
  readonly name: string
  readonly organizationId: OrganizationId | null
}

/** The signed-in user of a request. Plain data: it goes with a command to whichever process has the chat. */
export interface Caller {
  readonly userId: UserId
  readonly username: string
  readonly siteRoles: ReadonlyArray<string>
  readonly organizations: ReadonlyArray<Membership>
  readonly serviceAccount?: boolean
  /** Of a call with an API token: what of the user's rights it has. A session has all of them. */
  readonly scopes?: ReadonlyArray<string>
  /** Those that the names above mean, beside the built-in ones. */
  readonly customRoles?: ReadonlyArray<CustomRole>
  /** What the deployment has switched off, whatever roles say. */
  readonly switchedOff?: ReadonlyArray<Switch>
}

/**
 * `owner_workspace_access`: no role of the deployment lets anybody into a workspace of somebody else.
 * `workspace_sharing`: nobody shares a workspace.
 */
export type Switch = "owner_workspace_access" | "workspace_sharing"

const ENTRY: ReadonlyArray<Permission> = ["workspace:ssh", "workspace:application_connect"]
const SHARE: Permission = "workspace:share"

interface Opinions {
  readonly allow: ReadonlySet<Permission>
  readonly deny: ReadonlySet<Permission>
}

interface CompiledMembership {
  readonly organization: Opinions
  readonly member: Opinions
  /** With that of everyone. */
  readonly groups: ReadonlySet<GroupId>
}

interface Compiled {
  readonly site: Opinions
  readonly user: Opinions
  readonly organizations: ReadonlyMap<OrganizationId, CompiledMembership>
}

/** The group of everyone has the organization's own id. */
export const everyoneIn = (organizationId: OrganizationId): GroupId => String(organizationId)

const permissionsIn = (grants: Level["allow"] = {}): ReadonlyArray<Permission> =>
  Object.entries(grants).flatMap(([type, actions]) =>
    actions.map((action): Permission => `${type as ObjectType}:${action}`),
  )

const opinions = (levels: ReadonlyArray<Level | undefined>): Opinions => ({
  allow: new Set(levels.flatMap((level) => permissionsIn(level?.allow))),
  deny: new Set(levels.flatMap((level) => permissionsIn(level?.deny))),
})

/** What roles of the deployment say, as far as the switches let them. */
const switched = ({ allow, deny }: Opinions, off: ReadonlyArray<Switch> = []): Opinions => ({
  // No opinion, not a refusal: the first level that has one decides, and one's own workspaces are entered by the membership.
  allow: off.includes("owner_workspace_access") ? new Set([...allow].filter((one) => !ENTRY.includes(one))) : allow,
  deny: off.includes("workspace_sharing") ? new Set([...deny, SHARE]) : deny,
})

const compile = (caller: Caller): Compiled => {
  const custom = (name: string, organizationId: OrganizationId | null): RoleLevels | undefined =>
    caller.customRoles?.find((role) => role.name === name && role.organizationId === organizationId)
  const present = (role: RoleLevels | undefined): ReadonlyArray<RoleLevels> => (role === undefined ? [] : [role])
  const serviceAccount = caller.serviceAccount === true
  const site = [
    serviceAccount ? SERVICE_ACCOUNT : MEMBER,
    ...caller.siteRoles.flatMap((name) => present(siteRole(name) ?? custom(name, null))),
  ]
  return {
    site: switched(opinions(site.map((role) => role.site)), caller.switchedOff),
    user: opinions(site.map((role) => role.user)),
    organizations: new Map<OrganizationId, CompiledMembership>(
      caller.organizations.map(({ id, roles, groups = [], sharing = "everyone" }) => {
        const held = [
          membershipRole(serviceAccount, sharing),
          ...roles.flatMap((name) => present(organizationRole(name) ?? custom(name, id))),
        ]
        return [
          id,
          {
            organization: opinions(held.map((role) => role.organization)),
            member: opinions(held.map((role) => role.member)),
            groups: new Set([everyoneIn(id), ...groups]),
          },
        ]
      }),
    ),
  }
}

/** A caller is the same object as long as its session is believed: many questions are asked of it. */
const compiledCallers = new WeakMap<Caller, Compiled>()

const compiled = (caller: Caller): Compiled => {
  const known = compiledCallers.get(caller)
  if (known !== undefined) return known
  const made = compile(caller)
  compiledCallers.set(caller, made)
  return made
}

const opinionOf = ({ allow, deny }: Opinions, permission: Permission): boolean | undefined =>
  deny.has(permission) ? false : allow.has(permission) ? true : undefined

/** The first level with an opinion decides: the site, the organization, and then what is one's own. */
const opinionOfRoles = (caller: Caller, permission: Permission, object: ObjectFacts): boolean | undefined => {
  const { site, user, organizations } = compiled(caller)
  const own = object.ownerId === caller.userId
  const bySite = opinionOf(site, permission)
  if (bySite !== undefined) return bySite
  if (object.organizationId === undefined) return own ? opinionOf(user, permission) : undefined
  const membership = organizations.get(object.organizationId)
  if (membership === undefined) return undefined
  return opinionOf(membership.organization, permission) ?? (own ? opinionOf(membership.member, permission) : undefined)
}

const roleIn = (entries: Readonly<Record<string, string>>, id: string): string | undefined =>
  Object.hasOwn(entries, id) ? entries[id] : undefined

const inAcl = (caller: Caller, action: string, { type, acl, organizationId }: ObjectFacts): boolean => {
  if (acl === undefined || organizationId === undefined) return false
  const membership = compiled(caller).organizations.get(organizationId)
  // Who has left the organization is let in no more, whatever the list still says.
  if (membership === undefined) return false
  const allows = (role: string | undefined): boolean => {
    const actions: ReadonlyArray<string> = (role === undefined ? undefined : ACL_ROLES[type]?.[role]) ?? []
    return actions.includes(action)
  }
  if (allows(roleIn(acl.users, caller.userId))) return true
  // A list names few groups, however many somebody is in.
  for (const group in acl.groups) {
    if (Object.hasOwn(acl.groups, group) && membership.groups.has(group) && allows(acl.groups[group])) return true
  }
  return false
}

/** True when the caller may do this to the object. Some microseconds, whatever roles there are. */
export const can = <Type extends ObjectType>(
  caller: Caller,
  action: Action<Type>,
  object: ObjectFacts<Type>,
): boolean => {
  if (caller.scopes !== undefined && !inScope(caller.scopes, object.type, action)) return false
  const permission = permissionOf(object.type, action)
  if (isOwnOnly(permission) && object.ownerId !== caller.userId) return false
  // A chat belongs to an organization of its owner, so even the site owner must be a member to create one.
  if (permission === "chat:create" && !isMember(caller, object.organizationId)) return false
  return opinionOfRoles(caller, permission, object) ?? inAcl(caller, action, object)
}

export const isMember = (caller: Caller, organizationId: OrganizationId | undefined): boolean =>
  organizationId !== undefined && compiled(caller).organizations.has(organizationId)

export type ChatAction = Exclude<Action<"chat">, "create">

/** What only the owner does. Who sees the chat and may change it learns that, others nothing. */
const OWNERS_ACTIONS = ["converse", "approve"] as const
export type OwnersAction = (typeof OWNERS_ACTIONS)[number]

export interface ChatFacts {
  readonly ownerId: UserId
  readonly organizationId: OrganizationId
  readonly acl?: Acl
}

/**
 * What to answer about a chat that exists. `hidden` (404) says nothing about it; `forbidden` (403) is for those who see and
 * may change the chat but may not do this. A reader who may not change it gets `hidden` for changes, too.
 */
export const chatAccess = (caller: Caller, action: ChatAction, chat: ChatFacts): "allowed" | "hidden" | "forbidden" => {
  const object = { type: "chat", ...chat } as const
  if (can(caller, action, object)) return "allowed"
  const told = OWNERS_ACTIONS.some((name) => name === action)
  // What a token reads is no secret to it: that it may not change it is then a matter of its scopes.
  const { scopes: _, ...byRoles } = caller
  return told && can(caller, "read", object) && can(byRoles, "update", object) ? "forbidden" : "hidden"
}

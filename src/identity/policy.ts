import type { OrganizationId, UserId } from "../contract/ids.ts"
/**
 * Who may do what. The only place that decides it: pure functions over the caller and facts of the object.
 *
 * Roles come in two levels: site roles of the deployment, and roles of a membership in an organization. Membership alone
 * grants nothing on chats; the organization role `agents-access` does, for the member's own.
 */

export interface Membership {
  readonly id: OrganizationId
  readonly roles: ReadonlyArray<string>
}

/** The signed-in user of a request. */
export interface Caller {
  readonly userId: UserId
  readonly username: string
  readonly siteRoles: ReadonlyArray<string>
  readonly organizations: ReadonlyArray<Membership>
}

export const SITE_OWNER = "owner"
export const AGENTS_ACCESS = "agents-access"

export type Resource =
  /** Providers, model configs and every other setting of the deployment. */
  | { readonly type: "deployment_config" }
  | { readonly type: "user"; readonly userId: UserId }
  | { readonly type: "organization"; readonly organizationId: OrganizationId }
  | { readonly type: "chat"; readonly ownerId: UserId; readonly organizationId: OrganizationId }

/** `converse` is all that spends the owner's credentials: send, edit, promote, submit tool results. */
type ActionsOf = {
  readonly deployment_config: "read" | "update"
  readonly user: "read" | "update"
  readonly organization: "read"
  readonly chat: "create" | "read" | "update" | "converse"
}

export type Action<Type extends Resource["type"]> = ActionsOf[Type]

const isSite = (caller: Caller, ...roles: ReadonlyArray<string>) =>
  caller.siteRoles.some((role) => roles.includes(role))

const rolesIn = (caller: Caller, organizationId: OrganizationId) =>
  caller.organizations.find((membership) => membership.id === organizationId)?.roles

type Chat = Extract<Resource, { readonly type: "chat" }>

const canChat = (caller: Caller, action: Action<"chat">, chat: Chat): boolean => {
  const roles = rolesIn(caller, chat.organizationId)
  const own = chat.ownerId === caller.userId
  const administers = isSite(caller, SITE_OWNER) || roles?.includes("organization-admin") === true
  const usesOwn = own && (administers || roles?.includes(AGENTS_ACCESS) === true)
  switch (action) {
    // A chat belongs to an organization of its owner, so even the site owner must be a member to create one.
    case "create":
      return usesOwn && roles !== undefined
    case "read":
    case "update":
      return usesOwn || administers
    case "converse":
      return usesOwn
  }
}

/** True when the actor may do this to the object. */
export function can<R extends Resource>(caller: Caller, action: Action<R["type"]>, resource: R): boolean
export function can(caller: Caller, action: Action<Resource["type"]>, resource: Resource): boolean {
  switch (resource.type) {
    case "deployment_config":
      return isSite(caller, SITE_OWNER) || (action === "read" && isSite(caller, "auditor"))
    case "user":
      return resource.userId === caller.userId || isSite(caller, SITE_OWNER, "user-admin")
    case "organization":
      return (
        isSite(caller, SITE_OWNER, "user-admin", "auditor") || rolesIn(caller, resource.organizationId) !== undefined
      )
    case "chat":
      return canChat(caller, action, resource)
  }
}

/**
 * What to answer about a chat that exists. `hidden` (404) says nothing about it; `forbidden` (403) is for those who see and
 * may change the chat but are not its owner. A reader who may not change it gets `hidden` for changes, too.
 */
export const chatAccess = (
  caller: Caller,
  action: Exclude<Action<"chat">, "create">,
  chat: { readonly ownerId: UserId; readonly organizationId: OrganizationId },
): "allowed" | "hidden" | "forbidden" => {
  const resource = { type: "chat", ...chat } as const
  if (can(caller, action, resource)) return "allowed"
  return action === "converse" && can(caller, "read", resource) && can(caller, "update", resource)
    ? "forbidden"
    : "hidden"
}

import type { GroupId, OrganizationId, UserId } from "../contract/ids.ts"

/** What there is to be allowed or refused: each kind of thing, and what can be done to it. */
export const ACTIONS = {
  /**
   * `converse` is all that spends the owner's credentials: send, edit, promote, answers of client tools. `approve` lets a tool
   * run. `inspect` is what lies behind the transcript: attempts, exact prompts, steps, the machine, exports.
   */
  chat: ["create", "read", "update", "share", "converse", "approve", "inspect"],
  workspace: ["create", "read", "update", "delete", "start", "stop", "share", "ssh", "application_connect"],
  user: ["create", "read", "update", "delete", "read_personal", "update_personal"],
  /** Sessions and API tokens. */
  api_key: ["create", "read", "update", "delete"],
  organization: ["create", "read", "update", "delete"],
  organization_member: ["create", "read", "update", "delete"],
  group: ["create", "read", "update", "delete"],
  /** Roles of the site, and who has them; `create`, `update` and `delete` are about custom roles. */
  assign_role: ["read", "assign", "unassign", "create", "update", "delete"],
  assign_org_role: ["read", "assign", "unassign", "create", "update", "delete"],
  /** Providers, model configs and every other setting of the deployment. */
  deployment_config: ["read", "update"],
  audit_log: ["read"],
} as const

export type ObjectType = keyof typeof ACTIONS
export type Action<Type extends ObjectType = ObjectType> = (typeof ACTIONS)[Type][number]

export const OBJECT_TYPES = Object.keys(ACTIONS) as ReadonlyArray<ObjectType>

/** Who was let in by name, with which role: `{"<user id>": "read"}`. It only adds to what roles allow. */
export interface Acl {
  readonly users: Readonly<Record<UserId, string>>
  readonly groups: Readonly<Record<GroupId, string>>
}

/** What a role of an ACL lets one do, by the kind of thing that has one. */
export const ACL_ROLES: { readonly [Type in ObjectType]?: Readonly<Record<string, ReadonlyArray<Action<Type>>>> } = {
  chat: { read: ["read"] },
}

/** The facts of a thing that a decision rests on. */
export interface ObjectFacts<Type extends ObjectType = ObjectType> {
  readonly type: Type
  /** Of a user: the user itself. */
  readonly ownerId?: UserId
  /** Of what belongs to an organization; of an organization: itself. */
  readonly organizationId?: OrganizationId
  readonly acl?: Acl
}

/** What nobody does in another's name, whatever else he may. */
const OWN_ONLY: ReadonlySet<string> = new Set(["chat:create", "chat:converse", "chat:approve"])

export type Permission = `${ObjectType}:${string}`

export const permissionOf = <Type extends ObjectType>(type: Type, action: Action<Type>): Permission =>
  `${type}:${action}`

export const isOwnOnly = (permission: Permission): boolean => OWN_ONLY.has(permission)

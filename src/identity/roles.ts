import { ACTIONS, type Action, OBJECT_TYPES, type ObjectType } from "./objects.ts"

/** The roles that every deployment has, as data. What a role says is judged by `policy.ts` only. */

export type Grants = { readonly [Type in ObjectType]?: ReadonlyArray<Action<Type>> }

export interface Level {
  readonly allow?: Grants
  /** Within one level, a refusal outweighs what is allowed. */
  readonly deny?: Grants
}

/** Where a grant of a role counts. */
export interface RoleLevels {
  /** On everything in the deployment. */
  readonly site?: Level
  /** On what one has outside of organizations, such as one's own account. */
  readonly user?: Level
  /** On everything in the organization that the role is held in. */
  readonly organization?: Level
  /** On what one has oneself in that organization. */
  readonly member?: Level
}

export interface Role extends RoleLevels {
  /** Stored with an account or a membership, and never renamed. */
  readonly name: string
  readonly displayName: string
  readonly description: string
}

export const SITE_OWNER = "owner"
export const USER_ADMIN = "user-admin"
export const AGENTS_ACCESS = "agents-access"
export const ORGANIZATION_ADMIN = "organization-admin"
export const ORGANIZATION_USER_ADMIN = "organization-user-admin"
export const ORGANIZATION_MEMBER = "organization-member"

const everything: Grants = Object.fromEntries(OBJECT_TYPES.map((type) => [type, ACTIONS[type]]))

const except = (grants: Grants, left: ReadonlyArray<ObjectType>): Grants =>
  Object.fromEntries(Object.entries(grants).filter(([type]) => !left.some((name) => name === type)))

/** What people and groups can be picked from, to share with. */
const pickFrom: Grants = { organization_member: ["read"], group: ["read"] }

export const SITE_ROLES: ReadonlyArray<Role> = [
  {
    name: SITE_OWNER,
    displayName: "Owner",
    description: "Administers the whole deployment.",
    site: { allow: everything },
  },
  {
    name: USER_ADMIN,
    displayName: "User Admin",
    description: "Administers accounts, groups and memberships.",
    site: {
      allow: {
        user: ACTIONS.user,
        organization: ["read"],
        organization_member: ACTIONS.organization_member,
        group: ACTIONS.group,
        assign_role: ["read", "assign", "unassign"],
        assign_org_role: ["read", "assign", "unassign"],
      },
    },
  },
  {
    name: "template-admin",
    displayName: "Template Admin",
    description: "Administers templates, and sees all workspaces without entering them.",
    site: {
      allow: {
        workspace: ["read"],
        user: ["read"],
        group: ["read"],
        organization: ["read"],
        organization_member: ["read"],
      },
    },
  },
  {
    name: "auditor",
    displayName: "Auditor",
    description: "Reads the audit log and the settings of the deployment.",
    site: {
      allow: {
        audit_log: ["read"],
        user: ["read"],
        group: ["read"],
        organization: ["read"],
        organization_member: ["read"],
        assign_role: ["read"],
        assign_org_role: ["read"],
        deployment_config: ["read"],
      },
    },
  },
]

/** What everybody who is signed in may do, without being given it. */
export const MEMBER: Role = {
  name: "member",
  displayName: "Member",
  description: "Every account: its own profile, sessions and API tokens.",
  site: { allow: { assign_role: ["read"] } },
  user: { allow: { user: ["read", "read_personal", "update_personal"], api_key: ACTIONS.api_key } },
}

/** Of an account that no person signs in with. What waits for a person is never decided by one. */
export const SERVICE_ACCOUNT: Role = {
  name: "service-account",
  displayName: "Service Account",
  description: "An account for programs: works by API token only, and approves nothing.",
  site: { deny: { chat: ["approve"] } },
  user: { allow: { user: ["read", "read_personal"], api_key: ["read"] } },
}

export const ORGANIZATION_ROLES: ReadonlyArray<Role> = [
  {
    name: ORGANIZATION_ADMIN,
    displayName: "Organization Admin",
    description: "Administers the organization: members, groups, roles, chats and workspaces, without entering them.",
    organization: {
      allow: {
        ...except(everything, ["deployment_config", "user", "api_key", "assign_role"]),
        organization: ["read", "update"],
        workspace: ["create", "read", "update", "delete", "start", "stop", "share"],
      },
    },
  },
  {
    name: "organization-auditor",
    displayName: "Organization Auditor",
    description: "Reads the organization's audit log.",
    organization: {
      allow: {
        audit_log: ["read"],
        organization: ["read"],
        organization_member: ["read"],
        group: ["read"],
        assign_org_role: ["read"],
      },
    },
  },
  {
    name: ORGANIZATION_USER_ADMIN,
    displayName: "Organization User Admin",
    description: "Administers members and groups of the organization.",
    organization: {
      allow: {
        organization: ["read"],
        organization_member: ACTIONS.organization_member,
        group: ACTIONS.group,
        assign_org_role: ["read", "assign", "unassign"],
      },
    },
  },
  {
    name: "organization-template-admin",
    displayName: "Organization Template Admin",
    description: "Administers templates of the organization, and sees its workspaces without entering them.",
    organization: {
      allow: { workspace: ["read"], organization: ["read"], organization_member: ["read"], group: ["read"] },
    },
  },
  {
    name: "organization-workspace-creation-ban",
    displayName: "Organization Workspace Creation Ban",
    description: "May neither create nor delete workspaces in the organization.",
    organization: { deny: { workspace: ["create", "delete"] } },
  },
  {
    name: AGENTS_ACCESS,
    displayName: "Coder Agents User",
    description: "Delegates work to agents: creates chats in the organization, and drives and shares its own.",
    organization: { allow: pickFrom },
    member: { allow: { chat: ACTIONS.chat } },
  },
]

/** Who may share a workspace of an organization. */
export const WORKSPACE_SHARING = ["none", "everyone", "service_accounts"] as const
export type WorkspaceSharing = (typeof WORKSPACE_SHARING)[number]

const OWN_WORKSPACE = ACTIONS.workspace.filter((action) => action !== "share")

/**
 * What membership itself gives, by the organization's setting of who shares workspaces: nothing about chats. It is made of the setting,
 * not stored beside it, so that the two cannot disagree.
 */
export const membershipRole = (serviceAccount: boolean, sharing: WorkspaceSharing): Role => {
  const shares = sharing === "everyone" || (sharing === "service_accounts" && serviceAccount)
  return {
    name: serviceAccount ? "organization-service-account" : ORGANIZATION_MEMBER,
    displayName: serviceAccount ? "Organization Service Account" : "Organization Member",
    description: "Every member: the organization itself, and its own workspaces.",
    organization: {
      allow: {
        organization: ["read"],
        assign_org_role: ["read"],
        ...(sharing !== "none" && { organization_member: ["read"] }),
        ...(shares && pickFrom),
      },
      ...(sharing === "none" && { deny: { workspace: ["share"] } }),
    },
    member: {
      allow: {
        workspace: shares ? ACTIONS.workspace : OWN_WORKSPACE,
        organization_member: ["read"],
        group: ["read"],
      },
      ...(!shares && { deny: { workspace: ["share"] } }),
    },
  }
}

export const siteRole = (name: string): Role | undefined => SITE_ROLES.find((role) => role.name === name)
export const organizationRole = (name: string): Role | undefined =>
  ORGANIZATION_ROLES.find((role) => role.name === name)

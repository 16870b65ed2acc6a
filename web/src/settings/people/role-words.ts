import type { AssignableRole, Permission } from "../../../../src/contract/roles.ts"

/** Roles, things and actions in words. What the server has that is not here is shown by its own name. */

const titles: Readonly<Record<string, string>> = {
  "user-admin": "User admin",
  "template-admin": "Template admin",
  "organization-admin": "Organization admin",
  "organization-auditor": "Organization auditor",
  "organization-user-admin": "Organization user admin",
  "organization-template-admin": "Organization template admin",
  "organization-workspace-creation-ban": "No workspaces",
  "agents-access": "Agents access",
}

export const AGENTS_ACCESS = "agents-access"
export const AGENTS_ACCESS_MEANS = "May delegate work to agents: create chats, drive them and share them."

/** What a role is called where people read it. */
export const roleTitle = ({ name, display_name }: Pick<AssignableRole, "name" | "display_name">): string =>
  titles[name] ?? (display_name || name)

const things: Readonly<Record<string, string>> = {
  chat: "Chats",
  workspace: "Workspaces",
  user: "Users",
  api_key: "Sessions and API tokens",
  organization: "Organization",
  organization_member: "Members",
  group: "Groups",
  assign_role: "Roles of the deployment",
  assign_org_role: "Roles of the organization",
  deployment_config: "Settings of the deployment",
  audit_log: "Audit log",
}

const spaced = (name: string): string => {
  const text = name.replaceAll("_", " ")
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export const thingTitle = (resourceType: string): string => things[resourceType] ?? spaced(resourceType)

const actions: Readonly<Record<string, string>> = {
  converse: "Send and edit messages",
  approve: "Decide what tools may do",
  inspect: "Look behind the transcript",
  ssh: "Enter by SSH",
  application_connect: "Open its apps",
  read_personal: "Read personal details",
  update_personal: "Change personal details",
  assign: "Give roles",
  unassign: "Take roles away",
}

export const actionTitle = (action: string): string => actions[action] ?? spaced(action)

export interface ThingActions {
  readonly resourceType: string
  readonly actions: ReadonlyArray<string>
}

/** Permissions by what they are about, in the order in which they came, each action once. */
export const byThing = (
  permissions: ReadonlyArray<Pick<Permission, "resource_type" | "action">>,
): ReadonlyArray<ThingActions> => {
  const found = new Map<string, Array<string>>()
  for (const { resource_type, action } of permissions) {
    const known = found.get(resource_type)
    if (known === undefined) found.set(resource_type, [action])
    else if (!known.includes(action)) known.push(action)
  }
  return [...found].map(([resourceType, named]) => ({ resourceType, actions: named }))
}

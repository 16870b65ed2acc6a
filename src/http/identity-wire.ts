import type { User } from "../contract/identity.ts"
import type { Group, Organization, OrganizationMember } from "../contract/organizations.ts"
import type { ApiKey } from "../contract/tokens.ts"
import type { GroupMemberRow, GroupRow } from "../db/identity/groups.ts"
import type { MemberRow } from "../db/identity/members.ts"
import type { OrganizationRow } from "../db/identity/organizations.ts"
import type { KeyRow } from "../db/identity/sessions.ts"
import type { UserRow } from "../db/identity/users.ts"
import { ALL } from "../identity/scopes.ts"
import { organizationRole, siteRole } from "../identity/roles.ts"

/** Rows of identity as they are answered. */

const named = (role: (name: string) => { readonly displayName: string } | undefined) => (name: string) => ({
  name,
  display_name: role(name)?.displayName ?? name,
})

export const userToWire = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  name: row.name,
  email: row.email,
  avatar_url: row.avatar_url,
  status: row.status,
  login_type: row.login_type,
  is_service_account: row.is_service_account,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  ...(row.last_seen_at !== null && { last_seen_at: row.last_seen_at.toISOString() }),
  organization_ids: row.organization_ids,
  roles: row.site_roles.map(named(siteRole)),
})

export const organizationToWire = (row: OrganizationRow): Organization => ({
  id: row.id,
  name: row.name,
  display_name: row.display_name,
  description: row.description,
  icon: row.icon,
  is_default: row.is_default,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

export const memberToWire = (row: MemberRow): OrganizationMember => ({
  organization_id: row.organization_id,
  user_id: row.user_id,
  username: row.username,
  name: row.name,
  email: row.email,
  avatar_url: row.avatar_url,
  status: row.status,
  is_service_account: row.is_service_account,
  roles: row.roles.map(named(organizationRole)),
  global_roles: row.site_roles.map(named(siteRole)),
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

export const groupToWire = (row: GroupRow, members: ReadonlyArray<GroupMemberRow> = []): Group => ({
  id: row.id,
  organization_id: row.organization_id,
  name: row.name,
  display_name: row.display_name,
  avatar_url: row.avatar_url,
  members,
  total_member_count: row.member_count,
  source: "user",
})

export const keyToWire = (row: KeyRow, current: string | undefined): ApiKey => ({
  id: row.id,
  user_id: row.user_id,
  username: row.username,
  login_type: row.kind === "session" ? "password" : "token",
  ...(row.token_name !== null && { token_name: row.token_name }),
  scopes: row.scopes ?? [ALL],
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
  last_used: row.last_used_at.toISOString(),
  lifetime_seconds: row.lifetime_seconds,
  ...(row.ip !== null && { ip_address: row.ip }),
  ...(row.user_agent !== null && { user_agent: row.user_agent }),
  current: row.id === current,
})

import { Schema } from "effect"
import { GroupId, OrganizationId, UserId } from "./ids.ts"
import { SlimRole, UserStatus } from "./identity.ts"
import { optional } from "./request-fields.ts"

/** Organizations, who belongs to them, and groups of those. */

export const Organization = Schema.Struct({
  id: OrganizationId,
  name: Schema.String,
  display_name: Schema.String,
  description: Schema.String,
  icon: Schema.String,
  is_default: Schema.Boolean,
  created_at: Schema.String,
  updated_at: Schema.String,
}).annotations({ identifier: "Organization" })
export type Organization = typeof Organization.Type

/** Letters and digits with single dashes between: it stands in addresses. */
const Slug = Schema.String.pipe(
  Schema.maxLength(32, { message: () => "must have at most 32 characters" }),
  Schema.pattern(/^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/, {
    message: () => "must be letters and digits, with single dashes between",
  }),
)
const DisplayName = Schema.String.pipe(Schema.maxLength(64))
const Icon = Schema.String.pipe(
  Schema.maxLength(256),
  Schema.pattern(/^(|\/[\w./-]+)$/, { message: () => "must be the path of an icon of this server, or empty" }),
)

export const CreateOrganizationRequest = Schema.Struct({
  name: Slug,
  display_name: optional(DisplayName),
  description: optional(Schema.String.pipe(Schema.maxLength(512))),
  icon: optional(Icon),
}).annotations({ identifier: "CreateOrganizationRequest" })
export type CreateOrganizationRequest = typeof CreateOrganizationRequest.Type

export const UpdateOrganizationRequest = Schema.Struct({
  name: optional(Slug),
  display_name: optional(DisplayName),
  description: optional(Schema.String.pipe(Schema.maxLength(512))),
  icon: optional(Icon),
}).annotations({ identifier: "UpdateOrganizationRequest" })
export type UpdateOrganizationRequest = typeof UpdateOrganizationRequest.Type

export const ShareableWorkspaceOwners = Schema.Literal("none", "everyone", "service_accounts")

export const WorkspaceSharing = Schema.Struct({
  /** Who may share a workspace of the organization. `none` while the deployment has switched it off. */
  shareable_workspace_owners: ShareableWorkspaceOwners,
  /** The older form of the same: true for `none`. */
  sharing_disabled: Schema.Boolean,
  sharing_globally_disabled: Schema.Boolean,
}).annotations({ identifier: "WorkspaceSharing" })

export const UpdateWorkspaceSharingRequest = Schema.Struct({
  shareable_workspace_owners: optional(ShareableWorkspaceOwners),
  /** The older form; counts where the newer is absent: true is `none`, false is `everyone`. */
  sharing_disabled: optional(Schema.Boolean),
}).annotations({ identifier: "UpdateWorkspaceSharingRequest" })

export const OrganizationMember = Schema.Struct({
  organization_id: OrganizationId,
  user_id: UserId,
  username: Schema.String,
  name: Schema.String,
  email: Schema.String,
  avatar_url: Schema.String,
  status: UserStatus,
  is_service_account: Schema.Boolean,
  /** Roles of the membership, without those that everybody has. */
  roles: Schema.Array(SlimRole),
  /** Site roles. */
  global_roles: Schema.Array(SlimRole),
  created_at: Schema.String,
  updated_at: Schema.String,
}).annotations({ identifier: "OrganizationMember" })
export type OrganizationMember = typeof OrganizationMember.Type

export const PaginatedMembers = Schema.Struct({
  members: Schema.Array(OrganizationMember),
  count: Schema.Int,
}).annotations({ identifier: "PaginatedMembers" })

export const MinimalUser = Schema.Struct({
  id: UserId,
  username: Schema.String,
  name: Schema.String,
  avatar_url: Schema.String,
}).annotations({ identifier: "MinimalUser" })

export const GroupMember = Schema.Struct({
  ...MinimalUser.fields,
  email: Schema.String,
  status: UserStatus,
}).annotations({ identifier: "GroupMember" })

export const Group = Schema.Struct({
  id: GroupId,
  organization_id: OrganizationId,
  name: Schema.String,
  display_name: Schema.String,
  avatar_url: Schema.String,
  /** In lists, the group without its members. */
  members: Schema.Array(GroupMember),
  total_member_count: Schema.Int,
  source: Schema.Literal("user"),
}).annotations({ identifier: "Group" })
export type Group = typeof Group.Type

const AvatarUrl = Schema.String.pipe(
  Schema.maxLength(1024),
  Schema.pattern(/^(|https?:\/\/\S+|\/\S*)$/, { message: () => "must be an http(s) URL, a path, or empty" }),
)

export const CreateGroupRequest = Schema.Struct({
  name: Slug,
  display_name: optional(DisplayName),
  avatar_url: optional(AvatarUrl),
}).annotations({ identifier: "CreateGroupRequest" })
export type CreateGroupRequest = typeof CreateGroupRequest.Type

/** At most this many accounts are put into or taken out of a group by one call. */
export const MAX_GROUP_CHANGE = 1000

export const UpdateGroupRequest = Schema.Struct({
  name: optional(Slug),
  display_name: optional(DisplayName),
  avatar_url: optional(AvatarUrl),
  add_users: optional(Schema.Array(UserId).pipe(Schema.maxItems(MAX_GROUP_CHANGE))),
  remove_users: optional(Schema.Array(UserId).pipe(Schema.maxItems(MAX_GROUP_CHANGE))),
}).annotations({ identifier: "UpdateGroupRequest" })
export type UpdateGroupRequest = typeof UpdateGroupRequest.Type

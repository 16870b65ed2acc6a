import { Schema } from "effect"
import { GroupId, OrganizationId } from "./ids.ts"
import { MinimalUser } from "./organizations.ts"
import { optional } from "./request-fields.ts"

/** Who may read a chat beside its owner. */

const Role = Schema.Literal("read")

export const ChatAcl = Schema.Struct({
  users: Schema.Array(Schema.Struct({ ...MinimalUser.fields, role: Role })),
  groups: Schema.Array(
    Schema.Struct({
      id: GroupId,
      organization_id: OrganizationId,
      name: Schema.String,
      display_name: Schema.String,
      avatar_url: Schema.String,
      total_member_count: Schema.Int,
      role: Role,
    }),
  ),
}).annotations({ identifier: "ChatAcl" })

/** By id: `read`, or the empty text to take it away. Who is not named stays as he is. */
const roles = optional(Schema.Record({ key: Schema.String, value: Schema.String }))

export const UpdateChatAclRequest = Schema.Struct({ user_roles: roles, group_roles: roles }).annotations({
  identifier: "UpdateChatAclRequest",
})
export type UpdateChatAclRequest = typeof UpdateChatAclRequest.Type

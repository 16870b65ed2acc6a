import { Schema } from "effect"
import { OrganizationId, UserId } from "./ids.ts"
import { optional } from "./request-fields.ts"

/** Roles, and the question whether one may. */

/** One action on one kind of thing. `negate`: refused, which outweighs what is allowed at the same level. */
export const Permission = Schema.Struct({
  negate: Schema.Boolean,
  resource_type: Schema.String,
  action: Schema.String,
}).annotations({ identifier: "Permission" })
export type Permission = typeof Permission.Type

const permissions = Schema.Array(Permission)

const levels = {
  /** On everything in the deployment. */
  site_permissions: permissions,
  /** On everything in the organization. */
  organization_permissions: permissions,
  /** On what one has oneself in the organization. */
  organization_member_permissions: permissions,
  /** On what one has outside of organizations. */
  user_permissions: permissions,
}

export const AssignableRole = Schema.Struct({
  name: Schema.String,
  display_name: Schema.String,
  description: Schema.String,
  organization_id: Schema.optionalWith(OrganizationId, { exact: true }),
  ...levels,
  /** Whether the caller may give it to others. */
  assignable: Schema.Boolean,
  built_in: Schema.Boolean,
}).annotations({ identifier: "AssignableRole" })
export type AssignableRole = typeof AssignableRole.Type

const RoleName = Schema.String.pipe(
  Schema.maxLength(64),
  Schema.pattern(/^[a-z0-9]+(-[a-z0-9]+)*$/, {
    message: () => "must be small letters and digits, with single dashes between",
  }),
)
const some = optional(permissions.pipe(Schema.maxItems(200)))

export const CustomRoleRequest = Schema.Struct({
  name: RoleName,
  display_name: optional(Schema.String.pipe(Schema.maxLength(64))),
  /** Of a role of the deployment only. */
  site_permissions: some,
  user_permissions: some,
  /** Of a role of an organization only. */
  organization_permissions: some,
  organization_member_permissions: some,
}).annotations({ identifier: "CustomRoleRequest" })
export type CustomRoleRequest = typeof CustomRoleRequest.Type

export const AuthorizationCheck = Schema.Struct({
  object: Schema.Struct({
    resource_type: Schema.String,
    owner_id: optional(Schema.Union(UserId, Schema.Literal("me"))),
    organization_id: optional(OrganizationId),
    resource_id: optional(Schema.String),
    /** In any organization. */
    any_org: optional(Schema.Boolean),
  }),
  action: Schema.String,
}).annotations({ identifier: "AuthorizationCheck" })
export type AuthorizationCheck = typeof AuthorizationCheck.Type

export const AuthorizationRequest = Schema.Struct({
  checks: Schema.Record({ key: Schema.String, value: AuthorizationCheck }),
}).annotations({ identifier: "AuthorizationRequest" })

export const AuthorizationResponse = Schema.Record({ key: Schema.String, value: Schema.Boolean }).annotations({
  identifier: "AuthorizationResponse",
})

import { Schema } from "effect"
import { OrganizationId, UserId } from "./ids.ts"
import { optional } from "./request-fields.ts"

/** Users, organizations and sign-in. */

export const Organization = Schema.Struct({
  id: OrganizationId,
  name: Schema.String,
  display_name: Schema.String,
  is_default: Schema.Boolean,
}).annotations({ identifier: "Organization" })
export type Organization = typeof Organization.Type

export const User = Schema.Struct({
  id: UserId,
  username: Schema.String,
  name: Schema.String,
  email: Schema.String,
  created_at: Schema.String,
  organization_ids: Schema.Array(OrganizationId),
  /** Site roles: `owner` administers the deployment. */
  roles: Schema.Array(Schema.Struct({ name: Schema.String, display_name: Schema.String })),
}).annotations({ identifier: "User" })
export type User = typeof User.Type

const Email = Schema.String.pipe(
  Schema.maxLength(254),
  Schema.pattern(/^[^\s@]+@[^\s@]+$/, { message: () => "must be an e-mail address" }),
)
const Password = Schema.String.pipe(
  Schema.minLength(10, { message: () => "must have at least 10 characters" }),
  Schema.maxLength(256, { message: () => "must have at most 256 characters" }),
)
const Username = Schema.String.pipe(
  Schema.pattern(/^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/, {
    message: () => "must be letters and digits, with single dashes between",
  }),
  Schema.maxLength(32, { message: () => "must have at most 32 characters" }),
)

/** `setup_token` is always asked for: the URL that the server prints at its start ends in `#setup=` and the token. */
export const CreateFirstUserRequest = Schema.Struct({
  email: Email,
  username: Username,
  password: Password,
  name: optional(Schema.String),
  setup_token: optional(Schema.String),
}).annotations({ identifier: "CreateFirstUserRequest" })
export type CreateFirstUserRequest = typeof CreateFirstUserRequest.Type

export const CreateFirstUserResponse = Schema.Struct({ user_id: UserId, organization_id: OrganizationId })

export const LoginRequest = Schema.Struct({
  email: Schema.String,
  password: Schema.String,
}).annotations({ identifier: "LoginRequest" })

export const LoginResponse = Schema.Struct({ session_token: Schema.String })

export const FirstUserState = Schema.Struct({
  /** True while nobody can sign in yet. */
  needed: Schema.Boolean,
  setup_token_required: Schema.Boolean,
})

import { Schema } from "effect"
import { OrganizationId, UserId } from "./ids.ts"
import { optional } from "./request-fields.ts"

/** Users, organizations and sign-in. */

export const SlimRole = Schema.Struct({ name: Schema.String, display_name: Schema.String }).annotations({
  identifier: "SlimRole",
})

/** `dormant`: never signed in, or not for 90 days; signing in makes it active. `suspended`: nobody signs in with it. */
export const UserStatus = Schema.Literal("active", "dormant", "suspended")

export const LoginType = Schema.Literal("password", "none")

export const User = Schema.Struct({
  id: UserId,
  username: Schema.String,
  name: Schema.String,
  email: Schema.String,
  avatar_url: Schema.String,
  status: UserStatus,
  login_type: LoginType,
  is_service_account: Schema.Boolean,
  created_at: Schema.String,
  updated_at: Schema.String,
  last_seen_at: Schema.optionalWith(Schema.String, { exact: true }),
  organization_ids: Schema.Array(OrganizationId),
  /** Site roles: `owner` administers the deployment. */
  roles: Schema.Array(SlimRole),
}).annotations({ identifier: "User" })
export type User = typeof User.Type

/** Signs beyond ASCII are refused, since many look like others: the domain is given in its `xn--` form. */
const Email = Schema.String.pipe(
  Schema.maxLength(254),
  Schema.pattern(/^[!-?A-~]+@[!-?A-~]+$/, {
    message: () => "must be an e-mail address of plain letters, digits and signs",
  }),
)
const Password = Schema.String.pipe(
  Schema.minLength(10, { message: () => "must have at least 10 characters" }),
  Schema.maxLength(256, { message: () => "must have at most 256 characters" }),
)
export const Username = Schema.String.pipe(
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

export const Users = Schema.Struct({ users: Schema.Array(User), count: Schema.Int }).annotations({
  identifier: "Users",
})

export const CreateUserRequest = Schema.Struct({
  username: Username,
  /** Left out for a service account only. */
  email: optional(Email),
  name: optional(Schema.String.pipe(Schema.maxLength(128))),
  password: optional(Password),
  /** `password` unless said otherwise. Who signs in with `none` does so by API token only. */
  login_type: optional(LoginType),
  /** The default organization when there is none. */
  organization_ids: optional(Schema.Array(OrganizationId)),
  /** `dormant` unless said otherwise. */
  user_status: optional(Schema.Literal("active", "dormant")),
  /** Works by API token only, and approves nothing. */
  service_account: optional(Schema.Boolean),
}).annotations({ identifier: "CreateUserRequest" })
export type CreateUserRequest = typeof CreateUserRequest.Type

export const UpdateProfileRequest = Schema.Struct({
  username: Username,
  name: optional(Schema.String.pipe(Schema.maxLength(128))),
  /** By administrators of users only. */
  email: optional(Email),
}).annotations({ identifier: "UpdateProfileRequest" })
export type UpdateProfileRequest = typeof UpdateProfileRequest.Type

export const ChangePasswordRequest = Schema.Struct({
  password: Password,
  /** The present one: must be given for one's own account. */
  old_password: optional(Schema.String),
}).annotations({ identifier: "ChangePasswordRequest" })
export type ChangePasswordRequest = typeof ChangePasswordRequest.Type

export const SetRolesRequest = Schema.Struct({
  /** Names; all that the account has afterwards. */
  roles: Schema.Array(Schema.String.pipe(Schema.maxLength(128))).pipe(Schema.maxItems(100)),
}).annotations({ identifier: "SetRolesRequest" })

export const ThemePreference = Schema.Literal("", "light", "dark", "auto")

export const Appearance = Schema.Struct({
  theme_preference: ThemePreference,
  terminal_font: Schema.String,
}).annotations({ identifier: "UserAppearance" })

export const UpdateAppearanceRequest = Schema.Struct({
  theme_preference: ThemePreference,
  terminal_font: optional(Schema.String.pipe(Schema.maxLength(64))),
}).annotations({ identifier: "UpdateAppearanceRequest" })

/** What a person chose for the pages. */
export const Preferences = Schema.Struct({
  task_notification_alert_dismissed: Schema.Boolean,
}).annotations({ identifier: "UserPreferences" })

export const UserRoles = Schema.Struct({
  /** Names of site roles. */
  roles: Schema.Array(Schema.String),
  /** Names of the roles of each membership, by organization. */
  organization_roles: Schema.Record({ key: Schema.String, value: Schema.Array(Schema.String) }),
}).annotations({ identifier: "UserRoles" })

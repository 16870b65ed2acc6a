import { Schema } from "effect"
import { UserId } from "./ids.ts"
import { optional } from "./request-fields.ts"

/** Sessions, and API tokens for programs. */

export const ApiKey = Schema.Struct({
  id: Schema.String,
  user_id: UserId,
  username: Schema.String,
  login_type: Schema.Literal("password", "token"),
  /** Of a token. */
  token_name: Schema.optionalWith(Schema.String, { exact: true }),
  /** What of the user's rights it has. */
  scopes: Schema.Array(Schema.String),
  created_at: Schema.String,
  expires_at: Schema.String,
  last_used: Schema.String,
  lifetime_seconds: Schema.Int,
  ip_address: Schema.optionalWith(Schema.String, { exact: true }),
  user_agent: Schema.optionalWith(Schema.String, { exact: true }),
  /** The key that this very call is made with. */
  current: Schema.Boolean,
}).annotations({ identifier: "ApiKey" })
export type ApiKey = typeof ApiKey.Type

export const CreateTokenRequest = Schema.Struct({
  token_name: optional(
    Schema.String.pipe(
      Schema.maxLength(64),
      Schema.pattern(/^[\w][\w .-]*$/, {
        message: () => "must begin with a letter or digit; then also dots, dashes and spaces",
      }),
    ),
  ),
  /** Nanoseconds, as in the reference; `lifetime_days` is the other way to say it. 30 days when neither is given. */
  lifetime: optional(Schema.Number.pipe(Schema.positive())),
  lifetime_days: optional(Schema.Int.pipe(Schema.positive())),
  /** The older form of one scope. */
  scope: optional(Schema.String),
  /** `all` when none is given. */
  scopes: optional(Schema.Array(Schema.String).pipe(Schema.maxItems(100))),
}).annotations({ identifier: "CreateTokenRequest" })
export type CreateTokenRequest = typeof CreateTokenRequest.Type

/** The key itself is told once and never again. */
export const CreateTokenResponse = Schema.Struct({ id: Schema.String, key: Schema.String })

export const TokenConfig = Schema.Struct({
  /** Nanoseconds. */
  max_token_lifetime: Schema.Number,
  scopes: Schema.Array(Schema.String),
}).annotations({ identifier: "TokenConfig" })
export type TokenConfig = typeof TokenConfig.Type

import { Schema } from "effect"
import { OrganizationId, UserId } from "./ids.ts"

/** What was changed, by whom. */

export const AuditChange = Schema.Struct({
  old: Schema.Unknown,
  new: Schema.Unknown,
  /** Only that it has changed is kept. */
  secret: Schema.Boolean,
}).annotations({ identifier: "AuditChange" })

export const AuditEntry = Schema.Struct({
  id: Schema.String,
  time: Schema.String,
  request_id: Schema.optionalWith(Schema.String, { exact: true }),
  organization: Schema.optionalWith(Schema.Struct({ id: OrganizationId, name: Schema.String }), { exact: true }),
  actor: Schema.Struct({
    kind: Schema.Literal("person", "token", "service_account", "agent", "automation", "system"),
    id: Schema.optionalWith(UserId, { exact: true }),
    username: Schema.String,
    token_id: Schema.optionalWith(Schema.String, { exact: true }),
  }),
  ip: Schema.optionalWith(Schema.String, { exact: true }),
  user_agent: Schema.optionalWith(Schema.String, { exact: true }),
  resource_type: Schema.String,
  resource_id: Schema.String,
  /** What people call it. Of a chat the first characters of its id. */
  resource_target: Schema.String,
  action: Schema.Literal("create", "write", "delete", "start", "stop", "login", "logout", "register", "open"),
  diff: Schema.Record({ key: Schema.String, value: AuditChange }),
  additional_fields: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  /** A sentence: `ann changed the user bob`. */
  description: Schema.String,
}).annotations({ identifier: "AuditEntry" })
export type AuditEntry = typeof AuditEntry.Type

export const AuditLog = Schema.Struct({
  audit_logs: Schema.Array(AuditEntry),
  /** Counted up to `count_cap`. */
  count: Schema.Int,
  count_cap: Schema.Int,
}).annotations({ identifier: "AuditLog" })

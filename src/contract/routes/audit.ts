import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { AuditLog } from "../audit.ts"
import { Forbidden, NotFound } from "../errors.ts"
import { TokenScope } from "./access.ts"

/** The record of what was changed. Its export (`GET /audit/export?format=csv|jsonl&q=`) is sent as it is read. */
export const AuditRoutes = HttpApiGroup.make("audit")
  .annotate(TokenScope, "audit_log")
  .add(
    HttpApiEndpoint.get("listAuditLog", "/audit")
      .setUrlParams(
        Schema.Struct({
          q: Schema.optional(Schema.String.pipe(Schema.maxLength(1000))),
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1000))),
          after_id: Schema.optional(Schema.UUID),
          offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
        }),
      )
      .addSuccess(AuditLog)
      .addError(Forbidden)
      .addError(NotFound),
  )

import { Context } from "effect"
import type { SessionKeyId, UserId } from "../contract/ids.ts"
import type { AuditActorKind } from "../db/audit/audit-row.ts"

/** Who is behind what goes on, for the record: set for each request, and by nobody for what the server does by itself. */
export interface Acting {
  readonly kind: AuditActorKind
  readonly userId: UserId | null
  readonly username: string
  /** Of a call with an API token. */
  readonly tokenId: SessionKeyId | null
  readonly requestId: string | null
  readonly ip: string | null
  readonly userAgent: string | null
}

export const NOBODY: Acting = {
  kind: "system",
  userId: null,
  username: "",
  tokenId: null,
  requestId: null,
  ip: null,
  userAgent: null,
}

export class Origin extends Context.Reference<Origin>()("troupe/identity/Origin", {
  defaultValue: (): Acting => NOBODY,
}) {}

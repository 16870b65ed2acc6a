import { Context, Effect, Layer } from "effect"
import type { OrganizationId } from "../../contract/ids.ts"
import { AuditLogRepository } from "../../db/audit/audit-log.ts"
import type { AuditAction, AuditEntry } from "../../db/audit/audit-row.ts"
import { type Acting, Origin } from "../origin.ts"
import { type AuditedRow, type AuditedType, diffOf } from "./audited.ts"

export interface Change<Type extends AuditedType> {
  readonly type: Type
  readonly id: string
  /** What people call it. Of a chat the first characters of its id, never its title. */
  readonly target: string
  readonly organizationId: OrganizationId | null
  readonly action: AuditAction
  readonly before?: AuditedRow<Type>
  readonly after?: AuditedRow<Type>
  readonly more?: Readonly<Record<string, unknown>>
}

/** The row of a change that somebody makes; undefined for a write that changes nothing. */
export const entryBy = <Type extends AuditedType>(acting: Acting, change: Change<Type>): AuditEntry | undefined => {
  const diff = diffOf(change.type, change.before, change.after)
  if (change.action === "write" && Object.keys(diff).length === 0) return undefined
  return {
    requestId: acting.requestId,
    organizationId: change.organizationId,
    actorKind: acting.kind,
    actorId: acting.userId,
    actorName: acting.username,
    tokenId: acting.tokenId,
    ip: acting.ip,
    userAgent: acting.userAgent,
    resourceType: change.type,
    resourceId: change.id,
    resourceTarget: change.target,
    action: change.action,
    diff,
    additionalFields: change.more ?? {},
  }
}

/** The record of what was changed, and by whom. */
export class Audit extends Context.Tag("troupe/Audit")<
  Audit,
  {
    /**
     * Called within the transaction that makes the change, so that there is no change without its row and no row without its
     * change. A write that changes nothing leaves none.
     */
    readonly record: <Type extends AuditedType>(change: Change<Type>) => Effect.Effect<void>
    /** The row itself, for a statement that makes the change and writes it down in one. */
    readonly entry: <Type extends AuditedType>(change: Change<Type>) => Effect.Effect<AuditEntry | undefined>
  }
>() {
  static readonly layer = Layer.effect(
    Audit,
    Effect.map(AuditLogRepository, (log) => ({
      entry: (change) => Effect.map(Origin, (acting) => entryBy(acting, change)),
      record: (change) =>
        Effect.flatMap(Origin, (acting) => {
          const entry = entryBy(acting, change)
          return entry === undefined ? Effect.void : log.insert(entry)
        }),
    })),
  )
}

import { Context, Effect, Layer } from "effect"
import type { OrganizationId } from "../../contract/ids.ts"
import { type AuditAction, AuditLogRepository } from "../../db/identity/audit-log.ts"
import { Origin } from "../origin.ts"
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

/** The record of what was changed, and by whom. */
export class Audit extends Context.Tag("troupe/Audit")<
  Audit,
  {
    /**
     * Called within the transaction that makes the change, so that there is no change without its row and no row without its
     * change. A write that changes nothing leaves none.
     */
    readonly record: <Type extends AuditedType>(change: Change<Type>) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    Audit,
    Effect.map(AuditLogRepository, (log) => ({
      record: <Type extends AuditedType>({ type, before, after, more = {}, ...change }: Change<Type>) =>
        Effect.gen(function* () {
          const diff = diffOf(type, before, after)
          if (change.action === "write" && Object.keys(diff).length === 0) return
          const acting = yield* Origin
          yield* log.insert({
            requestId: acting.requestId,
            organizationId: change.organizationId,
            actorKind: acting.kind,
            actorId: acting.userId,
            actorName: acting.username,
            tokenId: acting.tokenId,
            ip: acting.ip,
            userAgent: acting.userAgent,
            resourceType: type,
            resourceId: change.id,
            resourceTarget: change.target,
            action: change.action,
            diff,
            additionalFields: more,
          })
        }),
    })),
  )
}

import { Clock, Context, Effect, Layer } from "effect"
import { v5 as uuidv5 } from "uuid"
import type { ChatId, OrganizationId } from "../../contract/ids.ts"
import { AuditLogRepository } from "../../db/audit/audit-log.ts"
import type { AuditAction, AuditEntry } from "../../db/audit/audit-row.ts"
import { type Acting, Origin } from "../origin.ts"
import { type AuditedRow, type AuditedType, chatTarget, diffOf } from "./audited.ts"

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

/** Names of what somebody did in an hour. */
const LOOKED_INTO = "6b0ff1ad-3a9c-4f55-9d0c-6c2ef2b9a1d4"
const HOUR_MS = 3_600_000

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
    /** Somebody looks into a chat of somebody else: one row an hour for each person, token and chat, whatever is read of it. */
    readonly lookedInto: (chat: {
      readonly id: ChatId
      readonly organization_id: OrganizationId
    }) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    Audit,
    Effect.map(AuditLogRepository, (log) => ({
      entry: (change) => Effect.map(Origin, (acting) => entryBy(acting, change)),
      lookedInto: ({ id, organization_id: organizationId }) =>
        Effect.gen(function* () {
          const acting = yield* Origin
          const entry = entryBy(acting, { type: "chat", id, target: chatTarget(id), organizationId, action: "open" })
          if (entry === undefined) return
          const hour = Math.floor((yield* Clock.currentTimeMillis) / HOUR_MS)
          yield* log.insertOnce(entry, uuidv5([entry.actorId, entry.tokenId, id, hour].join(" "), LOOKED_INTO))
        }),
      record: (change) =>
        Effect.flatMap(Origin, (acting) => {
          const entry = entryBy(acting, change)
          return entry === undefined ? Effect.void : log.insert(entry)
        }),
    })),
  )
}

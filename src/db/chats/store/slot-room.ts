import type { SqlClient } from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import type { Capacity } from "../admission.ts"

/** Whose slots a limit counts: columns or values, as the statement has them. */
export interface SlotScope {
  readonly chatId: Fragment
  readonly ownerId: Fragment
  readonly organizationId: Fragment
}

/**
 * Holds where the limits leave room for a chat beside all others that have a slot. The slot was given by a ledger in memory, before
 * the statement; this is what keeps a mistake of the ledger from exceeding a limit. Nothing is counted where nothing is limited.
 */
export const hasRoom = (sql: SqlClient, { chatId, organizationId, ownerId }: SlotScope, limits: Capacity): Fragment => {
  const below = (limit: number | null, scope: Fragment) =>
    limit === null
      ? []
      : [
          sql`(select count(*) from chats other where (other.holds_slot or (other.waits_for_slot and other.admitted_at is not null))
            and not other.archived and other.id <> ${chatId} ${scope}) < ${limit}`,
        ]
  return sql.and([
    ...below(limits.deployment, sql``),
    ...below(limits.perUser, sql`and other.owner_id = ${ownerId}`),
    ...below(limits.perOrganization, sql`and other.organization_id = ${organizationId}`),
  ])
}

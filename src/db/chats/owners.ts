import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { OrganizationId, UserId } from "../../contract/ids.ts"

/** Somebody who owns chats of an organization that have to be looked after, and may not have them go on. */
export interface BarredOwner {
  readonly owner_id: UserId
  readonly organization_id: OrganizationId
  /** The account is suspended or deleted; else it has lost what it takes to create chats there. */
  readonly is_out: boolean
}

/** Roles that do not let anybody create chats: who has no other may not. */
export interface WeakRoles {
  readonly site: ReadonlyArray<string>
  readonly organization: ReadonlyArray<string>
}

/** What becomes of chats when their owners' accounts and roles change. */
export class ChatOwners extends Context.Tag("troupe/db/ChatOwners")<
  ChatOwners,
  {
    readonly barred: (weak: WeakRoles) => Effect.Effect<ReadonlyArray<BarredOwner>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    ChatOwners,
    Effect.map(SqlClient.SqlClient, (sql) => ({
      // From the chats on: they are few, and accounts that were ever deleted may be many.
      barred: ({ site, organization }: WeakRoles) =>
        sql<BarredOwner>`
          select distinct c.owner_id, c.organization_id, u.deleted or u.status = 'suspended' as is_out
          from chats c join users u on u.id = c.owner_id
            left join organization_members m on m.user_id = c.owner_id and m.organization_id = c.organization_id
          where c.owned and (u.deleted or u.status = 'suspended' or m.user_id is null
            or (m.roles <@ ${[...organization]}::text[] and u.site_roles <@ ${[...site]}::text[]))`,
    })),
  )
}

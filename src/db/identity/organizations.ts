import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { OrganizationId, UserId } from "../../contract/ids.ts"

export interface OrganizationRow {
  readonly id: OrganizationId
  readonly name: string
  readonly display_name: string
  readonly is_default: boolean
}

export class OrganizationRepository extends Context.Tag("troupe/db/OrganizationRepository")<
  OrganizationRepository,
  {
    /** The organization that every deployment has; made by the first migration. */
    readonly defaultId: Effect.Effect<OrganizationId>
    readonly listAll: Effect.Effect<ReadonlyArray<OrganizationRow>>
    readonly addMember: (
      organizationId: OrganizationId,
      userId: UserId,
      roles: ReadonlyArray<string>,
    ) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    OrganizationRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return {
        defaultId: sql<{ id: OrganizationId }>`select id from organizations where is_default`.pipe(
          Effect.flatMap((rows) =>
            rows[0] === undefined
              ? Effect.dieMessage("the default organization is missing")
              : Effect.succeed(rows[0].id),
          ),
          Effect.orDie,
        ),
        listAll: sql<OrganizationRow>`
          select id, name, display_name, is_default from organizations order by is_default desc, name
        `.pipe(Effect.orDie),
        addMember: (organizationId, userId, roles) =>
          sql`
            insert into organization_members (organization_id, user_id, roles)
            values (${organizationId}, ${userId}, ${roles})
          `.pipe(Effect.orDie, Effect.asVoid),
      }
    }),
  )
}

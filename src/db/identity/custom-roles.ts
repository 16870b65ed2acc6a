import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { OrganizationId } from "../../contract/ids.ts"
import { jsonb } from "../engine/jsonb.ts"
import { isUniqueViolation } from "../engine/sql-errors.ts"

/** Actions by kind of thing, as they were stored: an older version may have known others. */
type StoredGrants = Readonly<Record<string, ReadonlyArray<string>>>
interface StoredLevel {
  readonly allow?: StoredGrants
  readonly deny?: StoredGrants
}

export interface CustomRoleRow {
  /** Null for a role of the deployment. */
  readonly organization_id: OrganizationId | null
  readonly name: string
  readonly display_name: string
  readonly levels: Readonly<Record<string, StoredLevel>>
}

/** Roles that were made here, beside the built-in ones. */
export class CustomRoleRepository extends Context.Tag("troupe/db/CustomRoleRepository")<
  CustomRoleRepository,
  {
    /** Of the organization, or of the deployment where it is null. */
    readonly list: (organizationId: OrganizationId | null) => Effect.Effect<ReadonlyArray<CustomRoleRow>>
    /** The row as it is, kept so until the transaction ends. */
    readonly lock: (organizationId: OrganizationId | null, name: string) => Effect.Effect<Option.Option<CustomRoleRow>>
    readonly insert: (role: CustomRoleRow) => Effect.Effect<void, "name">
    readonly update: (role: CustomRoleRow) => Effect.Effect<void>
    readonly remove: (organizationId: OrganizationId | null, name: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    CustomRoleRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const columns = sql.literal("organization_id, name, display_name, levels")
      const named = (error: SqlError): Effect.Effect<never, "name"> =>
        isUniqueViolation(error, "custom_roles_name_key") ? Effect.fail("name") : Effect.die(error)
      const within = (organizationId: OrganizationId | null) =>
        sql`organization_id is not distinct from ${organizationId}::uuid`
      return {
        list: (organizationId) =>
          sql<CustomRoleRow>`
            select ${columns} from custom_roles where ${within(organizationId)} order by name
          `.pipe(Effect.orDie),
        lock: (organizationId, name) =>
          sql<CustomRoleRow>`
            select ${columns} from custom_roles where ${within(organizationId)} and name = ${name} for update
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => Option.fromNullable(rows[0])),
          ),
        insert: (role) =>
          sql`
            insert into custom_roles (id, organization_id, name, display_name, levels)
            values (${randomUUID()}, ${role.organization_id}, ${role.name}, ${role.display_name}, ${jsonb(role.levels)}::jsonb)
          `.pipe(Effect.catchAll(named), Effect.asVoid),
        update: (role) =>
          sql`
            update custom_roles set display_name = ${role.display_name}, levels = ${jsonb(role.levels)}::jsonb,
              updated_at = now()
            where ${within(role.organization_id)} and name = ${role.name}
          `.pipe(Effect.orDie, Effect.asVoid),
        remove: (organizationId, name) =>
          sql`delete from custom_roles where ${within(organizationId)} and name = ${name}`.pipe(
            Effect.orDie,
            Effect.asVoid,
          ),
      }
    }),
  )
}

import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { OrganizationId } from "../../contract/ids.ts"
import { isUniqueViolation } from "../engine/sql-errors.ts"

export interface OrganizationRow {
  readonly id: OrganizationId
  readonly name: string
  readonly display_name: string
  readonly description: string
  readonly icon: string
  readonly is_default: boolean
  readonly shareable_workspace_owners: "none" | "everyone" | "service_accounts"
  readonly created_at: Date
  readonly updated_at: Date
}

export interface OrganizationChange {
  readonly name?: string
  readonly displayName?: string
  readonly description?: string
  readonly icon?: string
  readonly shareableWorkspaceOwners?: OrganizationRow["shareable_workspace_owners"]
}

const COLUMNS = `id, name, display_name, description, icon, is_default, shareable_workspace_owners, created_at, updated_at`

/** Organizations that are not deleted. Names are compared without case. */
export class OrganizationRepository extends Context.Tag("troupe/db/OrganizationRepository")<
  OrganizationRepository,
  {
    /** The organization that every deployment has; made by the first migration. */
    readonly defaultId: Effect.Effect<OrganizationId>
    readonly listAll: Effect.Effect<ReadonlyArray<OrganizationRow>>
    readonly findById: (id: OrganizationId) => Effect.Effect<Option.Option<OrganizationRow>>
    readonly findByName: (name: string) => Effect.Effect<Option.Option<OrganizationRow>>
    readonly insert: (organization: {
      readonly name: string
      readonly displayName: string
      readonly description: string
      readonly icon: string
    }) => Effect.Effect<OrganizationRow, "name">
    readonly update: (
      id: OrganizationId,
      change: OrganizationChange,
    ) => Effect.Effect<Option.Option<OrganizationRow>, "name">
    /** The row as it is, kept so until the transaction ends. */
    readonly lock: (id: OrganizationId) => Effect.Effect<Option.Option<OrganizationRow>>
    /** Gives the name free; what belongs to it stays for history and cost, and nobody is a member any more. */
    readonly remove: (id: OrganizationId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    OrganizationRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const columns = sql.literal(COLUMNS)
      const first = (rows: ReadonlyArray<OrganizationRow>) => Option.fromNullable(rows[0])
      const named = (error: SqlError): Effect.Effect<never, "name"> =>
        isUniqueViolation(error, "organizations_name_key") ? Effect.fail("name") : Effect.die(error)
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
          select ${columns} from organizations where not deleted order by is_default desc, lower(name)
        `.pipe(Effect.orDie),
        findById: (id) =>
          sql<OrganizationRow>`select ${columns} from organizations where id = ${id} and not deleted`.pipe(
            Effect.orDie,
            Effect.map(first),
          ),
        findByName: (name) =>
          sql<OrganizationRow>`
            select ${columns} from organizations where lower(name) = lower(${name}) and not deleted
          `.pipe(Effect.orDie, Effect.map(first)),
        insert: ({ name, displayName, description, icon }) =>
          sql<OrganizationRow>`
            insert into organizations (id, name, display_name, description, icon)
            values (${randomUUID()}, ${name}, ${displayName}, ${description}, ${icon}) returning ${columns}
          `.pipe(
            Effect.catchAll(named),
            Effect.flatMap((rows) =>
              rows[0] === undefined ? Effect.dieMessage("an insert returned no row") : Effect.succeed(rows[0]),
            ),
          ),
        update: (id, change) =>
          sql<OrganizationRow>`
            update organizations set
              name = coalesce(${change.name ?? null}, name),
              display_name = coalesce(${change.displayName ?? null}, display_name),
              description = coalesce(${change.description ?? null}, description),
              icon = coalesce(${change.icon ?? null}, icon),
              shareable_workspace_owners = coalesce(${change.shareableWorkspaceOwners ?? null}, shareable_workspace_owners),
              updated_at = now()
            where id = ${id} and not deleted returning ${columns}
          `.pipe(Effect.catchAll(named), Effect.map(first)),
        lock: (id) =>
          sql<OrganizationRow>`select ${columns} from organizations where id = ${id} and not deleted for update`.pipe(
            Effect.orDie,
            Effect.map(first),
          ),
        remove: (id) =>
          sql`
            with gone as (
              update organizations set deleted = true, updated_at = now()
              where id = ${id} and not is_default and not deleted returning id
            )
            delete from organization_members m using gone where m.organization_id = gone.id
          `.pipe(Effect.orDie, Effect.asVoid),
      }
    }),
  )
}

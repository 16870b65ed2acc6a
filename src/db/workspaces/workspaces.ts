import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer, Option } from "effect"
import { randomBytes, randomUUID } from "node:crypto"
import type { BuildId, ChatId, OrganizationId, TemplateId, UserId, WorkspaceId } from "../../contract/ids.ts"
import { inTransaction } from "../engine/transaction.ts"

export interface TemplateRow {
  readonly id: TemplateId
  /** null: every organization may use it. */
  readonly organization_id: OrganizationId | null
  readonly name: string
  readonly driver: "local"
  readonly auto_workspace: boolean
}

export type BuildTransition = "start" | "stop" | "delete"
export type BuildStatus = "pending" | "running" | "succeeded" | "failed" | "canceled"

/** A workspace that is not deleted, with its latest build. */
export interface WorkspaceRow {
  readonly id: WorkspaceId
  readonly owner_id: UserId
  readonly organization_id: OrganizationId
  readonly name: string
  readonly driver: "local"
  readonly build_id: BuildId
  readonly transition: BuildTransition
  readonly status: BuildStatus
  readonly error: string | null
}

/** What decides what an account may do with workspaces. */
export interface WorkspaceOwnerRow {
  readonly active: boolean
  readonly site_owner: boolean
  readonly organization_ids: ReadonlyArray<OrganizationId>
}

export interface NewWorkspace {
  readonly ownerId: UserId
  readonly organizationId: OrganizationId
  readonly templateId: TemplateId
  /** Four random digits are appended when it is taken, or when it ends with a dash. At most 27 characters. */
  readonly name: string
}

export class WorkspaceRepository extends Context.Tag("troupe/db/WorkspaceRepository")<
  WorkspaceRepository,
  {
    readonly find: (workspaceId: WorkspaceId) => Effect.Effect<Option.Option<WorkspaceRow>>
    readonly owner: (userId: UserId) => Effect.Effect<Option.Option<WorkspaceOwnerRow>>
    readonly findTemplate: (templateId: TemplateId) => Effect.Effect<Option.Option<TemplateRow>>
    /** The template that chats of the organization get a workspace from unasked; its own before those for all. */
    readonly autoTemplate: (organizationId: OrganizationId) => Effect.Effect<Option.Option<TemplateRow>>
    /** The workspace a chat is bound to now; none when it was deleted. */
    readonly ofChat: (chatId: ChatId) => Effect.Effect<Option.Option<WorkspaceRow>>
    /** Runs `effect` in a transaction that nobody else is in who makes, starts or stops this chat's workspace. */
    readonly exclusivelyForChat: <A, E, R>(chatId: ChatId, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    /** The workspace with its first build, a running start. */
    readonly insert: (workspace: NewWorkspace) => Effect.Effect<WorkspaceRow>
    /** A further start after one that did not come to its end. */
    readonly insertStart: (workspaceId: WorkspaceId) => Effect.Effect<BuildId>
    readonly finishBuild: (
      buildId: BuildId,
      status: "succeeded" | "failed",
      error: string | null,
    ) => Effect.Effect<void>
    /** Binds a chat that has no living workspace. False when there is no such chat. */
    readonly bind: (chatId: ChatId, workspaceId: WorkspaceId, buildId: BuildId) => Effect.Effect<boolean>
  }
>() {
  static readonly layer = Layer.effect(
    WorkspaceRepository,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      const first = <Row>(rows: Effect.Effect<ReadonlyArray<Row>, SqlError>): Effect.Effect<Option.Option<Row>> =>
        rows.pipe(
          Effect.orDie,
          Effect.map((found) => Option.fromNullable(found[0])),
        )

      const workspaceRows = sql.literal(`
        select w.id, w.owner_id, w.organization_id, w.name, t.driver,
          b.id as build_id, b.transition, b.status, b.error
        from workspaces w
        join templates t on t.id = w.template_id
        join lateral (
          select * from workspace_builds where workspace_id = w.id order by number desc limit 1
        ) b on true`)

      const templateColumns = sql.literal("id, organization_id, name, driver, auto_workspace")

      const insertStart = (workspaceId: WorkspaceId) => {
        const buildId = randomUUID()
        return sql`
          insert into workspace_builds (id, workspace_id, number, transition, status, started_at)
          select ${buildId}, ${workspaceId}, coalesce(max(number), 0) + 1, 'start', 'running', now()
          from workspace_builds where workspace_id = ${workspaceId}
        `.pipe(Effect.orDie, Effect.as(buildId))
      }

      const find = (workspaceId: WorkspaceId) =>
        first(sql<WorkspaceRow>`${workspaceRows} where w.id = ${workspaceId} and not w.deleted`)

      /** The name as given, then with new random digits until it is free. */
      const insertNamed = (workspace: NewWorkspace, name: string): Effect.Effect<WorkspaceId, SqlError> => {
        const id: WorkspaceId = randomUUID()
        return sql`
          insert into workspaces (id, owner_id, organization_id, template_id, name)
          values (${id}, ${workspace.ownerId}, ${workspace.organizationId}, ${workspace.templateId}, ${name})
          on conflict do nothing
          returning id
        `.pipe(
          Effect.flatMap((rows) =>
            rows.length === 1
              ? Effect.succeed(id)
              : insertNamed(workspace, `${workspace.name.replace(/-$/, "")}-${randomBytes(2).toString("hex")}`),
          ),
        )
      }

      const insert = Effect.fn("WorkspaceRepository.insert")(function* (workspace: NewWorkspace) {
        const name = workspace.name.endsWith("-") ? workspace.name + randomBytes(2).toString("hex") : workspace.name
        const id = yield* insertNamed(workspace, name).pipe(Effect.orDie)
        yield* insertStart(id)
        return yield* find(id).pipe(Effect.map(Option.getOrThrow))
      })

      return {
        find,
        owner: (userId) =>
          first(
            sql<WorkspaceOwnerRow>`
              select u.status <> 'suspended' as active, 'owner' = any (u.site_roles) as site_owner,
                array(select m.organization_id::text from organization_members m where m.user_id = u.id) as organization_ids
              from users u where u.id = ${userId} and not u.deleted`,
          ),
        findTemplate: (templateId) =>
          first(sql<TemplateRow>`select ${templateColumns} from templates where id = ${templateId} and not deleted`),
        autoTemplate: (organizationId) =>
          first(
            sql<TemplateRow>`
              select ${templateColumns} from templates
              where auto_workspace and not deleted and (organization_id is null or organization_id = ${organizationId})
              order by organization_id nulls last, created_at, id limit 1`,
          ),
        ofChat: (chatId) =>
          first(
            sql<WorkspaceRow>`
              ${workspaceRows} join chats c on c.workspace_id = w.id where c.id = ${chatId} and not w.deleted`,
          ),
        exclusivelyForChat: (chatId, effect) =>
          inTransaction(
            sql,
            // The one-number space, keyed by chat; the numbers of `advisory-locks.ts` are in the two-number one.
            sql`select pg_advisory_xact_lock(hashtextextended(${`troupe chat workspace ${chatId}`}, 0))`.pipe(
              Effect.orDie,
              Effect.zipRight(effect),
            ),
          ),
        insert,
        insertStart,
        finishBuild: (buildId, status, error) =>
          sql`
            update workspace_builds set status = ${status}, error = ${error}, finished_at = now()
            where id = ${buildId} and status in ('pending', 'running')
          `.pipe(Effect.orDie, Effect.asVoid),
        bind: (chatId, workspaceId, buildId) =>
          sql`
            update chats set workspace_id = ${workspaceId}, build_id = ${buildId}, agent_id = null
            where id = ${chatId}
              and not exists (select from workspaces w where w.id = chats.workspace_id and not w.deleted)
            returning id
          `.pipe(
            Effect.orDie,
            Effect.map((rows) => rows.length === 1),
          ),
      }
    }),
  )
}

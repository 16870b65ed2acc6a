import { SqlClient } from "@effect/sql"
import { Effect, Layer, ManagedRuntime } from "effect"
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../test/support/postgres.ts"
import { bundleWorkspaceAgent, stopAgents } from "../../test/support/workspace-agent.ts"
import { WorkspaceRepository } from "../db/workspaces/workspaces.ts"
import type { WorkspaceError } from "./workspace.ts"
import { type ChatBinding, Workspaces } from "./workspaces.ts"

const database = useTestDatabase()

type Service = typeof Workspaces.Service
let agent: { file: string; remove: () => Promise<void> }
let runtime: ManagedRuntime.ManagedRuntime<Workspaces, never>
let modelConfigId: string

const runtimeFor = (options: { enabled?: boolean; dataDir?: string } = {}) =>
  ManagedRuntime.make(
    Workspaces.layer({
      dataDir: database.dataDir,
      enabled: true,
      agentProgram: agent.file,
      environment: process.env,
      bubblewrap: "/nonexistent/bwrap",
      ...options,
    }).pipe(Layer.provide(WorkspaceRepository.layer), Layer.provide(database.layer)),
  )

const query = <Row extends object>(build: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<Row>, unknown>) =>
  database.run(Effect.flatMap(SqlClient.SqlClient, build))

const organizationId = async () => {
  const [row] = await query<{ id: string }>((sql) => sql`select id from organizations where is_default`)
  if (row === undefined) throw new Error("no organization")
  return row.id
}

/** A user with a chat that has no workspace. */
const newChat = async (
  user: { roles?: ReadonlyArray<string>; member?: boolean; status?: string } = {},
): Promise<ChatBinding> => {
  const { roles = ["owner"], member = true, status = "active" } = user
  const [chatId, ownerId, organization] = [randomUUID(), randomUUID(), await organizationId()]
  await query(
    (sql) => sql`
      insert into users (id, email, username, site_roles, status)
      values (${ownerId}, ${`${ownerId}@example.com`}, ${ownerId}, ${roles}, ${status})`,
  )
  if (member) {
    await query(
      (sql) => sql`insert into organization_members (organization_id, user_id) values (${organization}, ${ownerId})`,
    )
  }
  await query(
    (sql) => sql`
      insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id)
      values (${chatId}, ${ownerId}, ${organization}, 'waiting', 1, ${modelConfigId})`,
  )
  return { chatId, workspaceId: null, ownerId, organizationId: organization, isRoot: true }
}

const binding = async (chat: ChatBinding) => {
  const [row] = await query<{ workspace_id: string | null; build_id: string | null; status: string | null }>(
    (sql) => sql`
      select c.workspace_id, c.build_id, b.status from chats c left join workspace_builds b on b.id = c.build_id
      where c.id = ${chat.chatId}`,
  )
  return row
}

const dial = (chat: ChatBinding) => runtime.runPromise(Effect.flatMap(Workspaces, (service) => service.dial(chat)))
const refusal = (
  ask: (service: Service) => Effect.Effect<unknown, WorkspaceError>,
  on: ManagedRuntime.ManagedRuntime<Workspaces, never> = runtime,
) => on.runPromise(Effect.flip(Effect.flatMap(Workspaces, ask)))

beforeAll(async () => {
  agent = await bundleWorkspaceAgent()
  runtime = runtimeFor()
  const providerId = randomUUID()
  modelConfigId = randomUUID()
  await query((sql) => sql`insert into providers (id, type, display_name) values (${providerId}, 'openai-compat', 'p')`)
  await query(
    (sql) => sql`
      insert into model_configs (id, ai_provider_id, model, display_name, context_limit, compression_threshold)
      values (${modelConfigId}, ${providerId}, 'm', 'm', 1000, 70)`,
  )
})

afterAll(async () => {
  await stopAgents(database.dataDir)
  await runtime.dispose()
  await agent.remove()
})

describe("dialing", () => {
  it("makes one workspace for a root chat without one, however many calls come at once", async () => {
    const chat = await newChat()
    // They are let go together once each has found that there is no workspace and waits to make one.
    const waiting = () =>
      query(
        (sql) => sql`
          select from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`,
      )
    const hold = Effect.flatMap(WorkspaceRepository, (repository) =>
      repository.exclusivelyForChat(
        chat.chatId,
        Effect.promise(async () => {
          const dials = [dial(chat), dial(chat), dial(chat), dial(chat)]
          await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(4)
          return dials
        }),
      ),
    )
    const connections = await Promise.all(await database.run(hold.pipe(Effect.provide(WorkspaceRepository.layer))))
    const [first] = connections
    expect(new Set(connections.map((connection) => connection.workspaceId)).size).toBe(1)
    const created = connections.filter((connection) => connection.created !== undefined)
    expect(created).toHaveLength(1)
    expect(created[0]?.created?.name).toMatch(/^workspace-[0-9a-f]{4}$/)
    expect(await binding(chat)).toEqual({
      workspace_id: first?.workspaceId,
      build_id: expect.any(String),
      status: "succeeded",
    })
    const [count] = await query<{ n: number }>(
      (sql) => sql`select count(*) as n from workspaces where owner_id = ${chat.ownerId}`,
    )
    expect(count?.n).toBe(1)
    expect(existsSync(first?.directory ?? "")).toBe(true)
    const later = await dial({ ...chat, workspaceId: first?.workspaceId ?? null })
    expect([later.workspaceId, later.created]).toEqual([first?.workspaceId, undefined])
  })

  it("goes on with a workspace whose start a crash left half done", async () => {
    const chat = await newChat()
    const crashed = await database.run(
      Effect.gen(function* () {
        const repository = yield* WorkspaceRepository
        const template = yield* Effect.flatten(repository.autoTemplate(chat.organizationId))
        const made = yield* repository.insert({ ...chat, templateId: template.id, name: "half" })
        yield* repository.bind(chat.chatId, made.id, made.build_id)
        return made
      }).pipe(Effect.provide(WorkspaceRepository.layer)),
    )
    expect(await binding(chat)).toMatchObject({ status: "running" })
    const connection = await dial(chat)
    expect(connection.workspaceId).toBe(crashed.id)
    expect(await binding(chat)).toMatchObject({ workspace_id: crashed.id, status: "succeeded" })
  })

  it("records a start that fails, and starts anew the next time", async () => {
    const chat = await newChat()
    const blocked = path.join(database.dataDir, "blocked")
    await writeFile(blocked, "a file where the data folder ought to be")
    const other = runtimeFor({ dataDir: blocked })
    expect(await refusal((service) => service.dial(chat), other)).toMatchObject({
      reason: "failed",
      message: expect.stringContaining("folder could not be made"),
    })
    await other.dispose()
    expect(await binding(chat)).toMatchObject({ status: "failed" })
    const connection = await dial(chat)
    const builds = await query(
      (sql) =>
        sql`select number, status from workspace_builds where workspace_id = ${connection.workspaceId} order by number`,
    )
    expect(builds).toEqual([
      { number: 1, status: "failed" },
      { number: 2, status: "succeeded" },
    ])
  })

  it("gives a chat whose workspace was deleted a new one, and none to one that was stopped", async () => {
    const chat = await newChat()
    const { workspaceId } = await dial(chat)
    await query(
      (sql) => sql`
        insert into workspace_builds (id, workspace_id, number, transition, status)
        values (${randomUUID()}, ${workspaceId}, 2, 'stop', 'succeeded')`,
    )
    expect(await refusal((service) => service.dial({ ...chat, workspaceId }))).toMatchObject({
      reason: "stopped",
      message: expect.stringContaining("start_workspace"),
    })
    await query((sql) => sql`update workspaces set deleted = true where id = ${workspaceId}`)
    const again = await dial({ ...chat, workspaceId })
    expect(again.workspaceId).not.toBe(workspaceId)
    expect(await binding(chat)).toMatchObject({ workspace_id: again.workspaceId })
  })

  it("makes none for a child, nor where no template says so", async () => {
    const chat = await newChat()
    expect(await refusal((service) => service.dial({ ...chat, isRoot: false }))).toMatchObject({
      reason: "no_workspace",
      message: expect.stringContaining("parent"),
    })
    await query((sql) => sql`update templates set auto_workspace = false`)
    expect(await refusal((service) => service.dial(chat))).toMatchObject({
      reason: "no_workspace",
      message: expect.stringContaining("create_workspace"),
    })
    await query((sql) => sql`update templates set auto_workspace = true`)
    expect(await binding(chat)).toMatchObject({ workspace_id: null })
  })

  it("asks anew what the owner may do", async () => {
    const allowed = await newChat()
    const { workspaceId } = await dial(allowed)
    const bound = { ...allowed, workspaceId }
    await query((sql) => sql`update users set status = 'suspended' where id = ${allowed.ownerId}`)
    expect(await refusal((service) => service.dial(bound))).toMatchObject({ reason: "refused" })
    await query((sql) => sql`update users set status = 'active', site_roles = '{}' where id = ${allowed.ownerId}`)
    expect(await refusal((service) => service.dial(bound))).toMatchObject({
      reason: "refused",
      message: expect.stringContaining("bubblewrap"),
    })
    const stranger = await newChat()
    expect(await refusal((service) => service.dial({ ...stranger, workspaceId }))).toMatchObject({
      reason: "refused",
      message: expect.stringContaining("does not own"),
    })
  })

  it.each([
    { name: "a suspended user", user: { status: "suspended" }, enabled: true, says: "may not use workspaces" },
    { name: "somebody outside the organization", user: { member: false }, enabled: true, says: "no member" },
    { name: "anybody without a sandbox", user: { roles: [] }, enabled: true, says: "bubblewrap" },
    { name: "anybody when turned off", user: {}, enabled: false, says: "TROUPE_LOCAL_WORKSPACES=on" },
  ])("makes none for $name", async ({ user, enabled, says }) => {
    const chat = await newChat(user)
    const other = runtimeFor({ enabled })
    expect(await refusal((service) => service.dial(chat), other)).toMatchObject({
      reason: "refused",
      message: expect.stringContaining(says),
    })
    await other.dispose()
    expect(await binding(chat)).toMatchObject({ workspace_id: null })
  })
})

describe("creating", () => {
  const local = "6c6f6361-6c00-4000-8000-000000000001"
  const create = (chat: ChatBinding, templateId: string, name?: string) => (service: Service) =>
    service.create({ chat, templateId, ...(name === undefined ? {} : { name }) })

  it("names the workspace, apart from the owner's others, and keeps the one a chat has", async () => {
    const chat = await newChat()
    const made = await runtime.runPromise(
      Effect.flatMap(Workspaces, create(chat, local, "  My Möbius Project: the second part ")),
    )
    expect(made).toMatchObject({ name: "my-m-bius-project-the-secon", created: true })
    const again = await runtime.runPromise(Effect.flatMap(Workspaces, create(chat, local, "other")))
    expect(again).toEqual({ ...made, created: false })
    await query((sql) => sql`update chats set workspace_id = null where id = ${chat.chatId}`)
    const second = await runtime.runPromise(
      Effect.flatMap(Workspaces, create(chat, local, "My Möbius Project: the second part")),
    )
    expect(second.name).toMatch(/^my-m-bius-project-the-secon-[0-9a-f]{4}$/)
  })

  it("refuses unknown templates and those of another organization", async () => {
    const chat = await newChat()
    const [foreign, organization] = [randomUUID(), randomUUID()]
    await query(
      (sql) => sql`insert into organizations (id, name, display_name) values (${organization}, 'other', 'Other')`,
    )
    await query(
      (sql) => sql`
        insert into templates (id, organization_id, name, driver, auto_workspace)
        values (${foreign}, ${organization}, 'local', 'local', true)`,
    )
    for (const templateId of [randomUUID(), foreign]) {
      expect(await refusal(create(chat, templateId))).toMatchObject({ reason: "not_found" })
    }
    expect((await dial(chat)).created).toBeDefined()
  })
})

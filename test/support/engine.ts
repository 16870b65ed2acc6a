import { SqlClient, type Statement } from "@effect/sql"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { randomUUID } from "node:crypto"
import { afterAll, afterEach, beforeAll, expect } from "vitest"
import { Approvals } from "../../src/chats/approvals.ts"
import { ChatHistory } from "../../src/chats/history.ts"
import { answerText, sendText } from "../../src/actors/chat/commands/command-wire.ts"
import { LocalHost } from "../../src/actors/host/local-host.ts"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import { ChatAccess } from "../../src/chats/access.ts"
import { ChatContexts } from "../../src/chats/contexts.ts"
import { ChatQueue } from "../../src/chats/queue.ts"
import { ChatRepair } from "../../src/chats/repair.ts"
import { ChatSettings } from "../../src/chats/settings.ts"
import { Chats } from "../../src/chats/chats.ts"
import { ClientTools } from "../../src/chats/client-tools.ts"
import { ChatToolCalls } from "../../src/chats/tool-calls.ts"
import { Inspection } from "../../src/chats/inspection.ts"
import { enginesOn } from "../../src/chats/layer.ts"
import type {
  BusyBehavior,
  CreateChatRequest,
  PatchChatRequest,
  PatchQueuedMessageRequest,
  SendMessageRequest,
  ToolResultsRequest,
} from "../../src/contract/chats.ts"
import type { CreateModelConfigRequest, CreateProviderRequest } from "../../src/contract/models.ts"
import type { DecideApprovalsRequest } from "../../src/contract/tool-policy.ts"
import { familiesLayer } from "../../src/http/families.ts"
import { Database } from "../../src/db/engine/client.ts"
import { Encryption } from "../../src/db/engine/encryption.ts"
import { AuditLogRepository } from "../../src/db/audit/audit-log.ts"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { Audit } from "../../src/identity/audit/audit.ts"
import type { Caller } from "../../src/identity/policy.ts"
import { modelsLayer } from "../../src/models/layer.ts"
import { ModelAdmin } from "../../src/models/admin.ts"
import { Providers } from "../../src/providers/registry.ts"
import { type Environment, Settings } from "../../src/settings.ts"
import { FakeWorkspace } from "./fake-workspace.ts"
import { type TestDatabase, type TestServices, useTestDatabase } from "./postgres.ts"
import { ScriptedProvider } from "./scripted-provider.ts"

/** The chat engine in this process: real actors, real database, real HTTP to a scripted provider, a workspace in memory. */

/** Long enough to be seen, short enough not to be waited for. */
const smallTimings: Environment = {
  TROUPE_SWEEP_MS: "50",
  TROUPE_PART_FLUSH_MS: "5",
  TROUPE_COALESCE_MS: "2",
  TROUPE_RETRY_BASE_MS: "10",
  TROUPE_DRAIN_MS: "2000",
}

/** Every command comes to the chat's owner as text, and so does what becomes of it: as if another replica had asked. */
const onAnotherReplica = Layer.effect(
  ChatHost,
  Effect.map(ChatHost, (owner) => ({ ...owner, send: sendText(answerText(owner.send)) })),
).pipe(Layer.provide(LocalHost))

const services = (database: Layer.Layer<TestServices>, workspace: FakeWorkspace, log: Array<string>) =>
  familiesLayer.pipe(
    Layer.provideMerge(enginesOn(onAnotherReplica)),
    Layer.provideMerge(
      Layer.mergeAll(
        modelsLayer({ simulator: () => ({ baseUrl: "http://127.0.0.1:1/v1", apiKey: "none" }) }),
        Layer.unwrapEffect(
          Effect.map(Settings, ({ timings: { streamSilenceMs } }) => Providers.layer({ streamSilenceMs })),
        ),
        UserRepository.layer,
        OrganizationRepository.layer,
        MemberRepository.layer,
        Audit.layer.pipe(Layer.provide(AuditLogRepository.layer)),
        workspace.layer,
      ),
    ),
    Layer.provideMerge(Layer.orDie(Encryption.layer)),
    Layer.provideMerge(database),
    Layer.provideMerge(
      Logger.replace(
        Logger.defaultLogger,
        Logger.map(Logger.logfmtLogger, (line) => void log.push(line)),
      ),
    ),
  )

export type EngineServices = Layer.Layer.Success<ReturnType<typeof services>>

const text = (words: string) => [{ type: "text", text: words }]

export interface SendOptions {
  readonly busy?: BusyBehavior
  readonly key?: string
  readonly more?: Partial<SendMessageRequest>
}

export interface CreateOptions {
  readonly key?: string
  readonly plan?: boolean
  readonly more?: Partial<CreateChatRequest>
}

const keyed = (key: string | undefined, scope: string, body: unknown) =>
  key === undefined ? undefined : { key, scope, body }

/** One process's worth of engine. Several may run on one database, as a crashed one and its successor do. */
export class Engine {
  readonly runtime: ManagedRuntime.ManagedRuntime<EngineServices, never>
  readonly caller: Caller
  readonly log: Array<string> = []
  #crashed = false

  constructor(database: TestDatabase, workspace: FakeWorkspace, caller: Caller) {
    this.runtime = ManagedRuntime.make(Layer.orDie(services(database.layer, workspace, this.log)))
    this.caller = caller
  }

  readonly run = <A, E>(effect: Effect.Effect<A, E, EngineServices>): Promise<A> => this.runtime.runPromise(effect)

  /** Creates a chat, which begins its first turn at once. */
  async create(words: string, options: CreateOptions = {}): Promise<string> {
    const [membership] = this.caller.organizations
    const request = {
      organization_id: membership?.id ?? "",
      content: text(words),
      ...(options.plan === true && { plan_mode: "plan" as const }),
      ...options.more,
    }
    const idempotency = keyed(options.key, "POST /chats", request)
    const row = await this.run(Effect.flatMap(Chats, (chats) => chats.create(this.caller, request, idempotency)))
    return row.id
  }

  send(chatId: string, words: string, { busy = "queue", key, more }: SendOptions = {}) {
    const request = { content: text(words), busy_behavior: busy, ...more }
    const idempotency = keyed(key, `POST /chats/${chatId}/messages`, request)
    return this.run(Effect.flatMap(Chats, (chats) => chats.send(this.caller, chatId, request, idempotency)))
  }

  interrupt(chatId: string, key?: string, cascade = false) {
    const idempotency = keyed(key, `POST /chats/${chatId}/interrupt`, {})
    return this.run(Effect.flatMap(Chats, (chats) => chats.interrupt(this.caller, chatId, { cascade }, idempotency)))
  }

  compact(chatId: string, key?: string) {
    const idempotency = keyed(key, `POST /chats/${chatId}/compact`, null)
    return this.run(Effect.flatMap(ChatContexts, (contexts) => contexts.compact(this.caller, chatId, idempotency)))
  }

  clear(chatId: string, key?: string) {
    const idempotency = keyed(key, `POST /chats/${chatId}/clear`, null)
    return this.run(Effect.flatMap(ChatContexts, (contexts) => contexts.clear(this.caller, chatId, idempotency)))
  }

  reconcile(chatId: string, key?: string) {
    const idempotency = keyed(key, `POST /chats/${chatId}/reconcile-invalid`, null)
    return this.run(Effect.flatMap(ChatRepair, (repair) => repair.reconcile(this.caller, chatId, idempotency)))
  }

  edit(
    chatId: string,
    messageId: number,
    words: string,
    { key, model }: { readonly key?: string; readonly model?: string } = {},
  ) {
    const request = { content: text(words), ...(model !== undefined && { model_config_id: model }) }
    const idempotency = keyed(key, `PATCH /chats/${chatId}/messages/${messageId}`, request)
    return this.run(
      Effect.flatMap(ChatHistory, (history) => history.edit(this.caller, chatId, messageId, request, idempotency)),
    )
  }

  promote(chatId: string, queuedMessageId: number, key?: string) {
    const idempotency = keyed(key, `POST /chats/${chatId}/queue/${queuedMessageId}/promote`, null)
    return this.run(
      Effect.flatMap(ChatQueue, (queue) => queue.promote(this.caller, chatId, queuedMessageId, idempotency)),
    )
  }

  changeQueued(chatId: string, queuedMessageId: number, request: PatchQueuedMessageRequest, key?: string) {
    const idempotency = keyed(key, `PATCH /chats/${chatId}/queue/${queuedMessageId}`, request)
    return this.run(
      Effect.flatMap(ChatQueue, (queue) => queue.change(this.caller, chatId, queuedMessageId, request, idempotency)),
    )
  }

  /** Does the turn that failed again. */
  retry(chatId: string, { key, model }: { readonly key?: string; readonly model?: string } = {}) {
    const request = model === undefined ? {} : { model_config_id: model }
    const idempotency = keyed(key, `POST /chats/${chatId}/retry`, request)
    return this.run(Effect.flatMap(Chats, (chats) => chats.retry(this.caller, chatId, request, idempotency)))
  }

  removeQueued(chatId: string, queuedMessageId: number, key?: string) {
    const idempotency = keyed(key, `DELETE /chats/${chatId}/queue/${queuedMessageId}`, null)
    return this.run(
      Effect.flatMap(ChatQueue, (queue) => queue.remove(this.caller, chatId, queuedMessageId, idempotency)),
    )
  }

  /** Submits results of client-executed tools. */
  answer(chatId: string, results: ToolResultsRequest["results"], key?: string) {
    const idempotency = keyed(key, `POST /chats/${chatId}/tool-results`, { results })
    return this.run(Effect.flatMap(ClientTools, (tools) => tools.submit(this.caller, chatId, { results }, idempotency)))
  }

  approvals(chatId: string) {
    return this.run(Effect.flatMap(Approvals, (approvals) => approvals.list(this.caller, chatId)))
  }

  decide(chatId: string, decisions: DecideApprovalsRequest["decisions"], key?: string) {
    const idempotency = keyed(key, `POST /chats/${chatId}/approvals`, { decisions })
    return this.run(
      Effect.flatMap(Approvals, (approvals) => approvals.decide(this.caller, chatId, { decisions }, idempotency)),
    )
  }

  /** Stops one call of the turn that goes on. */
  stopCall(chatId: string, call: string, key?: string, caller = this.caller) {
    const idempotency = keyed(key, `POST /chats/${chatId}/tool-calls/${call}/stop`, null)
    return this.run(Effect.flatMap(ChatToolCalls, (calls) => calls.stop(caller, chatId, call, idempotency)))
  }

  patch(chatId: string, request: PatchChatRequest, key?: string) {
    const idempotency = keyed(key, `PATCH /chats/${chatId}`, request)
    return this.run(
      Effect.flatMap(ChatSettings, (settings) => settings.patch(this.caller, chatId, request, idempotency)),
    )
  }

  /** The chat's row as its owner sees it. */
  row(chatId: string) {
    return this.run(Effect.flatMap(ChatAccess, (access) => access.load(this.caller, chatId, "read")))
  }

  /** The chat in the machine as it is now. */
  async machine(chatId: string) {
    const row = await this.row(chatId)
    return this.run(Effect.flatMap(Inspection, (inspection) => inspection.now(row)))
  }

  /** The chat in the machine as it was at a version. */
  async at(chatId: string, version: number) {
    const row = await this.row(chatId)
    return this.run(Effect.flatMap(Inspection, (inspection) => inspection.at(row, version)))
  }

  /**
   * Ends without handing anything over, as a killed process does: from now on nothing reaches the database. What is left
   * winds up behind the test's back, since a real crash waits for nothing either.
   */
  async crash(): Promise<void> {
    const { pool } = await this.run(Database)
    await pool.end()
    this.#crashed = true
    // The pool is closed a second time on the way, which it refuses.
    this.runtime.dispose().catch(() => undefined)
  }

  async stop(): Promise<void> {
    if (!this.#crashed) await this.runtime.dispose()
  }
}

export interface TestEngines {
  readonly database: TestDatabase
  readonly provider: ScriptedProvider
  readonly workspace: FakeWorkspace
  readonly modelConfigId: string
  /** One more provider with one model; resolves with the id of the model config. */
  readonly addModel: (provider: CreateProviderRequest, model?: Partial<CreateModelConfigRequest>) => Promise<string>
  /** Builds an engine and opens it; stopped after the tests of the file. */
  readonly start: () => Promise<Engine>
  readonly query: <Row extends object>(
    build: (sql: SqlClient.SqlClient) => Statement.Statement<Row>,
  ) => Promise<ReadonlyArray<Row>>
}

/** What makes users and models, on a test database. */
const preparing = Layer.mergeAll(
  modelsLayer({ simulator: () => ({ baseUrl: "http://127.0.0.1:1/v1", apiKey: "none" }) }),
  UserRepository.layer,
  OrganizationRepository.layer,
  MemberRepository.layer,
).pipe(Layer.provide(Layer.orDie(Encryption.layer)))

/** A database with a user and a model, for the test file that calls this at its top level. */
export const useEngines = (environment: Environment = {}): TestEngines => {
  const database = useTestDatabase({ environment: { ...smallTimings, ...environment } })
  const workspace = new FakeWorkspace()
  const engines: Array<Engine> = []
  let made: { readonly provider: ScriptedProvider; readonly caller: Caller; readonly modelConfigId: string } | undefined

  beforeAll(async () => {
    const provider = await ScriptedProvider.start()
    const prepare = Effect.gen(function* () {
      const organization = yield* Effect.flatMap(OrganizationRepository, ({ defaultId }) => defaultId)
      const username = `user-${randomUUID().slice(0, 8)}`
      const userId = yield* Effect.flatMap(UserRepository, (users) =>
        users.insert({
          email: `${username}@example.com`,
          username,
          name: "",
          passwordHash: null,
          siteRoles: ["owner"],
        }),
      )
      const roles = ["agents-access"]
      yield* Effect.flatMap(MemberRepository, ({ add }) => add(organization, userId, roles))
      const caller: Caller = { userId, username, siteRoles: ["owner"], organizations: [{ id: organization, roles }] }
      const admin = yield* ModelAdmin
      const { id } = yield* admin.createProvider(caller, {
        provider: "openai-compat",
        display_name: "Scripted",
        base_url: `${provider.url}/v1`,
        api_key: provider.apiKey,
      })
      const model = yield* admin.createModelConfig(caller, {
        ai_provider_id: id,
        model: "scripted",
        context_limit: 100_000,
        is_default: true,
      })
      return { caller, modelConfigId: model.id }
    })
    made = { provider, ...(await database.run(prepare.pipe(Effect.provide(preparing), Effect.orDie))) }
  })

  // A good test leaves no tool held and no step over, and sends the model nothing that a real one refuses.
  afterEach(() => {
    workspace.release()
    expect(made?.provider.refusals).toEqual([])
    expect(made?.provider.left).toBe(0)
  })

  afterAll(async () => {
    // A test that fails while a tool is held would else hold the end as well.
    workspace.release()
    await Promise.all(engines.map((engine) => engine.stop().catch(() => undefined)))
    await made?.provider.close()
  })

  const ready = () => {
    if (made === undefined) throw new Error("The engines can be started from beforeAll on")
    return made
  }
  return {
    database,
    workspace,
    get provider() {
      return ready().provider
    },
    get modelConfigId() {
      return ready().modelConfigId
    },
    addModel: (provider, model) => {
      const { caller } = ready()
      const add = Effect.gen(function* () {
        const admin = yield* ModelAdmin
        const { id } = yield* admin.createProvider(caller, provider)
        const config = { ai_provider_id: id, model: "another", context_limit: 100_000, ...model }
        return (yield* admin.createModelConfig(caller, config)).id
      })
      return database.run(add.pipe(Effect.provide(preparing), Effect.orDie))
    },
    start: async () => {
      const engine = new Engine(database, workspace, ready().caller)
      engines.push(engine)
      await engine.run(Effect.flatMap(ChatHost, (host) => host.open))
      return engine
    },
    query: (build) => database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie)),
  }
}

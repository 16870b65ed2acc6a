import { SqlClient, type Statement } from "@effect/sql"
import { Deferred, Effect, type Fiber, Layer, Logger, LogLevel, ManagedRuntime, Queue } from "effect"
import { randomUUID } from "node:crypto"
import { afterAll, beforeAll } from "vitest"
import { type ChatCommand, CommandDecider, type CommandFailure } from "../../src/actors/chat/commands/chat-command.ts"
import type { CommandResult } from "../../src/actors/chat/commands/command.ts"
import { interrupt } from "../../src/actors/chat/commands/interrupt.ts"
import { refusalOf } from "../../src/actors/chat/commands/refusals.ts"
import { Admission } from "../../src/actors/host/admission.ts"
import { ChatFeed } from "../../src/actors/streams/chat-feed.ts"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import { Inspection } from "../../src/chats/inspection.ts"
import { Traces } from "../../src/chats/traces.ts"
import { InstanceId } from "../../src/actors/host/instance.ts"
import { LiveChannels } from "../../src/actors/streams/live-channels.ts"
import { LocalHost } from "../../src/actors/host/local-host.ts"
import { LocalSlots, slotsLayer } from "../../src/actors/host/local-slots.ts"
import { Standing } from "../../src/identity/standing.ts"
import { PartLog } from "../../src/actors/streams/part-log.ts"
import { ChatCommits } from "../../src/db/chats/store/chat-commits.ts"
import { ChatFamilies } from "../../src/db/chats/families.ts"
import { ChatJournal } from "../../src/db/chats/journal.ts"
import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import type { NewChat } from "../../src/db/chats/store/new-chat.ts"
import { ChatParts } from "../../src/db/chats/parts.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { ChatBrought } from "../../src/db/chats/brought.ts"
import { ChatStepReads } from "../../src/db/chats/steps.ts"
import { ChatTraceReads } from "../../src/db/chats/traces.ts"
import { Encryption } from "../../src/db/engine/encryption.ts"
import { Instances } from "../../src/db/chats/instances.ts"
import type { Caller } from "../../src/identity/policy.ts"
import type { ChatMachineEvent, NewMessage } from "../../src/machines/chat-events.ts"
import { CHAT_MACHINE_VERSION, initialContext } from "../../src/machines/chat-setup.ts"
import { activityOf, type ChatSnapshot, decide, unborn } from "../../src/machines/chat-state.ts"
import { modelsLayer } from "../../src/models/layer.ts"
import { Turn } from "../../src/turn/turn.ts"
import { type TestDatabase, type TestServices, useTestDatabase } from "./postgres.ts"

/**
 * Chats in the real database, driven by the real actors, in which nothing happens by itself: effects do nothing and nobody
 * is admitted, so a test sends every event.
 */

const nothing = () => Effect.never

/** What a command of these tests stands for: any event, those of effects as well, which no real command means. */
type Meaning = (state: LoadedChat) => Effect.Effect<ChatMachineEvent, CommandFailure>
const meanings = new WeakMap<ChatCommand, Meaning>()

const decider = Layer.succeed(CommandDecider, {
  decide: (state, command) => meanings.get(command)?.(state) ?? Effect.dieMessage("A command that means nothing here"),
})

/** No slot is ever free. */
const noSlots = Layer.effect(
  LocalSlots,
  Effect.map(Queue.sliding<void>(1), (bell) => ({
    take: () => Effect.succeed(undefined),
    giveBack: () => undefined,
    follow: () => undefined,
    ring: () => undefined,
    bell,
    granted: () => undefined,
    reserved: () => [],
    rebuild: Effect.void,
  })),
)

const services = (database: Layer.Layer<TestServices>) =>
  Layer.provideMerge(Layer.merge(LocalHost, Traces.layer), Inspection.layer).pipe(
    Layer.provideMerge(Layer.merge(LiveChannels.layer, decider)),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.succeed(Turn, {
          generate: nothing,
          execute: nothing,
          compact: nothing,
          backOff: nothing,
          finishInterruption: nothing,
          awaitClientTools: nothing,
        }),
        Layer.succeed(Admission, { ring: () => undefined, forgotten: Effect.succeed([]), onGranted: () => undefined }),
        slotsLayer.pipe(Layer.provideMerge(noSlots)),
        PartLog.layer,
        ChatFeed.layer,
        InstanceId.layer,
        Standing.layer,
      ),
    ),
    Layer.provideMerge(
      Layer.mergeAll(
        ChatCommits.layer,
        ChatFamilies.layer,
        ChatJournal.layer,
        ChatParts.layer,
        ChatReads.layer,
        ChatStepReads.layer,
        ChatTraceReads.layer,
        ChatBrought.layer,
        Instances.layer,
      ),
    ),
    Layer.provideMerge(modelsLayer({ simulator: () => ({ baseUrl: "http://127.0.0.1:1/v1", apiKey: "none" }) })),
    Layer.provideMerge(Layer.orDie(Encryption.layer)),
    Layer.provideMerge(database),
    // Losing a race is what these tests are about.
    Layer.provideMerge(Logger.minimumLogLevel(LogLevel.Error)),
  )

export type InertServices = Layer.Layer.Success<ReturnType<typeof services>>

export const userText = (text: string, modelConfigId: string, createdBy: string): NewMessage => ({
  role: "user",
  visibility: "both",
  content: [{ type: "text", text }],
  modelConfigId,
  createdBy,
})

type EventOf = ChatMachineEvent | ((state: LoadedChat) => ChatMachineEvent)

export interface InertChats {
  readonly database: TestDatabase
  readonly userId: string
  readonly modelConfigId: string
  readonly run: <A, E>(effect: Effect.Effect<A, E, InertServices>) => Promise<A>
  /** Runs beside the test, until it ends or is interrupted. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E, InertServices>) => Fiber.RuntimeFiber<A, E>
  readonly query: <Row extends object>(
    build: (sql: SqlClient.SqlClient) => Statement.Statement<Row>,
  ) => Promise<ReadonlyArray<Row>>
  /** What a new chat is made from, with one user message, and the state of the machine that it is in then: `pending`, but with a slot. */
  readonly newborn: (slot?: "granted") => { readonly chat: NewChat; readonly model: ChatSnapshot }
  /** Such a chat, in the database. */
  readonly create: () => Promise<LoadedChat>
  /** Sends an event, made of the rows that it will start from. */
  readonly send: (chatId: string, event: EventOf) => Promise<CommandResult>
  /** The same, and what the actor holds when it has been committed. */
  readonly bring: (chatId: string, event: EventOf) => Promise<LoadedChat>
}

/** As a grant leaves a chat that waits for a slot. */
export const giveSlot = (chatId: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update chats set admitted_at = now() where id = ${chatId} and waits_for_slot`,
  )

/** For the test file that calls this at its top level. */
export const useInertChats = (): InertChats => {
  const database = useTestDatabase()
  let made:
    | { readonly runtime: ManagedRuntime.ManagedRuntime<InertServices, never>; readonly ids: Record<string, string> }
    | undefined

  beforeAll(async () => {
    const [userId, organizationId, providerId, modelConfigId] = Array.from({ length: 4 }, () => randomUUID())
    const ids = { userId, organizationId, providerId, modelConfigId } as Record<string, string>
    await database.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`insert into users (id, email, username) values (${userId ?? ""}, 'inert@example.com', 'inert')`
        yield* sql`insert into organizations (id, name, display_name) values (${organizationId ?? ""}, 'inert', 'Inert')`
        yield* sql`insert into organization_members (organization_id, user_id, roles)
          values (${organizationId ?? ""}, ${userId ?? ""}, '{agents-access}')`
        yield* sql`insert into providers (id, type, display_name) values (${providerId ?? ""}, 'openai-compat', 'None')`
        yield* sql`insert into model_configs (id, ai_provider_id, model, display_name, context_limit, compression_threshold)
          values (${modelConfigId ?? ""}, ${providerId ?? ""}, 'none', 'None', 1000, 70)`
      }).pipe(Effect.orDie),
    )
    made = { runtime: ManagedRuntime.make(Layer.orDie(services(database.layer))), ids }
  })
  afterAll(async () => made?.runtime.dispose())

  const ready = () => {
    if (made === undefined) throw new Error("The chats exist from beforeAll on")
    return made
  }
  const id = (name: string) => ready().ids[name] ?? ""
  const run: InertChats["run"] = (effect) => ready().runtime.runPromise(effect)

  const newborn: InertChats["newborn"] = (slot) => {
    const messages = [userText("go", id("modelConfigId"), id("userId"))]
    const born = decide(unborn("normal", initialContext), { type: "Create", messages, ...(slot && { slot }) })
    if (born === undefined) throw new Error("The machine refuses to create a chat")
    const chat = {
      id: randomUUID(),
      ownerId: id("userId"),
      organizationId: id("organizationId"),
      title: "Inert",
      clientType: "api" as const,
      modelConfigId: id("modelConfigId"),
      planMode: false,
      labels: {},
      mcpServerIds: [],
      dynamicTools: [],
      toolPolicy: [],
      workspaceId: null,
      activity: activityOf(born.next.value),
      resume: born.next.context.resume,
      attempt: born.next.context.attempt,
      messages,
      journal: { event: "Create", detail: {}, fromActivity: "none" as const, actorUserId: null, startedAtUs: 0 },
      machineVersion: CHAT_MACHINE_VERSION,
      receipt: null,
      audit: undefined,
    }
    return { chat, model: born.next }
  }

  const ask = (chatId: string, meaning: Meaning) => {
    const caller: Caller = { userId: id("userId"), username: "inert", siteRoles: [], organizations: [] }
    const command = interrupt.of({ chatId, caller, receipt: null }, {})
    meanings.set(command, meaning)
    return Effect.flatMap(ChatHost, (host) => host.send(command))
  }

  /** What the actor itself holds, which it shows to nobody but to who decides. */
  const stateOf = (chatId: string) =>
    Effect.gen(function* () {
      const seen = yield* Deferred.make<LoadedChat>()
      const look: Meaning = (state) =>
        Effect.zipRight(Deferred.succeed(seen, state), refusalOf(state, { type: "Interrupt" }))
      yield* ask(chatId, look).pipe(Effect.catchTag("CommandRefused", () => Effect.void))
      return yield* Deferred.await(seen)
    })

  const send: InertChats["send"] = async (chatId, event) => {
    if (typeof event !== "function" && event.type === "Admit") await run(Effect.orDie(giveSlot(chatId)))
    return run(ask(chatId, (rows) => Effect.sync(() => (typeof event === "function" ? event(rows) : event))))
  }

  const create = async () => {
    const { state } = await run(Effect.flatMap(ChatHost, (host) => host.create(newborn().chat)))
    return state
  }

  return {
    database,
    get userId() {
      return id("userId")
    },
    get modelConfigId() {
      return id("modelConfigId")
    },
    run,
    fork: (effect) => ready().runtime.runFork(effect),
    query: (build) => run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie)),
    newborn,
    create,
    send,
    bring: async (chatId, event) => {
      await send(chatId, event)
      return run(stateOf(chatId))
    },
  }
}

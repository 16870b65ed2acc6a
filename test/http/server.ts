import { HttpApi } from "@effect/platform"
import { Effect, Layer, ManagedRuntime } from "effect"
import type { Router } from "express"
import path from "node:path"
import { Writable } from "node:stream"
import pino, { type Logger } from "pino"
import { afterAll, beforeAll } from "vitest"
import { WebSocketServer } from "ws"
import { ModelsRoutes } from "../../src/contract/routes/models.ts"
import { OrganizationsRoutes } from "../../src/contract/routes/organizations.ts"
import { UsersRoutes } from "../../src/contract/routes/users.ts"
import { Encryption } from "../../src/db/engine/encryption.ts"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { Receipts } from "../../src/db/chats/receipts.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { modelsHandlers } from "../../src/http/models.ts"
import { mountApi } from "../../src/http/mount.ts"
import { type HttpServer, type HttpServerOptions, createHttpServer } from "../../src/http/server.ts"
import { organizationsHandlers } from "../../src/http/organizations.ts"
import { usersHandlers } from "../../src/http/users.ts"
import { FirstUser } from "../../src/identity/first-user.ts"
import { identityLayer } from "../../src/identity/layer.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import { modelsLayer } from "../../src/models/layer.ts"
import type { Environment } from "../../src/settings.ts"
import { type TestServices, useTestDatabase } from "../support/postgres.ts"

const api = HttpApi.make("test").add(UsersRoutes).add(OrganizationsRoutes).add(ModelsRoutes).prefix("/api/v2")

export const SIMULATOR_KEY = "simulator-key-of-this-process"

const services = (database: Layer.Layer<TestServices>) =>
  Layer.mergeAll(
    identityLayer,
    modelsLayer({ simulator: () => ({ baseUrl: "http://127.0.0.1:1/simulator/v1", apiKey: SIMULATOR_KEY }) }),
    UserRepository.layer,
    OrganizationRepository.layer,
    MemberRepository.layer,
    Receipts.layer,
  ).pipe(Layer.provideMerge(Layer.orDie(Encryption.layer)), Layer.provideMerge(database))

type Services = Layer.Layer.Success<ReturnType<typeof services>>
export type TestRuntime = ManagedRuntime.ManagedRuntime<Services, never>

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

export interface CallOptions {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string
}

export interface TestServer {
  readonly url: string
  readonly server: HttpServer
  readonly runtime: TestRuntime
  /** All that was logged so far. */
  readonly log: () => string
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Reply>
  /** An account made behind the API, which has no route for it yet; the answer is its session token. */
  readonly addUser: (user: {
    readonly username: string
    readonly siteRoles?: ReadonlyArray<string>
    /** Roles in the default organization; undefined for a stranger to it. */
    readonly roles?: ReadonlyArray<string>
  }) => Promise<string>
}

export const OWNER = { email: "Owner@example.com", username: "owner", password: "correct horse battery" }

export interface UseServer {
  readonly environment?: Environment
  readonly options?: Partial<HttpServerOptions>
  /** More routers of the API's prefix. */
  readonly routers?: (runtime: TestRuntime, logger: Logger) => ReadonlyArray<Router>
}

/** The real HTTP server on a free port, with a database of its own, for the test file that calls this at its top level. */
export const useServer = ({ environment, options, routers }: UseServer = {}): TestServer => {
  const database = useTestDatabase(environment === undefined ? {} : { environment })
  const lines: Array<string> = []
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString("utf8"))
      done()
    },
  })
  let running: { server: HttpServer; runtime: TestRuntime; url: string } | undefined

  beforeAll(async () => {
    const runtime = ManagedRuntime.make(services(database.layer))
    const logger = pino({ level: "debug" }, sink)
    const server = createHttpServer({
      apiRouters: [
        ...(routers?.(runtime, logger) ?? []),
        mountApi(api, {
          handlers: { users: usersHandlers, organizations: organizationsHandlers, models: modelsHandlers },
          runtime,
          logger,
        }),
      ],
      routers: [],
      upgrades: {},
      webSockets: new WebSocketServer({ noServer: true }),
      webFolder: path.join(import.meta.dirname, "fixtures", "web"),
      accessUrl: undefined,
      onlyLoopback: true,
      trustedProxies: [],
      isReady: () => true,
      isDiskFull: () => false,
      logger,
      ...options,
    })
    const { port } = await server.listen("127.0.0.1", 0)
    running = { server, runtime, url: `http://127.0.0.1:${port}` }
  })

  afterAll(async () => {
    await running?.server.close(2_000)
    await running?.runtime.dispose()
  })

  const ready = () => {
    if (running === undefined) throw new Error("The test server exists from beforeAll on")
    return running
  }

  const call = async (
    method: string,
    path: string,
    { token, headers, body, raw }: CallOptions = {},
  ): Promise<Reply> => {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${ready().url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(content === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { "coder-session-token": token }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    })
    const text = await response.text()
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true
    const json: unknown = isJson && text !== "" ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, json }
  }

  return {
    get url() {
      return ready().url
    },
    get server() {
      return ready().server
    },
    get runtime() {
      return ready().runtime
    },
    log: () => lines.join(""),
    call,
    addUser: async ({ username, siteRoles = [], roles }) => {
      const password = `password of ${username}`
      const email = `${username}@example.com`
      await ready().runtime.runPromise(
        Effect.gen(function* () {
          const users = yield* UserRepository
          const organizations = yield* OrganizationRepository
          const members = yield* MemberRepository
          const passwordHash = yield* hashPassword(password)
          const id = yield* users.insert({ email, username, name: "", passwordHash, siteRoles }).pipe(Effect.orDie)
          if (roles !== undefined) yield* members.add(yield* organizations.defaultId, id, roles)
        }),
      )
      const { json } = await call("POST", "/api/v2/users/login", { body: { email, password } })
      return (json as { session_token: string }).session_token
    },
  }
}

/** Makes the owner and signs it in. */
export const signUpOwner = async (server: TestServer): Promise<string> => {
  await server.runtime.runPromise(
    Effect.gen(function* () {
      const { create, setupToken } = yield* FirstUser
      yield* create({ ...OWNER, setup_token: yield* setupToken })
    }),
  )
  const { json } = await server.call("POST", "/api/v2/users/login", { body: OWNER })
  return (json as { session_token: string }).session_token
}

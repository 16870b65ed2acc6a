import { HttpApi, type HttpApiEndpoint, type HttpApiGroup, HttpApiSchema } from "@effect/platform"
import {
  type Brand,
  Context,
  Effect,
  Exit,
  type ManagedRuntime,
  Option,
  ParseResult,
  Predicate,
  type Schema,
} from "effect"
import express, { type Request, type Response, type Router } from "express"
import type { Logger } from "pino"
import { BodyLimit, EndsSession, Public, ReceiptBy, Requires, TokenScope } from "../contract/routes/access.ts"
import type { Encryption } from "../db/engine/encryption.ts"
import type { Receipts, StoredAnswer } from "../db/chats/receipts.ts"
import type { SessionInvalid } from "../identity/errors.ts"
import { type Caller, can } from "../identity/policy.ts"
import { type Acting, Origin } from "../identity/origin.ts"
import { opens } from "../identity/scopes.ts"
import type { Session, Sessions } from "../identity/sessions.ts"
import type { Idempotency } from "../chats/idempotency.ts"
import type { Settings } from "../settings.ts"
import { actingBy } from "./acting.ts"
import { authenticate, ensureOwnPageWrites, sessionTokenOf } from "./auth.ts"
import { jsonBody } from "./body.ts"
import { sendAnswer, sendDefect, sendFailure } from "./answering.ts"
import { ForbiddenError } from "./errors.ts"
import type { FailureWith, HttpFailure } from "./failures.ts"
import { earlierAnswerOfSession, idempotencyIn, once } from "./idempotency.ts"
import { guarded } from "./guarded.ts"
import { type RequestFacts, requestFacts } from "./request-facts.ts"
import { mountRoutes, type Route } from "./route-table.ts"
import { onlyUuids, uuidParameters } from "./uuid-parameters.ts"
import { decoder } from "./validation.ts"

/**
 * Makes Express routes of the declarations in `contract/`: authenticates, decodes, runs the handler, encodes. A handler that
 * is missing, or takes or gives anything but what its declaration says, does not compile.
 */

type Part<Name extends string, Value> = [Value] extends [never] ? unknown : { readonly [Key in Name]: Value }

type AnyEndpoint = HttpApiEndpoint.HttpApiEndpoint.Any
type Path<Endpoint extends AnyEndpoint> = HttpApiEndpoint.HttpApiEndpoint.PathParsed<Endpoint>
type UrlParams<Endpoint extends AnyEndpoint> = HttpApiEndpoint.HttpApiEndpoint.UrlParams<Endpoint>
type Payload<Endpoint extends AnyEndpoint> = HttpApiEndpoint.HttpApiEndpoint.Payload<Endpoint>
type Success<Endpoint extends AnyEndpoint> = HttpApiEndpoint.HttpApiEndpoint.Success<Endpoint>

interface Common {
  readonly request: RequestFacts
  /** Of a call with an Idempotency-Key whose receipt the handler keeps, which its endpoint says with `ReceiptBy`. */
  readonly idempotency: Idempotency | undefined
}

type Decoded<Endpoint extends AnyEndpoint> = Part<"path", Path<Endpoint>> &
  Part<"urlParams", UrlParams<Endpoint>> &
  Part<"payload", Payload<Endpoint>> &
  Common

/** The statuses of `COMMON_ANSWERS` that a handler may fail with as well, undeclared. What else it may is with its endpoint. */
type CommonStatus<Endpoint extends AnyEndpoint> =
  | "500"
  | "503"
  | ([Payload<Endpoint>] extends [never] ? never : "400" | "413" | "415")
  | ([Path<Endpoint> | UrlParams<Endpoint>] extends [never] ? never : "400")

type DeclaredStatus<Body> = Body extends Brand.Brand<infer Status> ? Status & string : never

/** What the handler of an endpoint may fail with: nothing that its callers are not told of. */
type FailureOf<Endpoint extends AnyEndpoint, More extends string> = FailureWith<
  CommonStatus<Endpoint> | DeclaredStatus<HttpApiEndpoint.HttpApiEndpoint.Error<Endpoint>> | More
>

/** Answers one endpoint. It runs in a fiber of its own, which is interrupted when the client goes away. */
export type Handler<Endpoint extends AnyEndpoint, R> = (
  input: Decoded<Endpoint> & { readonly caller: Caller },
) => Effect.Effect<Success<Endpoint>, FailureOf<Endpoint, "401">, R>

/** Answers an endpoint that is annotated `Public`: there is no caller. */
export interface PublicHandler<Endpoint extends AnyEndpoint, R> {
  readonly anonymous: (input: Decoded<Endpoint>) => Effect.Effect<Success<Endpoint>, FailureOf<Endpoint, never>, R>
}

type Endpoints<Group extends HttpApiGroup.HttpApiGroup.Any> = HttpApiGroup.HttpApiGroup.Endpoints<Group>

/** The handlers of one group, by the names of its endpoints. */
export type GroupHandlers<Group extends HttpApiGroup.HttpApiGroup.Any, R> = {
  readonly [Name in HttpApiEndpoint.HttpApiEndpoint.Name<Endpoints<Group>>]:
    | Handler<HttpApiEndpoint.HttpApiEndpoint.WithName<Endpoints<Group>, Name>, R>
    | PublicHandler<HttpApiEndpoint.HttpApiEndpoint.WithName<Endpoints<Group>, Name>, R>
}

/** The handlers of a whole API, by group and endpoint. */
export type ApiHandlers<Groups extends HttpApiGroup.HttpApiGroup.Any, R> = {
  readonly [Id in HttpApiGroup.HttpApiGroup.Name<Groups>]: GroupHandlers<
    HttpApiGroup.HttpApiGroup.WithName<Groups, Id>,
    R
  >
}

interface UntypedInput extends Common {
  readonly path?: unknown
  readonly urlParams?: unknown
  readonly payload?: unknown
}
/**
 * What is left of a handler once the declarations have been reflected on. `ApiHandlers` has held each handler against its own
 * declaration, whose schemas decode its input; method parameters are compared both ways, which lets the types go here.
 */
interface Untyped<R> {
  withCaller(input: UntypedInput & { readonly caller: Caller }): Effect.Effect<unknown, HttpFailure, R>
  anonymous(input: UntypedInput): Effect.Effect<unknown, HttpFailure, R>
}
type UntypedHandler<R> = Untyped<R>["withCaller"] | Pick<Untyped<R>, "anonymous">

export const API_PREFIX = "/api/v2"

type ReflectedEndpoint = Parameters<Parameters<typeof HttpApi.reflect>[1]["onEndpoint"]>[0]["endpoint"]

/** An absent part is decoded by no schema and read by no handler. */
const partDecoder = (source: "path" | "query" | "body", schema: Option.Option<Schema.Schema<never, unknown>>) =>
  Option.match(schema, {
    onNone: () => () => Effect.succeed(undefined),
    onSome: (schema) => decoder(source, schema),
  })

/** Method and path of a request, whichever prefix it came by. */
const scopeOf = (endpoint: ReflectedEndpoint, params: unknown): string => {
  const path = endpoint.path.slice(API_PREFIX.length)
  const named = Predicate.isRecord(params) ? params : {}
  return `${endpoint.method} ${path.replace(/:(\w+)/g, (_, name: string) => String(named[name]))}`
}

/** Before the body is read and judged: who may not do this at all learns nothing else. */
const checkRequired = (required: Context.Tag.Service<typeof Requires>, caller: Caller | undefined) => {
  if (required === undefined) return Effect.void
  const action = required === "deployment_config:read" ? "read" : "update"
  return caller !== undefined && can(caller, action, { type: "deployment_config" })
    ? Effect.void
    : new ForbiddenError({ message: "Only administrators of this deployment may do this." })
}

export const checkScopes = (caller: Caller, type: string | undefined, reads: boolean) =>
  caller.scopes === undefined || opens(caller.scopes, type, reads)
    ? Effect.void
    : new ForbiddenError({
        message: `This API token has no scope for that. Use one with ${type === undefined ? "all" : `${type}:${reads ? "read" : "*"}`}.`,
      })

/** Who is behind the request, for the record of what it changes. */
const actingIn = (request: Request, response: Response, session: Session | undefined): Acting =>
  actingBy(session, request, {
    requestId: String(response.getHeader("x-request-id") ?? "") || null,
    ip: request.ip ?? null,
  })

/** The whole of one request, from its token to the encoded answer. */
const requestProgram = <R>(
  endpoint: ReflectedEndpoint,
  annotations: Context.Context<never>,
  status: number,
  handler: UntypedHandler<R>,
) => {
  const isPublic = Context.get(annotations, Public)
  if (isPublic !== "anonymous" in handler) {
    throw new TypeError(`${endpoint.name} is ${isPublic ? "" : "not "}annotated Public, but its handler says otherwise`)
  }
  const readBody = Option.isSome(endpoint.payloadSchema) ? jsonBody(Context.get(annotations, BodyLimit)) : undefined
  const required = Context.get(annotations, Requires)
  const tokenScope = Context.get(annotations, TokenScope)
  const decodePath = partDecoder("path", endpoint.pathSchema)
  const decodeQuery = partDecoder("query", endpoint.urlParamsSchema)
  const decodeBody = partDecoder("body", endpoint.payloadSchema)
  const encode = ParseResult.encodeUnknown(endpoint.successSchema)
  const isEmpty = HttpApiSchema.isVoid(endpoint.successSchema.ast)
  const receiptBy = endpoint.method === "GET" ? undefined : Context.get(annotations, ReceiptBy)
  const keepsReceipt = receiptBy === "route"
  if (keepsReceipt && isPublic) throw new TypeError(`${endpoint.name}: nobody's receipt can be kept by the route`)
  const endsSession = Context.get(annotations, EndsSession)

  /** What a repeat with the same key must have in common with the first. */
  const contentOf = (request: Request, body: unknown, payload: unknown): unknown => {
    if (endsSession) return sessionTokenOf(request)
    return keepsReceipt ? [request.query, body] : (payload ?? null)
  }

  const respond = Effect.fnUntraced(function* (request: Request, response: Response) {
    // Before the body: a stranger's bytes are not read.
    if (isPublic) yield* ensureOwnPageWrites(request)
    const session = isPublic ? undefined : yield* authenticate(request)
    if (session !== undefined) yield* checkScopes(session.caller, tokenScope, endpoint.method === "GET")
    yield* checkRequired(required, session?.caller)
    const path = yield* decodePath(request.params)
    const urlParams = yield* decodeQuery(request.query)
    const body = readBody === undefined ? undefined : yield* readBody(request, response)
    const payload = readBody === undefined ? undefined : yield* decodeBody(body)
    const idempotency =
      receiptBy === undefined
        ? undefined
        : yield* idempotencyIn(request.headers, scopeOf(endpoint, path), contentOf(request, body, payload))
    const headers: Array<readonly [name: string, value: string]> = []
    const input: UntypedInput = {
      path,
      urlParams,
      payload,
      idempotency: keepsReceipt ? undefined : idempotency,
      request: requestFacts(request, {
        sessionKeyId: session?.keyId,
        setHeader: (name, value) => void headers.push([name, value]),
      }),
    }

    const carryOut = Effect.gen(function* () {
      // Its transaction may be run again.
      headers.length = 0
      const result =
        "anonymous" in handler
          ? yield* handler.anonymous(input)
          : session === undefined
            ? yield* Effect.dieMessage("a request without a session reached its handler")
            : yield* handler({ ...input, caller: session.caller })
      const answer: StoredAnswer = { status, headers }
      return isEmpty ? answer : { ...answer, body: yield* encode(result).pipe(Effect.orDie) }
    })
    const recorded = Effect.provideService(carryOut, Origin, actingIn(request, response, session))
    return !keepsReceipt || session === undefined || idempotency === undefined
      ? yield* recorded
      : yield* once(session.caller.userId, idempotency, recorded)
  })
  if (!endsSession) return respond

  /** The first call may have ended the session; then its repeat gets the same answer. */
  const ended = Effect.fnUntraced(function* (request: Request, failure: SessionInvalid) {
    const idempotency = yield* idempotencyIn(
      request.headers,
      scopeOf(endpoint, request.params),
      sessionTokenOf(request),
    )
    const answer = idempotency === undefined ? Option.none() : yield* earlierAnswerOfSession(idempotency)
    return Option.isSome(answer) ? answer.value : yield* failure
  })
  return (request: Request, response: Response) =>
    respond(request, response).pipe(Effect.catchTag("SessionInvalid", (failure) => ended(request, failure)))
}

/** What the routes need beside their handlers. */
type MountServices = Encryption | Receipts | Sessions | Settings

export interface Mount<Handlers, R> {
  readonly handlers: Handlers
  readonly runtime: ManagedRuntime.ManagedRuntime<R | MountServices, never>
  readonly logger: Logger
  /** Paths below the prefix that are served beside these routes, such as streams: `/chats/watch`. */
  readonly elsewhere?: ReadonlyArray<string>
}

type UntypedHandlers<R> = Readonly<Record<string, Readonly<Record<string, UntypedHandler<R>>>>>

/** All routes of the API, which is declared with the prefix `/api/v2`; mount them at any prefix. */
export function mountApi<Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, C, R>(
  api: HttpApi.HttpApi<Id, Groups, E, C>,
  mount: Mount<ApiHandlers<Groups, R | MountServices>, R>,
): Router
export function mountApi<R>(
  api: HttpApi.HttpApi<string, HttpApiGroup.HttpApiGroup.Any, unknown, unknown>,
  { handlers, runtime, logger, elsewhere = [] }: Mount<UntypedHandlers<R>, R>,
): Router {
  const router = express.Router()
  const uuids = new Set<string>()
  const routes: Array<Route> = []

  HttpApi.reflect(api, {
    onGroup: () => undefined,
    onEndpoint: ({ group, endpoint, mergedAnnotations, successes }) => {
      const name = `${group.identifier}.${endpoint.name}`
      const handler = handlers[group.identifier]?.[endpoint.name]
      if (handler === undefined) throw new TypeError(`no handler for ${name}`)
      const [status = 200] = successes.keys()
      const program = requestProgram(endpoint, mergedAnnotations, status, handler)
      const serve = (request: Request, response: Response) => {
        const answer = (exit: Exit.Exit<StoredAnswer, HttpFailure>) => {
          if (response.closed || response.headersSent) return
          if (Exit.isFailure(exit)) sendFailure(response, exit.cause, logger)
          else sendAnswer(request, response, exit.value).catch((cause: unknown) => sendDefect(response, cause, logger))
        }
        const cancel = runtime.runCallback(program(request, response), {
          onExit: guarded((cause) => sendDefect(response, cause, logger), answer),
        })
        response.once("close", () => {
          if (!response.writableFinished) cancel()
        })
      }
      for (const parameter of uuidParameters(endpoint.pathSchema)) uuids.add(parameter)
      routes.push({ name, method: endpoint.method, path: endpoint.path.slice(API_PREFIX.length), serve })
    },
  })

  onlyUuids(router, uuids)
  mountRoutes(router, routes, elsewhere)
  return router
}

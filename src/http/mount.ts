import { HttpApi, type HttpApiEndpoint, type HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Cause, Context, Effect, Exit, type ManagedRuntime, Option, ParseResult, Predicate, type Schema } from "effect"
import express, { type IRoute, type Request, type Response, type Router } from "express"
import type { Logger } from "pino"
import { BodyLimit, EndsSession, Public, ReceiptBy, Requires } from "../contract/routes/access.ts"
import type { Encryption } from "../db/engine/encryption.ts"
import type { Receipts, StoredAnswer } from "../db/chats/receipts.ts"
import { factsOf, isUnstorable, sentenceOf, troubleIn } from "../db/engine/sql-errors.ts"
import type { SessionInvalid } from "../identity/errors.ts"
import { type Caller, can } from "../identity/policy.ts"
import type { Sessions } from "../identity/sessions.ts"
import type { Settings } from "../settings.ts"
import { authenticate, sessionTokenOf } from "./auth.ts"
import { jsonBody } from "./body.ts"
import { sendJson } from "./content-encoding.ts"
import { type Answer, ForbiddenError, type HttpFailure, answerOf, answerOfTrouble } from "./errors.ts"
import { earlierAnswerOfSession, idempotencyIn, once } from "./idempotency.ts"
import { guarded } from "./guarded.ts"
import { type RequestFacts, requestFacts } from "./request-facts.ts"
import { onlyUuids, uuidParameters } from "./uuid-parameters.ts"
import { decoder } from "./validation.ts"

/**
 * Makes Express routes of the declarations in `contract/`: authenticates, decodes, runs the handler, encodes. A handler that
 * is missing, or takes or gives anything but what its declaration says, does not compile.
 */

type Part<Name extends string, Value> = [Value] extends [never] ? unknown : { readonly [Key in Name]: Value }

type Decoded<Endpoint extends HttpApiEndpoint.HttpApiEndpoint.Any> = Part<
  "path",
  HttpApiEndpoint.HttpApiEndpoint.PathParsed<Endpoint>
> &
  Part<"urlParams", HttpApiEndpoint.HttpApiEndpoint.UrlParams<Endpoint>> &
  Part<"payload", HttpApiEndpoint.HttpApiEndpoint.Payload<Endpoint>> & { readonly request: RequestFacts }

/** Answers one endpoint. It runs in a fiber of its own, which is interrupted when the client goes away. */
export type Handler<Endpoint extends HttpApiEndpoint.HttpApiEndpoint.Any, R> = (
  input: Decoded<Endpoint> & { readonly caller: Caller },
) => Effect.Effect<HttpApiEndpoint.HttpApiEndpoint.Success<Endpoint>, HttpFailure, R>

/** Answers an endpoint that is annotated `Public`: there is no actor. */
export interface PublicHandler<Endpoint extends HttpApiEndpoint.HttpApiEndpoint.Any, R> {
  readonly anonymous: (
    input: Decoded<Endpoint>,
  ) => Effect.Effect<HttpApiEndpoint.HttpApiEndpoint.Success<Endpoint>, HttpFailure, R>
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

interface UntypedInput {
  readonly path?: unknown
  readonly urlParams?: unknown
  readonly payload?: unknown
  readonly request: RequestFacts
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
  const decodePath = partDecoder("path", endpoint.pathSchema)
  const decodeQuery = partDecoder("query", endpoint.urlParamsSchema)
  const decodeBody = partDecoder("body", endpoint.payloadSchema)
  const encode = ParseResult.encodeUnknown(endpoint.successSchema)
  const isEmpty = HttpApiSchema.isVoid(endpoint.successSchema.ast)
  const receiptBy = Context.get(annotations, ReceiptBy)
  const keepsReceipt = endpoint.method !== "GET" && receiptBy === "route"
  if (keepsReceipt && isPublic) throw new TypeError(`${endpoint.name}: nobody's receipt can be kept by the route`)
  const endsSession = Context.get(annotations, EndsSession)

  const respond = Effect.fnUntraced(function* (request: Request, response: Response) {
    // Before the body: a stranger's bytes are not read.
    const session = isPublic ? undefined : yield* authenticate(request)
    yield* checkRequired(required, session?.caller)
    const path = yield* decodePath(request.params)
    const urlParams = yield* decodeQuery(request.query)
    const body = readBody === undefined ? undefined : yield* readBody(request, response)
    const payload = readBody === undefined ? undefined : yield* decodeBody(body)
    const headers: Array<readonly [name: string, value: string]> = []
    const input: UntypedInput = {
      path,
      urlParams,
      payload,
      request: requestFacts(request, {
        sessionKeyId: session?.keyId,
        receiptBy,
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
    if (!keepsReceipt || session === undefined) return yield* carryOut
    const content = endsSession ? sessionTokenOf(request) : [request.query, body]
    const idempotency = yield* idempotencyIn(request.headers, scopeOf(endpoint, path), content)
    return idempotency === undefined ? yield* carryOut : yield* once(session.caller.userId, idempotency, carryOut)
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
}

/** Answers a failed request; also used where a failure happens before a route is found. */
export const sendFailure = (response: Response, cause: Cause.Cause<HttpFailure>, logger: Logger): void => {
  const failure = Cause.failureOption(cause)
  const send = ({ status, body, retryAfterSeconds }: Answer) => {
    if (retryAfterSeconds !== undefined) response.setHeader("retry-after", String(retryAfterSeconds))
    response.status(status).json(body)
  }
  if (Option.isSome(failure)) {
    send(answerOf(failure.value))
    return
  }
  if (Cause.isInterruptedOnly(cause)) {
    response.status(503).json({ message: "The server is stopping. Try again in a moment." })
    return
  }
  const requestId = String(response.getHeader("x-request-id") ?? "")
  const trouble = troubleIn(cause)
  if (trouble !== undefined) {
    const database = [...Cause.defects(cause)].map(factsOf)
    logger.warn({ requestId, database }, `a request could not be answered. ${sentenceOf(trouble)}`)
    send(answerOfTrouble(trouble))
    return
  }
  if ([...Cause.defects(cause)].some(isUnstorable)) {
    response.status(400).json({ message: "The request has a character in it that cannot be stored: NUL (U+0000)." })
    return
  }
  logger.error({ requestId, cause: Cause.pretty(cause, { renderErrorCause: true }) }, "a request failed unexpectedly")
  response.status(500).json({
    message: "Something went wrong inside the server. The administrator finds the reason in its log.",
    detail: `Request ${requestId}`,
  })
}

/** Before its headers: an answer that cannot be written as JSON is a failure, and a failure has none of them. */
const sendAnswer = async (
  request: Request,
  response: Response,
  { status, headers, body }: StoredAnswer,
): Promise<void> => {
  const text = body === undefined ? undefined : JSON.stringify(body)
  for (const [name, value] of headers) response.append(name, value)
  response.status(status)
  if (text === undefined) response.end()
  else await sendJson(request, response, text)
}

/** Ends a request whose answer could not be sent, for a reason of ours. */
const sendDefect = (response: Response, cause: unknown, logger: Logger): void => {
  if (!response.headersSent) return sendFailure(response, Cause.die(cause), logger)
  logger.error({ cause }, "an answer broke off")
  response.destroy()
}

/** Every method of one path; those that are not declared are refused with a list of those that are. */
const mountPath = (route: IRoute, methods: ReadonlyMap<string, express.RequestHandler>): void => {
  for (const [method, serve] of methods) {
    switch (method) {
      case "GET":
        route.get(serve)
        break
      case "POST":
        route.post(serve)
        break
      case "PUT":
        route.put(serve)
        break
      case "PATCH":
        route.patch(serve)
        break
      case "DELETE":
        route.delete(serve)
        break
      default:
        throw new TypeError(`${method} ${route.path}: this method is not mounted`)
    }
  }
  const allow = ["OPTIONS", ...methods.keys(), ...(methods.has("GET") ? ["HEAD"] : [])].sort().join(", ")
  route.all((request, response) => {
    response.setHeader("allow", allow)
    if (request.method === "OPTIONS") response.status(204).end()
    else response.status(405).json({ message: `${request.method} is not possible here; ${allow} are.` })
  })
}

type UntypedHandlers<R> = Readonly<Record<string, Readonly<Record<string, UntypedHandler<R>>>>>

/** All routes of the API, which is declared with the prefix `/api/v2`; mount them at any prefix. */
export function mountApi<Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, C, R>(
  api: HttpApi.HttpApi<Id, Groups, E, C>,
  mount: Mount<ApiHandlers<Groups, R | MountServices>, R>,
): Router
export function mountApi<R>(
  api: HttpApi.HttpApi<string, HttpApiGroup.HttpApiGroup.Any, unknown, unknown>,
  { handlers, runtime, logger }: Mount<UntypedHandlers<R>, R>,
): Router {
  const router = express.Router()
  const uuids = new Set<string>()
  const paths = new Map<string, Map<string, express.RequestHandler>>()

  HttpApi.reflect(api, {
    onGroup: () => undefined,
    onEndpoint: ({ group, endpoint, mergedAnnotations, successes }) => {
      const handler = handlers[group.identifier]?.[endpoint.name]
      if (handler === undefined) throw new TypeError(`no handler for ${group.identifier}.${endpoint.name}`)
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
      const path = endpoint.path.slice(API_PREFIX.length)
      for (const name of uuidParameters(endpoint.pathSchema)) uuids.add(name)
      paths.set(path, (paths.get(path) ?? new Map<string, express.RequestHandler>()).set(endpoint.method, serve))
    },
  })

  onlyUuids(router, uuids)
  // `/users/first` before `/users/:user`, whatever the order of the declarations.
  const inOrder = [...paths].sort(([a], [b]) => Number(a.includes(":")) - Number(b.includes(":")))
  for (const [path, methods] of inOrder) mountPath(router.route(path), methods)
  return router
}

import { Clock, Data, Duration, Effect, Schedule, Schema } from "effect"
import http from "node:http"
import { type CallIdentity, WorkspaceError } from "./workspace.ts"

/** HTTP over the agent's socket, on kept-alive connections. What comes back was written in the workspace: it is decoded. */

const MAX_ANSWER_BYTES = 8 * 1024 * 1024
const ANSWER_TIMEOUT = Duration.seconds(30)

export interface AgentRequest {
  readonly operation: string
  readonly method: "GET" | "POST"
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: string
  readonly chatId?: string
  readonly identity?: CallIdentity
  /** The agent may take this long on purpose, besides the time for any answer. */
  readonly waitMs?: number
}

export interface AgentAnswer<A> {
  readonly value: A
  /** Milliseconds since the recorded call ran; undefined for what is not recorded. */
  readonly runAgeMs: number | undefined
}

/** The connection failed. `reached`: the agent may have got the request. */
class LinkBroken extends Data.TaggedError("LinkBroken")<{ readonly reached: boolean; readonly cause: Error }> {}

interface RawAnswer {
  readonly status: number
  readonly runAge: string | undefined
  readonly text: string
}

const neverReached = new Set(["ENOENT", "ECONNREFUSED", "ENOTSOCK", "EACCES"])

const broken = (cause: Error): LinkBroken =>
  new LinkBroken({ reached: !("code" in cause && neverReached.has(String(cause.code))), cause })

const exchange = (
  pool: http.Agent | false,
  socketPath: string,
  request: AgentRequest,
  ageMs: number,
): Effect.Effect<RawAnswer, LinkBroken> =>
  Effect.async((resume) => {
    const query = request.query === undefined ? "" : `?${new URLSearchParams(request.query)}`
    const chatId = request.identity?.chatId ?? request.chatId
    const headers: Record<string, string> = { "Content-Length": String(Buffer.byteLength(request.body ?? "")) }
    if (chatId !== undefined) headers["Coder-Chat-Id"] = chatId
    if (request.identity !== undefined) {
      headers["Coder-Tool-Call-Message-Id"] = String(request.identity.messageId)
      headers["Coder-Tool-Call-Id"] = request.identity.toolCallId
      headers["Coder-Tool-Call-Age-Ms"] = String(Math.round(ageMs))
    }
    const outgoing = http.request(
      { agent: pool, socketPath, method: request.method, path: `/api/v0${request.path}${query}`, headers },
      (incoming) => {
        const chunks: Array<Buffer> = []
        let size = 0
        incoming.on("data", (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_ANSWER_BYTES) outgoing.destroy(new Error("the answer is too large"))
          else chunks.push(chunk)
        })
        incoming.on("error", (error) => resume(broken(error)))
        incoming.on("end", () => {
          const runAge = incoming.headers["coder-tool-call-run-age-ms"]
          resume(
            Effect.succeed({
              status: incoming.statusCode ?? 0,
              runAge: typeof runAge === "string" ? runAge : undefined,
              text: Buffer.concat(chunks).toString("utf8"),
            }),
          )
        })
      },
    )
    outgoing.on("error", (error) => resume(broken(error)))
    outgoing.end(request.body)
    return Effect.sync(() => outgoing.destroy())
  })

const Refused = Schema.parseJson(Schema.Struct({ message: Schema.String, code: Schema.optional(Schema.String) }))

const reasonOf = (status: number): WorkspaceError["reason"] => {
  if (status === 404) return "not_found"
  if (status === 409) return "conflict"
  return status < 500 ? "refused" : "failed"
}

const refusedError = (operation: string, answer: RawAnswer) =>
  Schema.decode(Refused)(answer.text).pipe(
    Effect.orElseSucceed(() => ({ message: "The workspace refused, without saying why.", code: undefined })),
    Effect.flatMap(({ message, code }) =>
      Effect.fail(
        new WorkspaceError({
          operation,
          reason: reasonOf(answer.status),
          message,
          ...(code === undefined ? {} : { code }),
        }),
      ),
    ),
  )

const unreachable = (operation: string, detail: string) =>
  new WorkspaceError({
    operation,
    reason: "unreachable",
    message: `The workspace did not answer (${detail}). Try once more; if it fails again, tell the user about it.`,
  })

/**
 * True when an agent answers there, false when nobody listens. On a connection of its own: a kept one may be closed by the
 * agent at this very moment, and an agent wrongly taken for dead would be replaced while its processes run.
 */
export const agentAnswers = (socketPath: string): Effect.Effect<boolean, WorkspaceError> => {
  const operation = "Workspaces.dial"
  return exchange(false, socketPath, { operation, method: "GET", path: "/health" }, 0).pipe(
    Effect.retry({
      schedule: Schedule.spaced("50 millis").pipe(Schedule.upTo("1 second")),
      while: ({ reached }) => reached,
    }),
    Effect.as(true),
    Effect.catchTag("LinkBroken", ({ reached, cause }) =>
      reached ? unreachable(operation, cause.message) : Effect.succeed(false),
    ),
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => unreachable(operation, "its agent hangs") }),
  )
}

export interface AgentLink {
  readonly ask: <A, I>(
    answer: Schema.Schema<A, I>,
    request: AgentRequest,
  ) => Effect.Effect<AgentAnswer<A>, WorkspaceError>
}

/**
 * A link to the agent at `first`. When the connection breaks, `connect` is asked once for the socket of a running agent: the
 * first may have ended for idleness, or a later one taken over.
 */
export const makeAgentLink = (
  pool: http.Agent,
  first: string,
  connect: Effect.Effect<string, WorkspaceError>,
): AgentLink => {
  let socketPath = first
  const reconnect = Effect.map(connect, (found) => {
    socketPath = found
  })
  const send = Effect.fn("Workspaces.ask")(function* (request: AgentRequest) {
    const attempt = (ageMs: number) =>
      Effect.suspend(() => exchange(pool, socketPath, request, ageMs)).pipe(
        Effect.timeoutFail({
          duration: Duration.sum(ANSWER_TIMEOUT, Duration.millis(request.waitMs ?? 0)),
          onTimeout: () => unreachable(request.operation, "no answer in time"),
        }),
      )
    const ageMs = request.identity?.callAgeMs ?? 0
    const sentAt = yield* Clock.currentTimeMillis
    return yield* attempt(ageMs).pipe(
      Effect.catchTag("LinkBroken", (failure) =>
        Effect.gen(function* () {
          yield* reconnect
          const elapsed = (yield* Clock.currentTimeMillis) - sentAt
          // Age 0 promises that no agent has seen the call, which is not known once one may have got it.
          return yield* attempt(ageMs > 0 || failure.reached ? ageMs + Math.max(1, elapsed) : 0)
        }),
      ),
      Effect.catchTag("LinkBroken", (failure) => unreachable(request.operation, failure.cause.message)),
    )
  })
  return {
    ask: (answer, request) =>
      Effect.gen(function* () {
        const raw = yield* send(request)
        if (raw.status !== 200) return yield* refusedError(request.operation, raw)
        const value = yield* Schema.decode(Schema.parseJson(answer))(raw.text).pipe(
          Effect.mapError(
            () =>
              new WorkspaceError({
                operation: request.operation,
                reason: "failed",
                message: "The workspace gave an answer that cannot be understood.",
              }),
          ),
        )
        return { value, runAgeMs: raw.runAge === undefined ? undefined : Number(raw.runAge) }
      }),
  }
}

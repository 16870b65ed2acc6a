import { Clock, Data, Duration, Effect, Schedule, Schema } from "effect"
import http from "node:http"
import type { CallHeaders, OperationName, Operations, RunAgeHeader } from "../../workspace-agent/src/protocol.ts"
import type { ChatId } from "../contract/ids.ts"
import { answerOf, exchanges, readRefusal } from "./agent-answers.ts"
import { type CallIdentity, WorkspaceError } from "./workspace.ts"

/** HTTP over the agent's socket, on kept-alive connections. What comes back was written in the workspace: it is decoded. */

const MAX_ANSWER_BYTES = 8 * 1024 * 1024
const ANSWER_TIMEOUT = Duration.seconds(30)
const RUN_AGE: Lowercase<RunAgeHeader> = "coder-tool-call-run-age-ms"

/** What a request may say. */
interface Said {
  readonly query?: Readonly<Record<string, string | number>>
  /** An object is sent as JSON, a string as it is. */
  readonly body?: object | string
  /** Of what the path names. */
  readonly id?: string
  readonly chatId?: ChatId
  readonly identity?: CallIdentity
  /** The agent may take this long on purpose, besides the time for any answer. */
  readonly waitMs?: number
}

type Given<Key extends keyof Said, Value> = [Value] extends [undefined]
  ? unknown
  : [keyof Value] extends [never]
    ? unknown
    : { readonly [_ in Key]: Value }

interface Speakers {
  readonly anyone: unknown
  readonly chat: { readonly chatId: ChatId }
  readonly call: { readonly identity: CallIdentity }
}

/** What a request of this operation has to say. */
type SaidOf<Name extends OperationName> = Said &
  Speakers[Operations[Name]["by"]] &
  Given<"query", Operations[Name]["query"]> &
  Given<"body", Operations[Name]["body"]> &
  Given<"id", Operations[Name]["path"] extends `${string}{id}${string}` ? string : undefined>

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

const headersOf = ({ identity, chatId = identity?.chatId }: Said, ageMs: number): CallHeaders => ({
  ...(chatId === undefined ? {} : { "Coder-Chat-Id": chatId }),
  ...(identity === undefined
    ? {}
    : {
        "Coder-Tool-Call-Message-Id": String(identity.messageId),
        "Coder-Tool-Call-Id": identity.toolCallId,
        "Coder-Tool-Call-Age-Ms": String(Math.round(ageMs)),
      }),
})

const addressOf = (name: OperationName, { id, query = {} }: Said): string => {
  // An id may come from a model, which may have written half a character.
  const place = exchanges[name].path.replace("{id}", () => encodeURIComponent((id ?? "").toWellFormed()))
  const words = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) words.set(key, String(value))
  return `/api/v0${place}${words.size === 0 ? "" : `?${words}`}`
}

const exchange = (
  pool: http.Agent | false,
  socketPath: string,
  name: OperationName,
  said: Said,
  ageMs: number,
): Effect.Effect<RawAnswer, LinkBroken> =>
  Effect.async((resume) => {
    const { method } = exchanges[name]
    const body = typeof said.body === "object" ? JSON.stringify(said.body) : said.body
    const headers = { ...headersOf(said, ageMs), "Content-Length": String(Buffer.byteLength(body ?? "")) }
    const outgoing = http.request(
      { agent: pool, socketPath, method, path: addressOf(name, said), headers },
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
          const runAge = incoming.headers[RUN_AGE]
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
    outgoing.end(body)
    return Effect.sync(() => outgoing.destroy())
  })

const reasonOf = (status: number): WorkspaceError["reason"] => {
  if (status === 404) return "not_found"
  if (status === 409) return "conflict"
  return status < 500 ? "refused" : "failed"
}

const refusedError = (operation: string, { status, text }: RawAnswer) =>
  new WorkspaceError({ operation, reason: reasonOf(status), ...readRefusal(text) })

const unreadable = (operation: string) =>
  new WorkspaceError({
    operation,
    reason: "unreadable",
    message: "The workspace gave an answer that cannot be understood.",
  })

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
  return exchange(false, socketPath, "health", {}, 0).pipe(
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
  readonly ask: <Name extends OperationName>(
    name: Name,
    said: SaidOf<Name>,
  ) => Effect.Effect<AgentAnswer<Operations[Name]["answer"]>, WorkspaceError>
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
  const send = Effect.fn("Workspaces.ask")(function* (operation: string, name: OperationName, said: Said) {
    const attempt = (ageMs: number) =>
      Effect.suspend(() => exchange(pool, socketPath, name, said, ageMs)).pipe(
        Effect.timeoutFail({
          duration: Duration.sum(ANSWER_TIMEOUT, Duration.millis(said.waitMs ?? 0)),
          onTimeout: () => unreachable(operation, "no answer in time"),
        }),
      )
    const ageMs = said.identity?.callAgeMs ?? 0
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
      Effect.catchTag("LinkBroken", (failure) => unreachable(operation, failure.cause.message)),
    )
  })
  return {
    ask: (name, said) =>
      Effect.gen(function* () {
        const operation = `Workspaces.${name}`
        const raw = yield* send(operation, name, said)
        if (raw.status !== 200) return yield* refusedError(operation, raw)
        return yield* Schema.decode(answerOf(exchanges[name].answer))({ value: raw.text, runAgeMs: raw.runAge }).pipe(
          Effect.mapError(() => unreadable(operation)),
        )
      }),
  }
}

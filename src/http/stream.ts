import { Cause, Effect, Exit, Fiber, type ManagedRuntime, Option } from "effect"
import express, { type Request, type Response, type Router } from "express"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import type { Logger } from "pino"
import type { WebSocket, WebSocketServer } from "ws"
import { type ReaderSink, type ReaderStart, followChat } from "../actors/streams/chat-reader.ts"
import { ChatAccess, type ChatView, viewOf } from "../chats/access.ts"
import { parseCursor } from "../actors/streams/cursor.ts"
import type { LiveChannels } from "../actors/streams/live-channels.ts"
import type { PartLog } from "../actors/streams/part-log.ts"
import type { ChatId, SessionKeyId, UserId } from "../contract/ids.ts"
import type { ChatJournal } from "../db/chats/journal.ts"
import { ChatReads } from "../db/chats/reads.ts"
import { Origin } from "../identity/origin.ts"
import { Sessions } from "../identity/sessions.ts"
import type { Settings } from "../settings.ts"
import { sendFailure } from "./answering.ts"
import { actingBy } from "./acting.ts"
import { authenticate } from "./auth.ts"
import { BadRequestError, NotFoundError } from "./errors.ts"
import { answerOf, type HttpFailure } from "./failures.ts"
import { guarded } from "./guarded.ts"
import { type Lease, StreamLeases } from "./stream-leases.ts"
import { isUuid, onlyUuids } from "./uuid-parameters.ts"
import type { UpgradeHandler } from "./upgrades.ts"

/**
 * `GET /chats/{chat}/stream`: over WebSocket, or as server-sent events where the client accepts `text/event-stream`.
 * Everything that can be wrong is found before the upgrade, so it is an ordinary HTTP error.
 */

export type StreamServices =
  | ChatAccess
  | ChatJournal
  | ChatReads
  | LiveChannels
  | PartLog
  | Sessions
  | Settings
  | StreamLeases

/** A socket that takes nothing for this long although something waits is closed. */
const STALLED_MS = 30_000

const LEASE_OVER = "You may not follow this any more: the session is over, or it is no longer shared with you."

const bad = (field: string, detail: string) =>
  new BadRequestError({ message: `${field} ${detail}`, validations: [{ field, detail }] })

const wholeNumber = (query: URLSearchParams, name: string, least: number) => {
  const text = query.get(name)
  if (text === null) return Effect.succeed(undefined)
  const value = Number(text)
  return /^\d{1,15}$/.test(text) && value >= least
    ? Effect.succeed(value)
    : bad(name, `must be a whole number of at least ${least}`)
}

/** Where the reader begins. `cursor` wins over `after_id`, and a header `Last-Event-ID` over nothing. */
const startOf = (
  query: URLSearchParams,
  lastEventId: string | undefined,
): Effect.Effect<ReaderStart, BadRequestError> =>
  Effect.gen(function* () {
    const text = query.get("cursor") ?? lastEventId
    if (text !== undefined && text !== null) {
      const cursor = parseCursor(text)
      if (cursor === undefined) return yield* bad("cursor", "must be a cursor that this stream has sent")
      return { type: "cursor", cursor } as const
    }
    const afterId = yield* wholeNumber(query, "after_id", 0)
    const tail = yield* wholeNumber(query, "tail", 1)
    return { type: "snapshot", afterId: afterId ?? 0, ...(tail !== undefined && { tail }) } as const
  })

interface Admitted {
  /** Of the session that opened the stream. */
  readonly keyId: SessionKeyId
  readonly chatId: ChatId
  readonly start: ReaderStart
  /** Set when the reader is the owner: whose read cursor moves. */
  readonly ownerId: UserId | undefined
  readonly inspects: boolean
  readonly view: ChatView
}

const admit = (
  request: IncomingMessage,
  chatId: ChatId,
  query: URLSearchParams,
): Effect.Effect<Admitted, HttpFailure, ChatAccess | Sessions | Settings> =>
  Effect.gen(function* () {
    const session = yield* authenticate(request)
    const { caller, keyId } = session
    if (!isUuid(chatId)) return yield* new NotFoundError({ message: "There is no such stream. See /docs/api." })
    const lastEventId = request.headers["last-event-id"]
    const start = yield* startOf(query, typeof lastEventId === "string" ? lastEventId : undefined)
    const inspects = query.get("inspect") === "1"
    const look = (yield* ChatAccess).look(caller, chatId, inspects ? "inspect" : "read")
    const row = yield* Effect.provideService(look, Origin, actingBy(session, request))
    return {
      keyId,
      chatId: row.id,
      start,
      ownerId: row.owner_id === caller.userId ? caller.userId : undefined,
      inspects,
      view: viewOf(caller, row),
    }
  })

/** Who is shown more than a reader must be allowed more, as long as it lasts. */
const leaseOf = ({ keyId, chatId, ownerId, view }: Admitted) => ({
  keyId,
  chat: { id: chatId, action: view, own: ownerId !== undefined },
})

const markRead = ({ chatId, ownerId }: Admitted) =>
  ownerId === undefined
    ? Effect.void
    : Effect.flatMap(ChatReads, (reads) => reads.markRead(chatId, ownerId)).pipe(Effect.ignoreLogged)

/** Follows until interrupted. What the owner has been shown is read, at the beginning and at the end. */
const follow = (admitted: Admitted, sink: ReaderSink) =>
  markRead(admitted).pipe(
    Effect.zipRight(followChat(admitted.chatId, admitted.start, sink)),
    Effect.ensuring(markRead(admitted)),
  )

type Runtime = ManagedRuntime.ManagedRuntime<StreamServices, never>

/** Calls back when `buffered` is 0; gives the peer up when nothing moves for too long. */
const whenDrained = (buffered: () => number, giveUp: () => void, callback: () => void): void => {
  let least = buffered()
  let movedAt = performance.now()
  const timer = setInterval(() => {
    const now = buffered()
    if (now === 0) {
      clearInterval(timer)
      callback()
    } else if (now < least) {
      least = now
      movedAt = performance.now()
    } else if (performance.now() - movedAt > STALLED_MS) {
      clearInterval(timer)
      giveUp()
    }
  }, 50)
  timer.unref()
}

const webSocketSink = (socket: WebSocket, { inspects, view }: Admitted): ReaderSink => ({
  inspects,
  readsAlong: view === "read",
  write: (_events, frame) => socket.send(frame),
  bufferedBytes: () => socket.bufferedAmount,
  onDrain: (callback) =>
    whenDrained(
      () => socket.bufferedAmount,
      () => socket.terminate(),
      callback,
    ),
})

/** Ping at an interval; a peer that has not answered the last one is gone. */
const keepAlive = (socket: WebSocket, pingMs: number): void => {
  let answered = true
  socket.on("pong", () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, pingMs)
  socket.once("close", () => clearInterval(timer))
}

type LeaseServices = Sessions | StreamLeases

/**
 * Calls `end` once the lease is over: at once where the session was revoked in this process, else within a second. Returns what
 * gives it back.
 */
const whileLeased = (runtime: ManagedRuntime.ManagedRuntime<LeaseServices, never>, lease: Lease): (() => void) => {
  let giveBack: ReadonlyArray<() => void> = []
  let over = false
  const done = () => {
    over = true
    for (const give of giveBack) give()
  }
  runtime.runCallback(Effect.all([Sessions, StreamLeases]), {
    onExit: (exit) => {
      if (Exit.isFailure(exit) || over) return
      const [sessions, leases] = exit.value
      giveBack = [sessions.whenRevoked(lease.keyId, lease.end), leases.hold(lease)]
    },
  })
  return done
}

interface Kept extends Omit<Lease, "end"> {
  readonly runtime: ManagedRuntime.ManagedRuntime<LeaseServices, never>
  readonly pingMs: number
}

/** Keeps a socket open as long as its peer answers and whoever opened it may go on. */
export const keepWhileAllowed = (socket: WebSocket, { runtime, pingMs, ...lease }: Kept): void => {
  keepAlive(socket, pingMs)
  socket.once("close", whileLeased(runtime, { ...lease, end: () => socket.close(1008, LEASE_OVER) }))
}

/** Refuses an upgrade with an ordinary HTTP answer on the bare socket. */
export const refuse = (socket: Duplex, cause: Cause.Cause<HttpFailure>, logger: Logger): void => {
  const failure = Cause.failureOption(cause)
  if (Option.isNone(failure)) logger.error({ cause: Cause.pretty(cause) }, "a stream could not be opened")
  const { status, body } = Option.isSome(failure)
    ? answerOf(failure.value)
    : { status: 500, body: { message: "The stream could not be opened. Try again." } }
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  )
}

/** For what is thrown between the admission and the stream, where no answer may be possible any more. */
export const onBroken =
  (socket: Duplex, logger: Logger) =>
  (cause: unknown): void => {
    logger.error({ cause }, "a stream broke off while it was opened")
    socket.destroy()
  }

export interface StreamOptions {
  readonly runtime: Runtime
  readonly webSockets: WebSocketServer
  readonly pingMs: number
  readonly logger: Logger
}

const chatIdOf = (pathname: string): ChatId => pathname.split("/").at(-2) ?? ""

/** The WebSocket. It only sends: a client that writes is closed with 1008. */
export const chatStreamUpgrade =
  ({ runtime, webSockets, pingMs, logger }: StreamOptions): UpgradeHandler =>
  (request, socket, head, url) => {
    runtime.runCallback(admit(request, chatIdOf(url.pathname), url.searchParams), {
      onExit: guarded(onBroken(socket, logger), (exit) => {
        if (Exit.isFailure(exit)) return refuse(socket, exit.cause, logger)
        webSockets.handleUpgrade(request, socket, head, (client) => {
          keepWhileAllowed(client, { runtime, pingMs, ...leaseOf(exit.value) })
          client.on("error", () => client.terminate())
          client.on("message", () => client.close(1008, "This stream takes no messages."))
          const fiber = runtime.runFork(follow(exit.value, webSocketSink(client, exit.value)))
          client.once("close", () => runtime.runFork(Fiber.interrupt(fiber)))
          fiber.addObserver((end) => {
            if (client.readyState !== client.OPEN) return
            if (Exit.isSuccess(end)) client.close(1000, "The chat was deleted.")
            else client.close(1011, "The stream broke off. Connect again with your cursor.")
          })
        })
      }),
    })
  }

const serverSentEvents = (response: Response, { inspects, view }: Admitted): ReaderSink => ({
  inspects,
  readsAlong: view === "read",
  write: (events) => {
    response.write(events.map((event) => `id: ${event.cursor}\nevent: ${event.type}\ndata: ${event.json}\n\n`).join(""))
  },
  bufferedBytes: () => response.writableLength,
  onDrain: (callback) =>
    whenDrained(
      () => response.writableLength,
      () => response.destroy(),
      callback,
    ),
})

/** The server-sent twin. Comments keep the connection open. */
export const chatStreamRouter = ({ runtime, pingMs, logger }: StreamOptions): Router => {
  const router = express.Router()
  onlyUuids(router, ["chat"])
  router.get("/chats/:chat/stream", (request: Request<{ chat: string }>, response: Response) => {
    const query = new URL(request.originalUrl, "http://localhost").searchParams
    const opened = Effect.gen(function* () {
      const admitted = yield* admit(request, request.params.chat, query)
      if (!(request.headers.accept ?? "").includes("text/event-stream")) {
        return yield* new BadRequestError({
          message: "Open this as a WebSocket, or accept text/event-stream for server-sent events.",
        })
      }
      return admitted
    })
    runtime.runCallback(opened, {
      onExit: guarded(onBroken(request.socket, logger), (exit) => {
        if (response.closed) return
        if (Exit.isFailure(exit)) return sendFailure(response, exit.cause, logger)
        response.writeHead(200, {
          "content-type": "text/event-stream",
          "cache-control": "no-store, no-transform",
          "x-accel-buffering": "no",
        })
        response.flushHeaders()
        const fiber = runtime.runFork(follow(exit.value, serverSentEvents(response, exit.value)))
        const timer = setInterval(() => response.write(": ping\n\n"), pingMs)
        // Its end ends the response.
        const stop = () => runtime.runFork(Fiber.interrupt(fiber))
        const giveBack = whileLeased(runtime, { ...leaseOf(exit.value), end: stop })
        // What is written while the connection breaks fails; the close says so.
        response.on("error", () => response.destroy())
        response.once("close", () => {
          clearInterval(timer)
          giveBack()
          stop()
        })
        fiber.addObserver(() => {
          clearInterval(timer)
          response.end()
        })
      }),
    })
  })
  return router
}

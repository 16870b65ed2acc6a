import { Cause } from "effect"
import express, { type NextFunction, type Request, type Response, type Router } from "express"
import helmet from "helmet"
import { randomUUID } from "node:crypto"
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import type { Logger } from "pino"
import type { WebSocketServer } from "ws"
import { pathOf } from "./auth.ts"
import { sendFailure } from "./answering.ts"
import { MisdirectedError, NotFoundError } from "./errors.ts"
import { answerOf } from "./failures.ts"
import { isCalledByOwnName, ownOrigins } from "./host-names.ts"
import { API_PREFIX } from "./mount.ts"
import { documents } from "./documents.ts"
import { isWebSocketUpgrade, refuseUpgrade, servingWithoutUpgrade, targetOf, type UpgradeHandler } from "./upgrades.ts"
import { webApp } from "./web-app.ts"

export interface HttpServerOptions {
  /** The declared routes (`mountApi`), and others of the same prefix that stand before them, such as streams. */
  readonly apiRouters: ReadonlyArray<Router>
  /** Routers for other paths, such as the simulator's. They come before the web app. */
  readonly routers: ReadonlyArray<Router>
  /** By path below the prefix of the API, with parameters: `/chats/:chat/stream`. */
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>
  /** The WebSockets that `upgrades` accept; closed with 1001 when the server stops. */
  readonly webSockets: WebSocketServer
  /** `dist/web`. */
  readonly webFolder: string
  /** What users reach the server by; https makes browsers keep to it. */
  readonly accessUrl: string | undefined
  /** It listens where nobody beyond this machine reaches it, and answers only to names of this machine. */
  readonly onlyLoopback: boolean
  /** Addresses and networks whose word is taken for whom they ask. */
  readonly trustedProxies: ReadonlyArray<string>
  /** True once a configured first user exists. */
  readonly isReady: () => boolean
  /** True while the database finds no room on its disk. */
  readonly isDiskFull: () => boolean
  readonly logger: Logger
}

export interface HttpServer {
  readonly server: Server
  /** Resolves with the address it listens on; rejects when the address is taken. */
  readonly listen: (host: string, port: number) => Promise<AddressInfo>
  /** Takes no more requests, closes WebSockets with 1001, and waits for requests under way, at most `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>
}

/** `experimental` is what clients of the beta call. */
const API_PREFIXES = [API_PREFIX, "/api/experimental"]

const securityHeaders = (accessUrl: string | undefined) => {
  const https = accessUrl?.startsWith("https:") === true
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // Dialogs and notices insert style elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'", "data:"],
        // Not every browser counts the WebSockets of this server among `'self'`.
        connectSrc: [
          "'self'",
          (request) =>
            ownOrigins(request, accessUrl)
              .map((origin) => origin.replace(/^http/, "ws"))
              .join(" "),
        ],
        workerSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    strictTransportSecurity: https,
    // Sign-in windows of other services must be able to tell their opener that they are done.
    crossOriginOpenerPolicy: { policy: "same-origin-allow-popups" },
    originAgentCluster: https,
  })
}

/** Somebody may write a token into an address by mistake; the log is no place to keep it. */
const withoutTokens = (path: string): string => path.replace(/\b([0-9a-f]{16})-[\w-]{32}/g, "$1-[secret]")

/** Names the request in the answer and the log. The path alone is logged: a query may hold a token. */
const requestLog = (logger: Logger) => (request: Request, response: Response, next: NextFunction) => {
  const requestId = randomUUID()
  response.setHeader("x-request-id", requestId)
  const startedAt = performance.now()
  response.once("close", () => {
    const { statusCode: status } = response
    const level = status >= 500 ? "error" : status >= 400 ? "info" : "debug"
    if (!logger.isLevelEnabled(level)) return
    const ms = Math.round(performance.now() - startedAt)
    logger[level](
      { requestId, method: request.method, path: withoutTokens(pathOf(request.originalUrl)), status, ms },
      "request",
    )
  })
  next()
}

/** Everything below the API's prefix is for the one who asked; what everybody may keep is answered before. */
const notStored = (_request: Request, response: Response, next: NextFunction) => {
  response.setHeader("cache-control", "no-store")
  next()
}

const refuseOtherNames = (options: HttpServerOptions) => (request: Request, response: Response, next: NextFunction) => {
  if (isCalledByOwnName(request, options)) next()
  else sendFailure(response, Cause.fail(new MisdirectedError()), options.logger)
}

/** Errors of Express itself, such as a path that is not valid percent-encoding; ours never come this way. */
const expressErrors =
  (logger: Logger) => (error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const status = typeof error === "object" && error !== null && "status" in error ? Number(error.status) : 500
    if (status >= 400 && status < 500)
      response.status(status).json({ message: "The address of the request is not right." })
    else sendFailure(response, Cause.die(error), logger)
  }

const createApp = (options: HttpServerOptions) => {
  const { logger } = options
  const app = express()
  app.disable("x-powered-by")
  // Answers are mostly unique; hashing each for an ETag costs more than it saves.
  app.disable("etag")
  app.set("trust proxy", [...options.trustedProxies])
  app.use(requestLog(logger))
  app.use(refuseOtherNames(options))
  app.get("/healthz", (_request, response) => {
    const ready = options.isReady()
    // A full disk is no reason to restart the server: it goes on by itself once there is room.
    const disk = options.isDiskFull() ? "full" : "ok"
    response.status(ready ? 200 : 503).json({ message: ready ? "ok" : "The server is starting.", disk })
  })
  app.use(securityHeaders(options.accessUrl))
  app.use(documents())
  app.use("/api", notStored)
  for (const prefix of API_PREFIXES) for (const router of options.apiRouters) app.use(prefix, router)
  app.use("/api", (_request, response) => {
    sendFailure(response, Cause.fail(new NotFoundError({ message: "There is no such route. See /docs/api." })), logger)
  })
  for (const router of options.routers) app.use(router)
  app.use(webApp(options.webFolder))
  app.use((_request, response) => {
    sendFailure(response, Cause.fail(new NotFoundError({})), logger)
  })
  app.use(expressErrors(logger))
  return app
}

/** Node answers an `Expect` that is not `100-continue` with a bare 417. What the client would send after it is not waited for. */
const refuseExpectation = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(417, { "content-type": "application/json", connection: "close" })
  response.end(JSON.stringify({ message: "The only expectation that this server meets is 100-continue." }))
}

const dispatchUpgrades = (server: Server, options: HttpServerOptions) => {
  const { upgrades, logger } = options
  const routes = Object.entries(upgrades).map(([pattern, handle]) => ({
    path: new RegExp(`^${pattern.replace(/:[^/]+/g, "[^/]+")}/?$`),
    handle,
  }))
  const serveWithoutUpgrade = servingWithoutUpgrade(server)
  return (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isWebSocketUpgrade(request)) {
      serveWithoutUpgrade(request, socket, head)
      return
    }
    // A reset of the connection is no event of ours.
    socket.on("error", () => socket.destroy())
    if (!isCalledByOwnName(request, options)) {
      refuseUpgrade(socket, "421 Misdirected Request", answerOf(new MisdirectedError()).body.message)
      return
    }
    const url = targetOf(request)
    const prefix = API_PREFIXES.find((prefix) => url?.pathname.startsWith(`${prefix}/`))
    const route = prefix && routes.find(({ path }) => path.test(url?.pathname.slice(prefix.length) ?? ""))
    if (url === undefined || !route) {
      refuseUpgrade(socket, "404 Not Found", "There is no such stream. See /docs/api.")
      return
    }
    logger.debug({ path: url.pathname }, "upgrade")
    try {
      route.handle(request, socket, head, url)
    } catch (cause) {
      // Express catches what its routes throw; here it would end the process.
      logger.error({ path: url.pathname, cause }, "a stream could not be opened")
      refuseUpgrade(socket, "500 Internal Server Error", "The stream could not be opened. Try again.")
    }
  }
}

/** Who sends a request byte by byte holds a connection no longer than this. Bodies are at most some MiB. */
const limits = {
  headersTimeout: 30_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
}

/** The server, not yet listening. */
export const createHttpServer = (options: HttpServerOptions): HttpServer => {
  // Known to Node from 22.21 and 24.9 on.
  const ignoringOtherUpgrades = { shouldUpgradeCallback: isWebSocketUpgrade }
  const server = createServer({ ...limits, ...ignoringOtherUpgrades, noDelay: true }, createApp(options))
  server.on("upgrade", dispatchUpgrades(server, options))
  server.on("checkExpectation", refuseExpectation)
  let closing = false
  server.on("request", (_request, response) => {
    // A connection that was busy when the server was closed would else be kept alive until it times out.
    response.once("close", () => {
      if (closing) setImmediate(() => server.closeIdleConnections())
    })
  })
  return {
    server,
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once("error", reject)
        server.listen(port, host, () => {
          server.off("error", reject)
          const address = server.address()
          if (address === null || typeof address === "string") reject(new Error("the server has no TCP address"))
          else resolve(address)
        })
      }),
    close: (graceMs) =>
      new Promise((resolve) => {
        closing = true
        const timer = setTimeout(() => {
          for (const socket of options.webSockets.clients) socket.terminate()
          server.closeAllConnections()
        }, graceMs)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        server.closeIdleConnections()
        for (const socket of options.webSockets.clients) socket.close(1001, "The server is stopping.")
      }),
  }
}

import { Effect } from "effect"
import type { IncomingMessage } from "node:http"
import type { SessionInvalid } from "../identity/errors.ts"
import { type Session, Sessions } from "../identity/sessions.ts"
import { Settings } from "../settings.ts"
import { cookieIn } from "./cookies.ts"
import { ForbiddenError, UnauthorizedError } from "./errors.ts"
import { ownOrigins } from "./host-names.ts"
import { isWebSocketUpgrade } from "./upgrades.ts"

export const SESSION_COOKIE = "coder_session_token"
const SESSION_HEADER = "coder-session-token"
/** Browsers cannot set headers on a WebSocket. The value must never reach a log: see `pathOf`. */
const SESSION_QUERY = "coder_session_token"

/** The path of a request without its query, which may hold a token. All that a log may show of a URL. */
export const pathOf = (url: string | undefined): string => (url ?? "/").split("?", 1)[0] ?? "/"

const single = (value: string | ReadonlyArray<string> | undefined): string | undefined => {
  const text = typeof value === "string" ? value : value?.[0]
  return text?.trim() || undefined
}

interface Credentials {
  readonly token: string
  /** Sent by the browser on its own accord, so another site may be behind the request. */
  readonly ambient: boolean
}

const credentialsOf = (request: IncomingMessage): Credentials | undefined => {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1]
  const explicit = bearer ?? single(request.headers[SESSION_HEADER])
  if (explicit !== undefined) return { token: explicit, ambient: false }
  if (isWebSocketUpgrade(request)) {
    const query = new URLSearchParams((request.url ?? "").split("?", 2)[1])
    const token = single(query.get(SESSION_QUERY) ?? undefined)
    if (token !== undefined) return { token, ambient: false }
  }
  const cookie = cookieIn(request.headers, SESSION_COOKIE)
  return cookie === undefined ? undefined : { token: cookie, ambient: true }
}

/** The token that a request brings, good or not. */
export const sessionTokenOf = (request: IncomingMessage): string | undefined => credentialsOf(request)?.token

/** False when a browser says that a page of another site is behind the request. */
const isFromOwnPage = (request: IncomingMessage, accessUrl: string | undefined): boolean => {
  const { origin } = request.headers
  if (origin !== undefined) return ownOrigins(request, accessUrl).includes(origin)
  const site = single(request.headers["sec-fetch-site"])
  return site === undefined || site === "same-origin" || site === "none"
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"])

const ensureOwnPage = (request: IncomingMessage) =>
  Effect.gen(function* () {
    const { accessUrl } = yield* Settings
    if (isFromOwnPage(request, accessUrl)) return
    return yield* new ForbiddenError({
      message:
        "This request came from a page of another site and was refused. If it is your own, set TROUPE_ACCESS_URL to its URL.",
    })
  })

/** What asks for no session may still give one: a page of another site signs no visitor in, as somebody else it may be. */
export const ensureOwnPageWrites = (request: IncomingMessage): Effect.Effect<void, ForbiddenError, Settings> =>
  SAFE_METHODS.has(request.method ?? "") ? Effect.void : ensureOwnPage(request)

/**
 * The session of a request or of a WebSocket upgrade. Tried in this order: `Authorization: Bearer`, the header
 * `Coder-Session-Token`, for upgrades the query parameter `coder_session_token`, the session cookie. With a cookie, writes
 * and upgrades must come from a page of this server.
 */
export const authenticate = (
  request: IncomingMessage,
): Effect.Effect<Session, UnauthorizedError | ForbiddenError | SessionInvalid, Sessions | Settings> =>
  Effect.gen(function* () {
    const credentials = credentialsOf(request)
    if (credentials === undefined) {
      return yield* new UnauthorizedError({
        message: "You are not signed in, or your session is over. Sign in again.",
        detail: `Send the session token in the header Coder-Session-Token, as a bearer token, or in the cookie ${SESSION_COOKIE}; for a WebSocket also in the query parameter of that name.`,
      })
    }
    if (credentials.ambient && (isWebSocketUpgrade(request) || !SAFE_METHODS.has(request.method ?? ""))) {
      yield* ensureOwnPage(request)
    }
    return yield* (yield* Sessions).authenticate(credentials.token)
  })

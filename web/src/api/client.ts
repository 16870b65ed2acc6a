import type { ErrorBody } from "../../../src/contract/errors.ts"
import { type RouteInput, type RouteName, type RouteOutput, routes } from "./routes.ts"

const BASE = "/api/v2"

/**
 * A call that did not succeed. `status` is the HTTP status, or 0 when no answer came. `body.message` is a sentence for
 * people; `body.validations` names the fields at fault.
 */
export class ApiError extends Error {
  override readonly name = "ApiError"
  readonly status: number
  readonly body: ErrorBody

  constructor(status: number, body: ErrorBody) {
    super(body.message)
    this.status = status
    this.body = body
  }
}

/** True for an answer with this HTTP status. */
export const hasStatus = (error: unknown, status: number): error is ApiError =>
  error instanceof ApiError && error.status === status

/** A sentence for people about anything that was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof ApiError ? error.body.message : "Something went wrong in this page. Reload it and try again."

interface RequestParts {
  readonly path?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
}

const address = (template: string, { path = {}, query = {} }: RequestParts): string => {
  const filled = template.replace(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(path[name] ?? ""))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return `${BASE}${filled}${search.size > 0 ? `?${search}` : ""}`
}

const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === "object" && value !== null && "message" in value && typeof value.message === "string"

/** Proxies answer with pages of their own; a person gets a sentence, not their HTML. */
const errorBody = async (response: Response): Promise<ErrorBody> => {
  const body: unknown = await response.json().catch(() => undefined)
  if (isErrorBody(body)) return body
  return response.status >= 500
    ? { message: `The server could not answer (HTTP ${response.status}). Try again in a moment.` }
    : { message: `The server refused the request (HTTP ${response.status}).` }
}

interface Request {
  readonly method: string
  readonly url: string
  readonly body: unknown
  readonly idempotencyKey: string | undefined
  readonly signal: AbortSignal | undefined
}

const request = async ({ method, url, body, idempotencyKey, signal }: Request): Promise<unknown> => {
  const response = await fetch(url, {
    method,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw new ApiError(0, { message: "The server cannot be reached. Check that it runs, then try again." })
  })
  if (!response.ok) throw new ApiError(response.status, await errorBody(response))
  const text = await response.text()
  return text === "" ? undefined : JSON.parse(text)
}

const RETRY_DELAYS_MS = [300, 1000]

/** No answer, or one of a proxy that got none: the server may have done what was asked, or not. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || (error.status >= 502 && error.status <= 504))

/** Each call is one action of the user, so its repeats carry the same key: the server does it once. */
const requestOnce = async (parts: Request): Promise<unknown> => {
  for (const delay of RETRY_DELAYS_MS) {
    try {
      return await request(parts)
    } catch (error) {
      if (!isUnanswered(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, delay))
    }
  }
  return request(parts)
}

/** `crypto.randomUUID` is missing where the page came over plain HTTP. */
const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-")

/** The routes of single chats take an `Idempotency-Key`; those of settings below `/chats` do not. */
const takesKey = (method: string, path: string): boolean =>
  method !== "GET" && (path === "/chats" || path.startsWith("/chats/:chat"))

/**
 * Calls a route of the contract with the session cookie. The answer is trusted to be what the contract says, because the
 * server encodes it with that same declaration. What changes a chat is tried up to three times when no answer comes.
 *
 * @throws ApiError when no answer, or another answer than a success, came.
 */
export const call = async <Name extends RouteName>(
  name: Name,
  ...[input, signal]: unknown extends RouteInput<Name>
    ? [input?: undefined, signal?: AbortSignal]
    : [input: RouteInput<Name>, signal?: AbortSignal]
): Promise<RouteOutput<Name>> => {
  const [method, path] = routes[name]
  const parts: RequestParts = input ?? {}
  const url = address(path, parts)
  const sent = { method, url, body: parts.body, signal }
  return (await (takesKey(method, path)
    ? requestOnce({ ...sent, idempotencyKey: newKey() })
    : request({ ...sent, idempotencyKey: undefined }))) as RouteOutput<Name>
}

/** Reads one of the documents that the server makes of its declarations, by its path below the API's prefix. */
export const read = async <Document>(path: `/${string}.json`, signal: AbortSignal): Promise<Document> =>
  (await request({
    method: "GET",
    url: `${BASE}${path}`,
    body: undefined,
    idempotencyKey: undefined,
    signal,
  })) as Document

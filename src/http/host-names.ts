import type { IncomingMessage } from "node:http"
import { canonicalHost, isLoopback } from "../settings.ts"

/** By which names this server may be called, and which pages are its own. */

export interface HostNames {
  /** Nobody beyond this machine reaches the server; then it answers to no other names than those of this machine. */
  readonly onlyLoopback: boolean
  readonly accessUrl: string | undefined
}

/** The name in a `Host` header. Undefined when there is none, more than one, or anything beside name and port. */
const hostOf = (request: IncomingMessage): string | undefined => {
  const [host, ...more] = request.headersDistinct["host"] ?? []
  if (host === undefined || more.length > 0) return undefined
  return canonicalHost(/^(\[[^\]]*\]|[^:[\]]*)(?::\d*)?$/.exec(host.trim())?.[1] ?? "")
}

/** The name in a target such as `GET http://name/path`, which counts for more than the header; none in an ordinary one. */
const targetHostOf = ({ url = "/" }: IncomingMessage): string | undefined => {
  if (!URL.canParse(url)) return undefined
  return canonicalHost(new URL(url).hostname)
}

const hasTargetHost = ({ url = "/" }: IncomingMessage) => !url.startsWith("/") && url !== "*"

/**
 * False when a browser on this machine was led here by a name that somebody else gives out: what that page asks would count
 * as asked by a page of ours (DNS rebinding). Ports are not compared, so that tunnels and forwarded ports work.
 */
export const isCalledByOwnName = (request: IncomingMessage, { onlyLoopback, accessUrl }: HostNames): boolean => {
  if (!onlyLoopback) return true
  const accessHost = accessUrl === undefined ? undefined : canonicalHost(new URL(accessUrl).hostname)
  const names = hasTargetHost(request) ? [hostOf(request), targetHostOf(request)] : [hostOf(request)]
  return names.every((name) => name !== undefined && (isLoopback(name) || name === accessHost))
}

/** The host and port that a request names, as in the origin of its page. */
const authorityOf = ({ headers: { host = "" } }: IncomingMessage): string | undefined =>
  /^[\w.\-:[\]]+$/.test(host) && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).host : undefined

/**
 * Scheme, host and port of the pages that may act with a visitor's cookie: this server as it was called, and its access URL.
 * We speak http; where a proxy speaks https for us, the access URL says so.
 */
export const ownOrigins = (request: IncomingMessage, accessUrl: string | undefined): ReadonlyArray<string> => {
  const authority = authorityOf(request)
  return [
    ...(authority === undefined ? [] : [`http://${authority}`]),
    ...(accessUrl === undefined ? [] : [new URL(accessUrl).origin]),
  ]
}

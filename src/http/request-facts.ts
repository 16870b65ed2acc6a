import type { Request } from "express"
import type { IncomingHttpHeaders } from "node:http"
import type { SessionKeyId } from "../contract/ids.ts"

/** What a handler may know of the request beyond its decoded parts. */
export interface RequestFacts {
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  /** The session's key; undefined on public endpoints. */
  readonly sessionKeyId: SessionKeyId | undefined
  /** Adds a header to the answer; a failure has none of them. */
  readonly setHeader: (name: string, value: string) => void
}

export const requestFacts = (
  request: Request,
  more: Pick<RequestFacts, "sessionKeyId" | "setHeader">,
): RequestFacts => ({ ip: request.ip ?? "", headers: request.headers, ...more })

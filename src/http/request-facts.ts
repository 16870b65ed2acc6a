import type { Context } from "effect"
import type { Request } from "express"
import type { IncomingHttpHeaders } from "node:http"
import type { SessionKeyId } from "../contract/ids.ts"
import type { ReceiptBy } from "../contract/routes/access.ts"

/** What a handler may know of the request beyond its decoded parts. */
export interface RequestFacts {
  readonly ip: string
  readonly headers: IncomingHttpHeaders
  /** The session's key; undefined on public endpoints. */
  readonly sessionKeyId: SessionKeyId | undefined
  /** Who keeps the receipt of a call with an Idempotency-Key. */
  readonly receiptBy: Context.Tag.Service<typeof ReceiptBy>
  /** Adds a header to the answer; a failure has none of them. */
  readonly setHeader: (name: string, value: string) => void
}

export const requestFacts = (
  request: Request,
  more: Pick<RequestFacts, "sessionKeyId" | "receiptBy" | "setHeader">,
): RequestFacts => ({ ip: request.ip ?? "", headers: request.headers, ...more })

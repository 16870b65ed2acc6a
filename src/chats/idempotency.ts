import { createHash } from "node:crypto"
import type { CommandReceipt } from "../db/chats/store/receipt.ts"
import type { Caller } from "../identity/policy.ts"

/** Makes a repeat of a request find the first: `scope` is the method and path, `body` what was sent. */
export interface Idempotency {
  readonly key: string
  readonly scope: string
  readonly body: unknown
}

/** The receipt that a command leaves in its transaction; null without an Idempotency-Key. */
export const receiptFor = (caller: Caller, idempotency: Idempotency | undefined): CommandReceipt | null =>
  idempotency === undefined
    ? null
    : {
        userId: caller.userId,
        scope: idempotency.scope,
        key: idempotency.key,
        requestHash: createHash("sha256")
          .update(JSON.stringify(idempotency.body) ?? "")
          .digest("hex"),
      }

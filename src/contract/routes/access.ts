import { Context } from "effect"

/** An endpoint that answers without a session. Everything else needs one. */
export class Public extends Context.Reference<Public>()("troupe/contract/Public", { defaultValue: () => false }) {}

/** Largest request body in bytes, where it differs from the 1 MiB of other endpoints. */
export class BodyLimit extends Context.Reference<BodyLimit>()("troupe/contract/BodyLimit", {
  defaultValue: () => 1024 * 1024,
}) {}

/** What the caller must be allowed before the request is even read; undefined where that depends on the object. */
export class Requires extends Context.Reference<Requires>()("troupe/contract/Requires", {
  defaultValue: (): "deployment_config:read" | "deployment_config:update" | undefined => undefined,
}) {}

/**
 * The kind of thing whose scopes open the route to an API token that has not all of them: `chat` is opened by `chat:read` for reading,
 * and by any other of `chat:...` for the rest, whose handler then asks for the very action. `any`: every token may call it.
 */
export class TokenScope extends Context.Reference<TokenScope>()("troupe/contract/TokenScope", {
  defaultValue: (): string | undefined => undefined,
}) {}

/**
 * Who keeps the receipt of a mutating call with an Idempotency-Key. `route`: the route itself, in one transaction with all that
 * the handler does. `handler`: the handler, as a part of a command to a chat, because it finds out first who calls, or because
 * the answer holds a secret, which must not be stored.
 */
export class ReceiptBy extends Context.Reference<ReceiptBy>()("troupe/contract/ReceiptBy", {
  defaultValue: (): "route" | "handler" => "route",
}) {}

/** The call ends the session that it is made with, so that its repeat comes without one. */
export class EndsSession extends Context.Reference<EndsSession>()("troupe/contract/EndsSession", {
  defaultValue: () => false,
}) {}

/** Characters of an Idempotency-Key, from the first to the last. */
export const IDEMPOTENCY_KEY = { minLength: 1, maxLength: 255 } as const

/** Body limit of what is said in a chat: twice the 128 KiB limit of system prompts. */
export const CHAT_BODY_BYTES = 256 * 1024

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

/** Body limit of what is said in a chat: twice the 128 KiB limit of system prompts. */
export const CHAT_BODY_BYTES = 256 * 1024

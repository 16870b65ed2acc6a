import { Effect } from "effect"
import type { Idempotency } from "../actors/chat-access.ts"
import { BadRequestError } from "./errors.ts"
import type { RequestFacts } from "./mount.ts"

const LONGEST_KEY = 255

/**
 * The `Idempotency-Key` of a request, bound to the method and path in `scope` and to what was sent; undefined without one.
 * After the IETF draft of that name.
 */
export const idempotencyOf = (
  request: RequestFacts,
  scope: string,
  body: unknown,
): Effect.Effect<Idempotency | undefined, BadRequestError> => {
  const header = request.headers["idempotency-key"]
  const key = typeof header === "string" ? header : header?.[0]
  if (key === undefined) return Effect.succeed(undefined)
  if (key.length === 0 || key.length > LONGEST_KEY) {
    return new BadRequestError({ message: `The Idempotency-Key must have 1 to ${LONGEST_KEY} characters.` })
  }
  return Effect.succeed({ key, scope, body })
}

import { Effect, Option } from "effect"
import type { IncomingHttpHeaders } from "node:http"
import { KeyReused } from "../actors/chat/commands/receipt.ts"
import type { Idempotency } from "../chats/idempotency.ts"
import type { UserId } from "../contract/ids.ts"
import { IDEMPOTENCY_KEY } from "../contract/routes/access.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { type ReceiptRow, Receipts, type StoredAnswer } from "../db/chats/receipts.ts"
import { BadRequestError, ConflictError } from "./errors.ts"

/**
 * Calls with an Idempotency-Key. `mount.ts` finds the key for every route, and its scope; here is how those that are no commands of a chat
 * are carried out once, and answered alike each time.
 */

/**
 * The `Idempotency-Key` of a request, bound to the method and path in `scope` and to what was sent; undefined without one.
 * After the IETF draft of that name.
 */
export const idempotencyIn = (
  headers: IncomingHttpHeaders,
  scope: string,
  body: unknown,
): Effect.Effect<Idempotency | undefined, BadRequestError> => {
  const header = headers["idempotency-key"]
  const key = typeof header === "string" ? header : header?.[0]
  if (key === undefined) return Effect.succeed(undefined)
  const { minLength, maxLength } = IDEMPOTENCY_KEY
  if (key.length < minLength || key.length > maxLength) {
    return new BadRequestError({ message: `The Idempotency-Key must have ${minLength} to ${maxLength} characters.` })
  }
  return Effect.succeed({ key, scope, body })
}

/** Bodies hold passwords and API keys, so a receipt has a digest of them that nobody without the key ring can try guesses on. */
const contentOf = ({ scope, key, body }: Idempotency) => JSON.stringify([scope, key, body])

const receiptOf = (userId: UserId, idempotency: Idempotency) =>
  Effect.map(Encryption, ({ digest }) => ({
    userId,
    scope: idempotency.scope,
    key: idempotency.key,
    requestHash: digest(contentOf(idempotency)),
  }))

const checkContent = (receipt: ReceiptRow, idempotency: Idempotency) =>
  Effect.flatMap(Encryption, ({ isDigestOf }) =>
    isDigestOf(receipt.request_hash, contentOf(idempotency))
      ? Effect.succeed(receipt)
      : new KeyReused({ key: idempotency.key }),
  )

const secretGone = () =>
  new ConflictError({
    message:
      "This call was carried out before. Its answer held a secret, which is not kept: make a new call, with a new Idempotency-Key.",
  })

/** The receipt that an earlier call of the same content left; none when this is the first, which then has its own. */
const claim = (userId: UserId, idempotency: Idempotency) =>
  Effect.gen(function* () {
    const earlier = yield* (yield* Receipts).claim(yield* receiptOf(userId, idempotency))
    return Option.isNone(earlier) ? earlier : Option.some(yield* checkContent(earlier.value, idempotency))
  })

/** Carries the call out and stores its answer, in one transaction; a repeat gets that answer. A failure leaves nothing. */
export const once = Effect.fnUntraced(function* <E, R>(
  userId: UserId,
  idempotency: Idempotency,
  carryOut: Effect.Effect<StoredAnswer, E, R>,
) {
  const receipts = yield* Receipts
  return yield* receipts.exclusively(
    [userId, idempotency.scope, idempotency.key],
    Effect.gen(function* () {
      const earlier = yield* claim(userId, idempotency)
      if (Option.isSome(earlier)) return earlier.value.answer ?? (yield* secretGone())
      const answer = yield* carryOut
      yield* receipts.setAnswer(yield* receiptOf(userId, idempotency), answer)
      return answer
    }),
  )
})

/** As `once`, for a call whose answer holds a secret: it is not stored, and a repeat fails. */
export const onceInSecret = Effect.fn("Http.onceInSecret")(function* <A, E, R>(
  userId: UserId,
  idempotency: Idempotency,
  carryOut: Effect.Effect<A, E, R>,
) {
  return yield* (yield* Receipts).exclusively(
    [userId, idempotency.scope, idempotency.key],
    Effect.gen(function* () {
      const earlier = yield* claim(userId, idempotency)
      return Option.isSome(earlier) ? yield* secretGone() : yield* carryOut
    }),
  )
})

/** Leaves the receipt of a call that makes the user who will be found to have made it. */
export const withReceipt = Effect.fn("Http.withReceipt")(function* <A, E, R>(
  idempotency: Idempotency,
  carryOut: Effect.Effect<A, E, R>,
  answerOf: (made: A) => StoredAnswer & { readonly userId: UserId },
) {
  const receipts = yield* Receipts
  const carriedOut = Effect.tap(carryOut, (made) =>
    Effect.gen(function* () {
      const { userId, ...answer } = answerOf(made)
      const receipt = yield* receiptOf(userId, idempotency)
      yield* receipts.claim(receipt)
      yield* receipts.setAnswer(receipt, answer)
    }),
  )
  return yield* receipts.exclusively([idempotency.scope, idempotency.key], carriedOut)
})

/** What an earlier call of this user was answered. */
export const earlierAnswer = Effect.fn("Http.earlierAnswer")(function* (userId: UserId, idempotency: Idempotency) {
  const found = yield* (yield* Receipts).find(userId, idempotency.scope, idempotency.key).pipe(Effect.orDie)
  if (Option.isNone(found)) return Option.none()
  return Option.fromNullable((yield* checkContent(found.value, idempotency)).answer)
})

/** The same for a caller whose session is over, where the content of the call is the session's token. */
export const earlierAnswerOfSession = Effect.fn("Http.earlierAnswerOfSession")(function* (idempotency: Idempotency) {
  const { isDigestOf } = yield* Encryption
  const rows = yield* (yield* Receipts).findByKey(idempotency.scope, idempotency.key)
  const own = rows.find((row) => isDigestOf(row.request_hash, contentOf(idempotency)))
  return Option.fromNullable(own?.answer)
})

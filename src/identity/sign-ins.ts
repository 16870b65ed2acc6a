import { Context, Effect, Layer } from "effect"
import type { SessionKeyId, UserId } from "../contract/ids.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { UserRepository } from "../db/identity/users.ts"
import { Audit } from "./audit/audit.ts"
import { Origin } from "./origin.ts"
import type { Caller } from "./policy.ts"
import { type Origin as Place, Sessions } from "./sessions.ts"

/** Sessions that people begin and end by themselves, each with its row in the audit log. What was refused has none. */
export class SignIns extends Context.Tag("troupe/SignIns")<
  SignIns,
  {
    /**
     * A session for who has proved who he is. An account that was dormant is active with it. The token is shown once and not kept.
     *
     * @param held the token that the browser had: somebody may have brought it there, so it is not the session that goes on
     */
    readonly begin: (userId: UserId, place: Place, held: string | undefined) => Effect.Effect<string>
    readonly end: (caller: Caller, keyId: SessionKeyId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    SignIns,
    Effect.gen(function* () {
      const users = yield* UserRepository
      const sessions = yield* Sessions
      const audit = yield* Audit
      const { run } = yield* Transactions
      return {
        begin: Effect.fn("SignIns.begin")((userId: UserId, place: Place, held: string | undefined) =>
          run(
            Effect.gen(function* () {
              const before = yield* Effect.flatten(users.lock(userId)).pipe(
                Effect.orDieWith(() => "an account was deleted while it signed in"),
              )
              yield* users.markSignedIn(userId)
              yield* sessions.revokeToken(held)
              const token = yield* sessions.issue(userId, place)
              const { username, status } = before
              const acting = yield* Origin
              yield* audit
                .record({
                  type: "user",
                  id: userId,
                  target: username,
                  organizationId: null,
                  action: "login",
                  before: { status },
                  // Who was suspended between his password and here stays it.
                  after: { status: status === "dormant" ? "active" : status },
                })
                .pipe(Effect.provideService(Origin, { ...acting, kind: "person", userId, username }))
              return token
            }),
          ),
        ),
        end: Effect.fn("SignIns.end")(({ userId, username }: Caller, keyId: SessionKeyId) =>
          run(
            Effect.zipRight(
              sessions.revoke(keyId),
              audit.record({ type: "user", id: userId, target: username, organizationId: null, action: "logout" }),
            ),
          ),
        ),
      }
    }),
  )
}

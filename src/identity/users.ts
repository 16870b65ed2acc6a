import { Clock, Context, Effect, Layer, Option, Redacted } from "effect"
import { type UserRow, UserRepository } from "../db/identity/users.ts"
import { AccountSuspended, CredentialsWrong, TooManyLogins, UserNotFound } from "./errors.ts"
import { type LoginTry, makeLoginLimit } from "./login-limit.ts"
import { inQueue, verifyPassword } from "./passwords.ts"
import { type Caller, can } from "./policy.ts"
import { isUuid } from "./references.ts"

export interface LoginAttempt {
  readonly email: string
  readonly password: Redacted.Redacted
  readonly ip: string
  /** The browser, when it brings the proof that it has signed in to this account before. */
  readonly device: string | undefined
}

/** Accounts, as their callers may see them. */
export class Users extends Context.Tag("troupe/Users")<
  Users,
  {
    /** The id of the account whose e-mail and password these are. */
    readonly logIn: (
      attempt: LoginAttempt,
    ) => Effect.Effect<string, CredentialsWrong | AccountSuspended | TooManyLogins>
    /** `reference` is an id, a username, or `me`. */
    readonly get: (caller: Caller, reference: string) => Effect.Effect<UserRow, UserNotFound>
    /** The same for who was found to be allowed to name anybody: whether he may is asked elsewhere. */
    readonly resolve: (caller: Caller, reference: string) => Effect.Effect<UserRow, UserNotFound>
  }
>() {
  static readonly layer = Layer.effect(
    Users,
    Effect.gen(function* () {
      const users = yield* UserRepository
      const limit = makeLoginLimit()
      const notFound = new UserNotFound({ operation: "Users.resolve" })

      const resolve = Effect.fn("Users.resolve")(function* (caller: Caller, reference: string) {
        const found =
          reference === "me"
            ? yield* users.findById(caller.userId)
            : isUuid(reference)
              ? yield* users.findById(reference)
              : yield* users.findByUsername(reference)
        return yield* Option.match(found, { onNone: () => notFound, onSome: Effect.succeed })
      })

      return {
        logIn: Effect.fn("Users.logIn")(function* ({ email, password, ip, device }: LoginAttempt) {
          const operation = "Users.logIn"
          const tried: LoginTry = { address: ip, account: email, device }
          const wait = limit.begin(tried, yield* Clock.currentTimeMillis)
          if (wait > 0) return yield* new TooManyLogins({ operation, retryAfterSeconds: Math.ceil(wait / 1000) })
          const check = Effect.gen(function* () {
            const user = Option.getOrUndefined(yield* users.findByEmail(email))
            return { user, matches: yield* verifyPassword(user?.password_hash ?? null, Redacted.value(password)) }
          })
          const { user, matches } = yield* inQueue(device === undefined ? "stranger" : "known", check).pipe(
            Effect.tapError(() => Effect.sync(() => limit.forget(tried))),
          )
          if (user === undefined || !matches) return yield* new CredentialsWrong({ operation })
          limit.forget(tried)
          if (user.status === "suspended") return yield* new AccountSuspended({ operation })
          return user.id
        }),
        get: Effect.fn("Users.get")(function* (caller: Caller, reference: string) {
          const user = yield* resolve(caller, reference)
          if (!can(caller, "read", { type: "user", ownerId: user.id })) return yield* notFound
          return user
        }),
        resolve,
      }
    }),
  )
}

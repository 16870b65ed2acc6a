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

/**
 * A refusal comes after a pause, so that who tries over and over is kept from keeping the server busy with refusals. Of more than
 * can wait at once, those are refused without one.
 */
const REFUSAL_PAUSE_MS = 1_000
const MOST_HELD = 2_000

/**
 * Accounts have addresses of ASCII only. A database may take other signs for letters of it (a Kelvin sign for a k): then each
 * spelling of one account would be tried as an account of its own.
 */
const canBeAddress = (email: string): boolean => /^[!-~]+$/.test(email)

/** Accounts, as their callers may see them. */
export class Users extends Context.Tag("troupe/Users")<
  Users,
  {
    /** The id of the account whose e-mail and password these are. */
    readonly logIn: (
      attempt: LoginAttempt,
    ) => Effect.Effect<string, CredentialsWrong | AccountSuspended | TooManyLogins>
    /** Whether this is the account's password, asked of who is signed in to it. Wrong tries are held up as at the sign-in. */
    readonly confirmPassword: (user: UserRow, password: string) => Effect.Effect<boolean, TooManyLogins>
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

      let held = 0
      const refuse = (operation: string, waitMs: number) => {
        const refusal = new TooManyLogins({ operation, retryAfterSeconds: Math.ceil(waitMs / 1000) })
        if (held >= MOST_HELD) return Effect.fail(refusal)
        held += 1
        return Effect.fail(refusal).pipe(
          Effect.delay(REFUSAL_PAUSE_MS),
          Effect.ensuring(Effect.sync(() => (held -= 1))),
        )
      }

      /** One try at a password, held up by those before it. `check` reads what it compares with; a match counts as no try. */
      const tryPassword = Effect.fnUntraced(function* <A extends { readonly matches: boolean }>(
        operation: string,
        tried: LoginTry,
        check: Effect.Effect<A>,
      ) {
        const wait = limit.begin(tried, yield* Clock.currentTimeMillis)
        if (wait > 0) return yield* refuse(operation, wait)
        const found = yield* inQueue(tried.device === undefined ? "stranger" : "known", check).pipe(
          Effect.tapError(() => Effect.sync(() => limit.forget(tried))),
          Effect.catchTag("TooManyLogins", () => refuse(operation, REFUSAL_PAUSE_MS)),
        )
        if (found.matches) limit.forget(tried)
        return found
      })

      return {
        logIn: Effect.fn("Users.logIn")(function* ({ email, password, ip, device }: LoginAttempt) {
          const operation = "Users.logIn"
          const check = Effect.gen(function* () {
            const user = canBeAddress(email) ? Option.getOrUndefined(yield* users.findByEmail(email)) : undefined
            return { user, matches: yield* verifyPassword(user?.password_hash ?? null, Redacted.value(password)) }
          })
          const { user, matches } = yield* tryPassword(operation, { address: ip, account: email, device }, check)
          if (user === undefined || !matches) return yield* new CredentialsWrong({ operation })
          if (user.status === "suspended") return yield* new AccountSuspended({ operation })
          return user.id
        }),
        confirmPassword: Effect.fn("Users.confirmPassword")(function* ({ id, email, password_hash }, password) {
          // Of the account and not of the address: whoever has got hold of a session keeps nobody out at the sign-in.
          const tried: LoginTry = { address: "", account: email, device: `signed in as ${id}` }
          const check = Effect.map(verifyPassword(password_hash, password), (matches) => ({ matches }))
          return (yield* tryPassword("Users.confirmPassword", tried, check)).matches
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

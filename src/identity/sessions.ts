import { Clock, Context, Effect, Layer, Option } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { SessionKeyId, UserId } from "../contract/ids.ts"
import { SessionRepository } from "../db/identity/sessions.ts"
import { afterTransaction } from "../db/engine/transaction.ts"
import { SessionInvalid } from "./errors.ts"
import type { Caller } from "./policy.ts"

/** Where a sign-in came from; kept with the session. */
export interface Origin {
  readonly ip: string
  readonly userAgent: string | undefined
}

export interface Session {
  readonly keyId: SessionKeyId
  readonly caller: Caller
}

const SESSION_SECONDS = 24 * 60 * 60
/** How long a session is believed without asking the database: what a revocation elsewhere can lag behind. */
const CACHE_MS = 5_000
const MAX_CACHED = 10_000

/** `<id>-<secret>`: 16 hexadecimal digits and 192 random bits in base64url. */
const TOKEN = /^([0-9a-f]{16})-([A-Za-z0-9_-]{32})$/

const hashSecret = (secret: string) => createHash("sha256").update(secret).digest()

/** Issues and checks the tokens that sign requests in. */
export class Sessions extends Context.Tag("troupe/Sessions")<
  Sessions,
  {
    /** A new session of 24 hours that slides on use. The token is shown once and not kept. */
    readonly issue: (userId: UserId, origin: Origin) => Effect.Effect<string>
    readonly authenticate: (token: string) => Effect.Effect<Session, SessionInvalid>
    readonly revoke: (keyId: SessionKeyId) => Effect.Effect<void>
    /** Calls back when the session is revoked in this process. Returns what stops that. */
    readonly whenRevoked: (keyId: SessionKeyId, callback: () => void) => () => void
    /** Makes a change of the user's roles, status or memberships count at once in this process. */
    readonly forgetUser: (userId: UserId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(
    Sessions,
    Effect.gen(function* () {
      const rows = yield* SessionRepository
      const scope = yield* Effect.scope
      const cache = new Map<string, { readonly session: Session; readonly until: number }>()
      const revokedListeners = new Map<string, Set<() => void>>()
      // Raised by every revocation, so that a look-up that was under way then is not cached afterwards.
      let revocations = 0
      const forget = (matches: (session: Session) => boolean) => {
        revocations += 1
        for (const [token, { session }] of cache) if (matches(session)) cache.delete(token)
      }

      const lookUp = Effect.fnUntraced(function* (token: string) {
        const operation = "Sessions.authenticate"
        const [, keyId, secret] = TOKEN.exec(token) ?? []
        if (keyId === undefined || secret === undefined) return yield* new SessionInvalid({ operation })
        const before = revocations
        const row = Option.getOrUndefined(yield* rows.find(keyId))
        if (row === undefined || !timingSafeEqual(row.hashed_secret, hashSecret(secret))) {
          return yield* new SessionInvalid({ operation })
        }
        const session: Session = {
          keyId,
          caller: {
            userId: row.user_id,
            username: row.username,
            siteRoles: row.site_roles,
            organizations: row.organizations,
          },
        }
        // Nobody waits for the bookkeeping of the use.
        if (row.stale) yield* rows.touch(keyId).pipe(Effect.forkIn(scope))
        if (before === revocations) {
          if (cache.size >= MAX_CACHED) cache.clear()
          cache.set(token, { session, until: (yield* Clock.currentTimeMillis) + CACHE_MS })
        }
        return session
      })

      return {
        issue: Effect.fn("Sessions.issue")(function* (userId: UserId, origin: Origin) {
          const id = randomBytes(8).toString("hex")
          const secret = randomBytes(24).toString("base64url")
          yield* rows.removeExpired
          yield* rows.insert({
            id,
            hashedSecret: hashSecret(secret),
            userId,
            kind: "session",
            lifetimeSeconds: SESSION_SECONDS,
            ip: origin.ip,
            userAgent: origin.userAgent?.slice(0, 256) ?? null,
          })
          return `${id}-${secret}`
        }),
        authenticate: (token) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const cached = cache.get(token)
            if (cached !== undefined && cached.until > now) return Effect.succeed(cached.session)
            cache.delete(token)
            return lookUp(token)
          }),
        revoke: Effect.fn("Sessions.revoke")(function* (keyId: SessionKeyId) {
          yield* rows.remove(keyId)
          yield* afterTransaction(
            Effect.sync(() => {
              forget((session) => session.keyId === keyId)
              for (const listener of revokedListeners.get(keyId) ?? []) listener()
            }),
          )
        }),
        whenRevoked: (keyId, callback) => {
          const listeners = revokedListeners.get(keyId) ?? new Set()
          revokedListeners.set(keyId, listeners.add(callback))
          return () => {
            listeners.delete(callback)
            if (listeners.size === 0) revokedListeners.delete(keyId)
          }
        },
        forgetUser: (userId) => Effect.sync(() => forget((session) => session.caller.userId === userId)),
      }
    }),
  )
}

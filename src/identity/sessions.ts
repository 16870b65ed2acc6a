import { Clock, Context, Effect, Layer, Option } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { SessionKeyId, UserId } from "../contract/ids.ts"
import { type KeyRow, type NewKey, type SessionRow, SessionRepository } from "../db/identity/sessions.ts"
import { afterTransaction } from "../db/engine/transaction.ts"
import { type AccessSettings, Settings } from "../settings.ts"
import { entryBy } from "./audit/audit.ts"
import { SessionInvalid } from "./errors.ts"
import { NOBODY } from "./origin.ts"
import type { Caller, Switch } from "./policy.ts"

/** Where a sign-in came from; kept with the session. */
export interface Origin {
  readonly ip: string
  readonly userAgent: string | undefined
}

export interface Session {
  readonly keyId: SessionKeyId
  readonly kind: KeyRow["kind"]
  readonly caller: Caller
}

/** How long a session is believed without asking the database: what a revocation elsewhere can lag behind. */
const CACHE_MS = 1_000
const MAX_CACHED = 10_000

/** `<id>-<secret>`: 16 hexadecimal digits and 192 random bits in base64url. */
const TOKEN = /^([0-9a-f]{16})-([A-Za-z0-9_-]{32})$/

/** What is switched off in this deployment, which a caller carries so that the policy stays pure. */
const switchesOf = ({ ownerWorkspaceAccess, workspaceSharing }: AccessSettings): ReadonlyArray<Switch> => [
  ...(ownerWorkspaceAccess ? [] : (["owner_workspace_access"] as const)),
  ...(workspaceSharing ? [] : (["workspace_sharing"] as const)),
]

const callerOf = (row: SessionRow, switchedOff: ReadonlyArray<Switch>): Caller => ({
  userId: row.user_id,
  username: row.username,
  siteRoles: row.site_roles,
  organizations: row.organizations,
  ...(row.is_service_account && { serviceAccount: true }),
  ...(row.scopes !== null && { scopes: row.scopes }),
  ...(switchedOff.length > 0 && { switchedOff }),
  ...(row.custom_roles.length > 0 && {
    customRoles: row.custom_roles.map(({ name, organization_id, levels }) => ({
      ...levels,
      name,
      organizationId: organization_id,
    })),
  }),
})

/** The use of a key is what makes a dormant account active: told of as its user's own doing. */
const wakes = (row: SessionRow, keyId: SessionKeyId) => {
  const { is_service_account: isService, kind, user_id: userId, username } = row
  return entryBy(
    {
      ...NOBODY,
      kind: isService ? "service_account" : kind === "token" ? "token" : "person",
      userId,
      username,
      tokenId: kind === "token" ? keyId : null,
    },
    {
      type: "user",
      id: userId,
      target: username,
      organizationId: null,
      action: "write",
      before: { status: "dormant" },
      after: { status: "active" },
    },
  )
}

const hashSecret = (secret: string) => createHash("sha256").update(secret).digest()

const newKey = () => {
  const secret = randomBytes(24).toString("base64url")
  return { id: randomBytes(8).toString("hex"), secret, hashedSecret: hashSecret(secret) }
}

/** Issues and checks the tokens that sign requests in. */
export class Sessions extends Context.Tag("troupe/Sessions")<
  Sessions,
  {
    /** A new session. The token is shown once and not kept. */
    readonly issue: (userId: UserId, origin: Origin) => Effect.Effect<string>
    /** A key that is no session: its text, shown once and not kept. Fails where the user has one of that name. */
    readonly issueToken: (
      token: Pick<NewKey, "userId" | "lifetimeSeconds" | "tokenName" | "scopes">,
    ) => Effect.Effect<{ readonly id: SessionKeyId; readonly text: string }, "token_name">
    readonly authenticate: (token: string) => Effect.Effect<Session, SessionInvalid>
    /** Who a key signs in, asked of the database. */
    readonly callerOf: (keyId: SessionKeyId) => Effect.Effect<Caller, SessionInvalid>
    /** Of these keys, those that sign nobody in any more. */
    readonly endedAmong: (keyIds: ReadonlyArray<SessionKeyId>) => Effect.Effect<ReadonlyArray<SessionKeyId>>
    readonly revoke: (keyId: SessionKeyId) => Effect.Effect<void>
    /** Ends the session that has this token; does nothing where there is none. */
    readonly revokeToken: (token: string | undefined) => Effect.Effect<void>
    /** All sessions of the user but one; how many there were. */
    readonly revokeAll: (userId: UserId, except: SessionKeyId | null) => Effect.Effect<number>
    /** Ends the validity of a key and keeps its row. */
    readonly expire: (keyId: SessionKeyId) => Effect.Effect<void>
    /** Calls back when the session is revoked in this process. Returns what stops that. */
    readonly whenRevoked: (keyId: SessionKeyId, callback: () => void) => () => void
    /** Makes a change of the user's roles, status or memberships count at once in this process. */
    readonly forgetUser: (userId: UserId) => Effect.Effect<void>
    /** The same for a change that many users may feel. */
    readonly forgetAll: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(
    Sessions,
    Effect.gen(function* () {
      const rows = yield* SessionRepository
      const { access } = yield* Settings
      const switchedOff = switchesOf(access)
      const scope = yield* Effect.scope
      const cache = new Map<string, { readonly session: Session; readonly until: number }>()
      const revokedListeners = new Map<string, Set<() => void>>()
      // Raised by every revocation, so that a look-up that was under way then is not cached afterwards.
      let revocations = 0
      const forget = (matches: (session: Session) => boolean) => {
        revocations += 1
        for (const [token, { session }] of cache) if (matches(session)) cache.delete(token)
      }

      const ended = (keyIds: ReadonlyArray<SessionKeyId>) =>
        afterTransaction(
          Effect.sync(() => {
            const gone = new Set(keyIds)
            forget((session) => gone.has(session.keyId))
            for (const keyId of gone) for (const listener of revokedListeners.get(keyId) ?? []) listener()
          }),
        )

      const lookUp = Effect.fnUntraced(function* (token: string) {
        const operation = "Sessions.authenticate"
        const [, keyId, secret] = TOKEN.exec(token) ?? []
        if (keyId === undefined || secret === undefined) return yield* new SessionInvalid({ operation })
        const before = revocations
        const row = Option.getOrUndefined(yield* rows.find(keyId))
        if (row === undefined || !timingSafeEqual(row.hashed_secret, hashSecret(secret))) {
          return yield* new SessionInvalid({ operation })
        }
        const session: Session = { keyId, kind: row.kind, caller: callerOf(row, switchedOff) }
        // Nobody waits for the bookkeeping of the use.
        if (row.stale || row.dormant) {
          yield* rows
            .touch(keyId, access.sessionSlides, row.dormant ? wakes(row, keyId) : undefined)
            .pipe(Effect.forkIn(scope))
        }
        if (before === revocations) {
          if (cache.size >= MAX_CACHED) cache.clear()
          cache.set(token, { session, until: (yield* Clock.currentTimeMillis) + CACHE_MS })
        }
        return session
      })

      const authenticate = (token: string) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const cached = cache.get(token)
          if (cached !== undefined && cached.until > now) return Effect.succeed(cached.session)
          cache.delete(token)
          return lookUp(token)
        })

      const revoke = Effect.fn("Sessions.revoke")(function* (keyId: SessionKeyId) {
        yield* rows.remove(keyId)
        yield* ended([keyId])
      })

      return {
        issue: Effect.fn("Sessions.issue")(function* (userId: UserId, origin: Origin) {
          yield* rows.removeExpired
          const { id, secret, hashedSecret } = newKey()
          yield* rows
            .insert({
              id,
              hashedSecret,
              userId,
              kind: "session",
              lifetimeSeconds: access.sessionHours * 3600,
              ip: origin.ip,
              userAgent: origin.userAgent?.slice(0, 256) ?? null,
            })
            .pipe(Effect.orDieWith(() => "a session has no name"))
          return `${id}-${secret}`
        }),
        issueToken: Effect.fn("Sessions.issueToken")(function* (token) {
          const { id, secret, hashedSecret } = newKey()
          yield* rows.insert({ ...token, id, hashedSecret, kind: "token", ip: null, userAgent: null })
          return { id, text: `${id}-${secret}` }
        }),
        authenticate,
        callerOf: (keyId) =>
          Effect.flatMap(
            rows.find(keyId),
            Option.match({
              onNone: () => new SessionInvalid({ operation: "Sessions.callerOf" }),
              onSome: (row) => Effect.succeed(callerOf(row, switchedOff)),
            }),
          ),
        endedAmong: rows.ended,
        revoke,
        revokeToken: Effect.fn("Sessions.revokeToken")(function* (token: string | undefined) {
          const session =
            token === undefined ? undefined : Option.getOrUndefined(yield* Effect.option(authenticate(token)))
          if (session?.kind === "session") yield* revoke(session.keyId)
        }),
        revokeAll: Effect.fn("Sessions.revokeAll")(function* (userId: UserId, except: SessionKeyId | null) {
          const gone = yield* rows.removeSessions(userId, except)
          yield* ended(gone)
          return gone.length
        }),
        expire: Effect.fn("Sessions.expire")(function* (keyId: SessionKeyId) {
          yield* rows.expire(keyId)
          yield* ended([keyId])
        }),
        whenRevoked: (keyId, callback) => {
          const listeners = revokedListeners.get(keyId) ?? new Set()
          revokedListeners.set(keyId, listeners.add(callback))
          return () => {
            listeners.delete(callback)
            if (listeners.size === 0) revokedListeners.delete(keyId)
          }
        },
        forgetAll: afterTransaction(Effect.sync(() => forget(() => true))),
        forgetUser: (userId) =>
          afterTransaction(Effect.sync(() => forget((session) => session.caller.userId === userId))),
      }
    }),
  )
}

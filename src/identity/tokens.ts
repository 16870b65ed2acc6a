import { Context, Effect, Layer, Option } from "effect"
import { randomBytes } from "node:crypto"
import type { CreateTokenRequest } from "../contract/tokens.ts"
import type { SessionKeyId, UserId } from "../contract/ids.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { type KeyRow, SessionRepository } from "../db/identity/sessions.ts"
import { Settings } from "../settings.ts"
import { Audit } from "./audit/audit.ts"
import { IdentityFieldInvalid, IdentityNameTaken, IdentityNotFound, NotAllowed, UserNotFound } from "./errors.ts"
import { type Caller, can } from "./policy.ts"
import { ALL, APPROVE, isWithin, SCOPES } from "./scopes.ts"
import { SITE_OWNER } from "./roles.ts"
import { Sessions } from "./sessions.ts"
import { Users } from "./users.ts"

const operation = "Tokens"
const DAY_SECONDS = 86_400
const NANOSECONDS = 1e9
const DEFAULT_DAYS = 30

const notFound = new IdentityNotFound({ operation, what: "key" })
const invalid = (field: string, message: string) => new IdentityFieldInvalid({ operation, field, message })

const make = Effect.gen(function* () {
  const users = yield* Users
  const rows = yield* SessionRepository
  const sessions = yield* Sessions
  const { run } = yield* Transactions
  const audit = yield* Audit
  const { access } = yield* Settings
  const maxSeconds = access.maxTokenDays * DAY_SECONDS

  const may = (caller: Caller, action: "create" | "read" | "update" | "delete", ownerId: UserId) =>
    can(caller, action, { type: "api_key", ownerId })

  /** Keys of one user, for who may see them. Of others, owners only. */
  const list = Effect.fn("Tokens.list")(function* (
    caller: Caller,
    reference: string,
    filter: { readonly kind: KeyRow["kind"]; readonly all: boolean; readonly expired: boolean },
  ) {
    const row = yield* users.get(caller, reference)
    if (!may(caller, "read", row.id)) return yield* new UserNotFound({ operation })
    const everybody = filter.all && can(caller, "read", { type: "api_key" })
    return yield* rows.list({ ...(everybody ? {} : { userId: row.id }), kind: filter.kind, expired: filter.expired })
  })

  /** Keys of everybody, for owners. */
  const listAll = Effect.fn("Tokens.listAll")(function* (
    caller: Caller,
    filter: { readonly kind: KeyRow["kind"]; readonly expired: boolean },
  ) {
    if (!can(caller, "read", { type: "api_key" })) {
      return yield* new NotAllowed({ operation, message: "Only an owner may list the keys of everybody." })
    }
    return yield* rows.list(filter)
  })

  const lifetimeOf = ({ lifetime, lifetime_days }: CreateTokenRequest) =>
    Effect.gen(function* () {
      const field = lifetime === undefined ? "lifetime_days" : "lifetime"
      const seconds =
        lifetime === undefined
          ? (lifetime_days ?? Math.min(DEFAULT_DAYS, access.maxTokenDays)) * DAY_SECONDS
          : Math.floor(lifetime / NANOSECONDS)
      if (seconds < 1) return yield* invalid(field, "must be at least a second")
      if (seconds > maxSeconds) return yield* invalid(field, `must be at most ${access.maxTokenDays} days`)
      return seconds
    })

  const scopesOf = (caller: Caller, request: CreateTokenRequest) =>
    Effect.gen(function* () {
      const asked = [...new Set(request.scopes ?? (request.scope === undefined ? [ALL] : [request.scope]))]
      if (asked.length === 0) return yield* invalid("scopes", "must name at least one")
      const unknown = asked.find((scope) => !SCOPES.includes(scope))
      if (unknown !== undefined) return yield* invalid("scopes", `names a scope that does not exist: ${unknown}`)
      if (caller.scopes !== undefined && !isWithin(asked, caller.scopes)) {
        return yield* new NotAllowed({ operation, message: "A token cannot make one that may do more than itself." })
      }
      return asked
    })

  const create = Effect.fn("Tokens.create")(function* (caller: Caller, reference: string, request: CreateTokenRequest) {
    const row = yield* users.get(caller, reference)
    if (!may(caller, "create", row.id)) {
      return yield* new NotAllowed({ operation, message: "Only an owner may make a token for somebody else." })
    }
    // Who makes a key for somebody acts as him afterwards.
    if (row.site_roles.includes(SITE_OWNER) && !caller.siteRoles.includes(SITE_OWNER)) {
      return yield* new NotAllowed({ operation, message: "Only an owner may make a token for an owner." })
    }
    const scopes = yield* scopesOf(caller, request)
    if (scopes.includes(APPROVE) && row.is_service_account) {
      return yield* invalid("scopes", "cannot hold approve: a service account approves nothing")
    }
    const lifetimeSeconds = yield* lifetimeOf(request)
    const tokenName = request.token_name ?? `token-${randomBytes(4).toString("hex")}`
    return yield* run(
      Effect.gen(function* () {
        const { id, text } = yield* sessions
          .issueToken({ userId: row.id, lifetimeSeconds, tokenName, scopes })
          .pipe(Effect.mapError(() => new IdentityNameTaken({ operation, field: "token_name" })))
        yield* audit.record({
          type: "api_key",
          id,
          target: tokenName,
          organizationId: null,
          action: "create",
          after: { token_name: tokenName, scopes, lifetime_seconds: lifetimeSeconds },
          more: { username: row.username },
        })
        return { id, key: text }
      }),
    )
  })

  /** A key of the user, for who may do this to it. */
  const find = Effect.fnUntraced(function* (
    caller: Caller,
    reference: string,
    keyId: SessionKeyId,
    action: "read" | "update" | "delete",
  ) {
    const row = yield* users.get(caller, reference)
    const key = Option.getOrUndefined(yield* rows.describe(keyId))
    if (key === undefined || key.user_id !== row.id || !may(caller, "read", row.id)) return yield* notFound
    if (!may(caller, action, row.id)) {
      return yield* new NotAllowed({ operation, message: "Only its user or an owner may do this to a key." })
    }
    return key
  })

  const get = Effect.fn("Tokens.get")(function* (caller: Caller, reference: string, keyId: SessionKeyId) {
    return yield* find(caller, reference, keyId, "read")
  })

  const getByName = Effect.fn("Tokens.getByName")(function* (caller: Caller, reference: string, name: string) {
    const row = yield* users.get(caller, reference)
    const key = Option.getOrUndefined(yield* rows.findToken(row.id, name))
    if (key === undefined || !may(caller, "read", row.id)) return yield* notFound
    return key
  })

  const ends = (key: KeyRow, action: "delete" | "write", more: Effect.Effect<void>) =>
    run(
      Effect.zipRight(
        more,
        audit.record({
          type: "api_key",
          id: key.id,
          target: key.token_name ?? "session",
          organizationId: null,
          action,
          before: key,
          ...(action === "write" && { after: { ...key, expires_at: "now" } }),
          more: { username: key.username },
        }),
      ),
    )

  const remove = Effect.fn("Tokens.remove")(function* (caller: Caller, reference: string, keyId: SessionKeyId) {
    const key = yield* find(caller, reference, keyId, "delete")
    yield* ends(key, "delete", sessions.revoke(key.id))
  })

  const expire = Effect.fn("Tokens.expire")(function* (caller: Caller, reference: string, keyId: SessionKeyId) {
    const key = yield* find(caller, reference, keyId, "update")
    yield* ends(key, "write", sessions.expire(key.id))
  })

  /** Signs out everywhere but here. */
  const removeOtherSessions = Effect.fn("Tokens.removeOtherSessions")(function* (
    caller: Caller,
    reference: string,
    keyId: SessionKeyId | undefined,
  ) {
    const row = yield* users.get(caller, reference)
    if (!may(caller, "delete", row.id)) {
      return yield* new NotAllowed({ operation, message: "Only its user or an owner may end sessions." })
    }
    yield* run(
      Effect.gen(function* () {
        const count = yield* sessions.revokeAll(row.id, keyId ?? null)
        if (count === 0) return
        const { id, username: target } = row
        yield* audit.record({
          type: "user",
          id,
          target,
          organizationId: null,
          action: "logout",
          more: { sessions: count },
        })
      }),
    )
  })

  return { list, listAll, create, get, getByName, remove, expire, removeOtherSessions, maxSeconds }
})

/** Sessions and API tokens, as their users and administrators handle them. */
export class Tokens extends Context.Tag("troupe/Tokens")<Tokens, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Tokens, make)
}

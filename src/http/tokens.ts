import { Effect } from "effect"
import type { TokensRoutes } from "../contract/routes/tokens.ts"
import type { Encryption } from "../db/engine/encryption.ts"
import type { Receipts } from "../db/chats/receipts.ts"
import { SCOPES } from "../identity/scopes.ts"
import { Tokens } from "../identity/tokens.ts"
import { Users } from "../identity/users.ts"
import { onceInSecret } from "./idempotency.ts"
import { keyToWire } from "./identity-wire.ts"
import type { GroupHandlers } from "./mount.ts"

const NANOSECONDS = 1e9

export const tokensHandlers = {
  listSessions: ({ caller, path, request }) =>
    Effect.gen(function* () {
      const filter = { kind: "session", all: false, expired: false } as const
      const rows = yield* (yield* Tokens).list(caller, path.user, filter)
      return rows.map((row) => keyToWire(row, request.sessionKeyId))
    }),
  endOtherSessions: ({ caller, path, request }) =>
    Effect.gen(function* () {
      yield* (yield* Tokens).removeOtherSessions(caller, path.user, request.sessionKeyId)
    }),
  listTokens: ({ caller, path, urlParams, request }) =>
    Effect.gen(function* () {
      const filter = {
        kind: "token",
        all: urlParams.include_all === "true",
        expired: urlParams.include_expired === "true",
      } as const
      const rows = yield* (yield* Tokens).list(caller, path.user, filter)
      return rows.map((row) => keyToWire(row, request.sessionKeyId))
    }),
  createToken: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      const create = (yield* Tokens).create(caller, path.user, payload)
      return yield* idempotency === undefined ? create : onceInSecret(caller.userId, idempotency, create)
    }),
  getTokenConfig: ({ caller, path }) =>
    Effect.gen(function* () {
      yield* (yield* Users).get(caller, path.user)
      return { max_token_lifetime: (yield* Tokens).maxSeconds * NANOSECONDS, scopes: SCOPES }
    }),
  getTokenByName: ({ caller, path, request }) =>
    Effect.gen(function* () {
      return keyToWire(yield* (yield* Tokens).getByName(caller, path.user, path.name), request.sessionKeyId)
    }),
  getKey: ({ caller, path, request }) =>
    Effect.gen(function* () {
      return keyToWire(yield* (yield* Tokens).get(caller, path.user, path.key), request.sessionKeyId)
    }),
  deleteKey: ({ caller, path }) =>
    Effect.gen(function* () {
      yield* (yield* Tokens).remove(caller, path.user, path.key)
    }),
  expireKey: ({ caller, path }) =>
    Effect.gen(function* () {
      yield* (yield* Tokens).expire(caller, path.user, path.key)
    }),
} satisfies GroupHandlers<typeof TokensRoutes, Encryption | Receipts | Tokens | Users>

import { Effect, Option, Redacted, Schema } from "effect"
import { CreateFirstUserResponse, type User } from "../contract/identity.ts"
import type { UsersRoutes } from "../contract/routes/users.ts"
import type { Encryption } from "../db/encryption.ts"
import type { Receipts } from "../db/receipts.ts"
import type { UserRow } from "../db/users.ts"
import { FirstUser } from "../identity/first-user.ts"
import { Sessions } from "../identity/sessions.ts"
import { Users } from "../identity/users.ts"
import { Settings } from "../settings.ts"
import { SESSION_COOKIE } from "./auth.ts"
import { earlierAnswer, idempotencyOf, onceInSecret, withReceipt } from "./idempotency.ts"
import type { GroupHandlers } from "./mount.ts"

const roleNames: Readonly<Record<string, string>> = {
  owner: "Owner",
  auditor: "Auditor",
  "user-admin": "User Admin",
  "template-admin": "Template Admin",
}

const toUser = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  name: row.name,
  email: row.email,
  created_at: row.created_at.toISOString(),
  organization_ids: row.organization_ids,
  roles: row.site_roles.map((name) => ({ name, display_name: roleNames[name] ?? name })),
})

/** Not readable by scripts; `Secure` wherever users come by https. */
const sessionCookie = (token: string, accessUrl: string | undefined, attributes = "") =>
  `${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax${accessUrl?.startsWith("https:") ? "; Secure" : ""}${attributes}`

const decodeCreated = (body: unknown) => Schema.decodeUnknown(CreateFirstUserResponse)(body).pipe(Effect.orDie)

export const usersHandlers = {
  firstUserState: {
    anonymous: () =>
      Effect.gen(function* () {
        const { needed, setupToken } = yield* FirstUser
        return { needed: yield* needed, setup_token_required: setupToken !== undefined }
      }),
  },
  createFirstUser: {
    anonymous: ({ payload, request }) =>
      Effect.gen(function* () {
        const create = (yield* FirstUser)
          .create(payload)
          .pipe(Effect.map(({ userId, organizationId }) => ({ user_id: userId, organization_id: organizationId })))
        const key = yield* idempotencyOf(request, "POST /users/first", payload)
        if (key === undefined) return yield* create
        const made = withReceipt(key, create, (body) => ({ userId: body.user_id, status: 201, headers: [], body }))
        return yield* made.pipe(
          Effect.catchAll((refused) =>
            Effect.gen(function* () {
              // Whether the content is the same tells whether the password is: that must not be tried without limit.
              const attempt = { email: payload.email, password: Redacted.make(payload.password), ip: request.ip }
              const userId = yield* (yield* Users).logIn(attempt).pipe(Effect.mapError(() => refused))
              const answer = yield* earlierAnswer(userId, key)
              return Option.isNone(answer) ? yield* refused : yield* decodeCreated(answer.value.body)
            }),
          ),
        )
      }),
  },
  login: {
    anonymous: ({ payload, request }) =>
      Effect.gen(function* () {
        const key = yield* idempotencyOf(request, "POST /users/login", payload)
        const userId = yield* (yield* Users).logIn({
          email: payload.email,
          password: Redacted.make(payload.password),
          ip: request.ip,
        })
        const issue = (yield* Sessions).issue(userId, { ip: request.ip, userAgent: request.headers["user-agent"] })
        const token = yield* key === undefined ? issue : onceInSecret(userId, key, issue)
        request.setHeader("set-cookie", sessionCookie(token, (yield* Settings).accessUrl))
        return { session_token: token }
      }),
  },
  logout: ({ request }) =>
    Effect.gen(function* () {
      if (request.sessionKeyId !== undefined) yield* (yield* Sessions).revoke(request.sessionKeyId)
      request.setHeader("set-cookie", sessionCookie("", (yield* Settings).accessUrl, "; Max-Age=0"))
    }),
  getUser: ({ path, actor }) =>
    Effect.gen(function* () {
      return toUser(yield* (yield* Users).get(actor, path.user))
    }),
  listOrganizations: ({ actor }) =>
    Effect.gen(function* () {
      return yield* (yield* Users).organizations(actor)
    }),
} satisfies GroupHandlers<typeof UsersRoutes, Encryption | FirstUser | Receipts | Users | Sessions | Settings>

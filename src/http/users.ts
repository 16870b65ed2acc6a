import { Effect, Option, Redacted, Schema } from "effect"
import { CreateFirstUserResponse, type User } from "../contract/identity.ts"
import type { UsersRoutes } from "../contract/routes/users.ts"
import { Encryption } from "../db/engine/encryption.ts"
import type { Receipts } from "../db/chats/receipts.ts"
import type { UserRow } from "../db/identity/users.ts"
import { FirstUser } from "../identity/first-user.ts"
import { Sessions } from "../identity/sessions.ts"
import { Users } from "../identity/users.ts"
import { Settings } from "../settings.ts"
import { SESSION_COOKIE } from "./auth.ts"
import { type Cookie, setCookie } from "./cookies.ts"
import { earlierAnswer, onceInSecret, withReceipt } from "./idempotency.ts"
import { deviceCookie, knownDeviceOf } from "./known-device.ts"
import type { GroupHandlers } from "./mount.ts"
import type { RequestFacts } from "./request-facts.ts"

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

const answerWithCookies = (request: RequestFacts, cookies: ReadonlyArray<Cookie>) =>
  Effect.map(Settings, ({ accessUrl }) => {
    for (const cookie of cookies) request.setHeader("set-cookie", setCookie(cookie, accessUrl))
  })

const decodeCreated = (body: unknown) => Schema.decodeUnknown(CreateFirstUserResponse)(body).pipe(Effect.orDie)

export const usersHandlers = {
  firstUserState: {
    anonymous: () =>
      Effect.gen(function* () {
        const needed = yield* (yield* FirstUser).needed
        return { needed, setup_token_required: needed }
      }),
  },
  createFirstUser: {
    anonymous: ({ payload, request, idempotency }) =>
      Effect.gen(function* () {
        const create = (yield* FirstUser)
          .create(payload)
          .pipe(Effect.map(({ userId, organizationId }) => ({ user_id: userId, organization_id: organizationId })))
        if (idempotency === undefined) return yield* create
        const made = withReceipt(idempotency, create, (body) => ({
          userId: body.user_id,
          status: 201,
          headers: [],
          body,
        }))
        return yield* made.pipe(
          Effect.catchAll((refused) =>
            Effect.gen(function* () {
              // Whether the content is the same tells whether the password is: that must not be tried without limit.
              const { email } = payload
              const attempt = { email, password: Redacted.make(payload.password), ip: request.ip, device: undefined }
              const userId = yield* (yield* Users).logIn(attempt).pipe(Effect.mapError(() => refused))
              const answer = yield* earlierAnswer(userId, idempotency)
              return Option.isNone(answer) ? yield* refused : yield* decodeCreated(answer.value.body)
            }),
          ),
        )
      }),
  },
  login: {
    anonymous: ({ payload, request, idempotency }) =>
      Effect.gen(function* () {
        const { email } = payload
        const encryption = yield* Encryption
        const device = knownDeviceOf(encryption, request.headers, email)
        const userId = yield* (yield* Users).logIn({
          email,
          password: Redacted.make(payload.password),
          ip: request.ip,
          device,
        })
        const issue = (yield* Sessions).issue(userId, { ip: request.ip, userAgent: request.headers["user-agent"] })
        const token = yield* idempotency === undefined ? issue : onceInSecret(userId, idempotency, issue)
        yield* answerWithCookies(request, [
          { name: SESSION_COOKIE, value: token },
          deviceCookie(encryption, email, device),
        ])
        return { session_token: token }
      }),
  },
  logout: ({ request }) =>
    Effect.gen(function* () {
      if (request.sessionKeyId !== undefined) yield* (yield* Sessions).revoke(request.sessionKeyId)
      yield* answerWithCookies(request, [{ name: SESSION_COOKIE, value: "", maxAgeSeconds: 0 }])
    }),
  getUser: ({ path, caller }) =>
    Effect.gen(function* () {
      return toUser(yield* (yield* Users).get(caller, path.user))
    }),
  listOrganizations: ({ caller }) =>
    Effect.gen(function* () {
      return yield* (yield* Users).organizations(caller)
    }),
} satisfies GroupHandlers<typeof UsersRoutes, Encryption | FirstUser | Receipts | Users | Sessions | Settings>

import { Effect, Option, Redacted, Schema } from "effect"
import { Appearance, CreateFirstUserResponse } from "../contract/identity.ts"
import type { UsersRoutes } from "../contract/routes/users.ts"
import { Encryption } from "../db/engine/encryption.ts"
import type { Receipts } from "../db/chats/receipts.ts"
import { Accounts } from "../identity/accounts.ts"
import { FirstUser } from "../identity/first-user.ts"
import { SignIns } from "../identity/sign-ins.ts"
import { readUserQuery } from "../identity/user-query.ts"
import { Users } from "../identity/users.ts"
import { Settings } from "../settings.ts"
import { SESSION_COOKIE } from "./auth.ts"
import { type Cookie, setCookie } from "./cookies.ts"
import { earlierAnswer, onceInSecret, withReceipt } from "./idempotency.ts"
import { organizationToWire, userToWire } from "./identity-wire.ts"
import { deviceCookie, knownDeviceOf } from "./known-device.ts"
import type { GroupHandlers } from "./mount.ts"
import type { RequestFacts } from "./request-facts.ts"
import { searched } from "./searched.ts"

const DEFAULT_PAGE = 100

const answerWithCookies = (request: RequestFacts, cookies: ReadonlyArray<Cookie>) =>
  Effect.map(Settings, ({ accessUrl }) => {
    for (const cookie of cookies) request.setHeader("set-cookie", setCookie(cookie, accessUrl))
  })

/** What a person chose, among what is stored by name: anything else that stands there is not shown. */
const appearanceOf = (stored: Readonly<Record<string, unknown>>) =>
  Schema.decodeUnknown(Appearance)({ theme_preference: "", terminal_font: "", ...stored }).pipe(Effect.orDie)

const preferencesOf = (stored: Readonly<Record<string, unknown>>) => ({
  task_notification_alert_dismissed: stored["task_notification_alert_dismissed"] === true,
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
        const issue = (yield* SignIns).begin(userId, { ip: request.ip, userAgent: request.headers["user-agent"] })
        const token = yield* idempotency === undefined ? issue : onceInSecret(userId, idempotency, issue)
        yield* answerWithCookies(request, [
          { name: SESSION_COOKIE, value: token },
          deviceCookie(encryption, email, device),
        ])
        return { session_token: token }
      }),
  },
  logout: ({ caller, request }) =>
    Effect.gen(function* () {
      if (request.sessionKeyId !== undefined) yield* (yield* SignIns).end(caller, request.sessionKeyId)
      yield* answerWithCookies(request, [{ name: SESSION_COOKIE, value: "", maxAgeSeconds: 0 }])
    }),
  listUsers: ({ caller, urlParams }) =>
    Effect.gen(function* () {
      const filter = yield* searched(readUserQuery(urlParams.q ?? ""))
      const page = {
        limit: urlParams.limit ?? DEFAULT_PAGE,
        offset: urlParams.offset ?? 0,
        ...(urlParams.after_id !== undefined && { afterId: urlParams.after_id }),
      }
      const { rows, count } = yield* (yield* Accounts).list(caller, filter, page)
      return { users: rows.map(userToWire), count }
    }),
  createUser: ({ caller, payload }) =>
    Effect.gen(function* () {
      return userToWire(yield* (yield* Accounts).create(caller, payload))
    }),
  getUser: ({ path, caller }) =>
    Effect.gen(function* () {
      return userToWire(yield* (yield* Users).get(caller, path.user))
    }),
  deleteUser: ({ path, caller }) =>
    Effect.gen(function* () {
      yield* (yield* Accounts).remove(caller, path.user)
    }),
  updateUserProfile: ({ path, caller, payload }) =>
    Effect.gen(function* () {
      return userToWire(yield* (yield* Accounts).updateProfile(caller, path.user, payload))
    }),
  suspendUser: ({ path, caller }) =>
    Effect.gen(function* () {
      return userToWire(yield* (yield* Accounts).setStatus(caller, path.user, "suspended"))
    }),
  activateUser: ({ path, caller }) =>
    Effect.gen(function* () {
      return userToWire(yield* (yield* Accounts).setStatus(caller, path.user, "active"))
    }),
  changePassword: ({ path, caller, payload, request }) =>
    Effect.gen(function* () {
      yield* (yield* Accounts).setPassword(caller, path.user, payload, request.sessionKeyId)
    }),
  getUserRoles: ({ path, caller }) =>
    Effect.gen(function* () {
      return yield* (yield* Accounts).roles(caller, path.user)
    }),
  setUserRoles: ({ path, caller, payload }) =>
    Effect.gen(function* () {
      return userToWire(yield* (yield* Accounts).setRoles(caller, path.user, payload.roles))
    }),
  listUserOrganizations: ({ path, caller }) =>
    Effect.gen(function* () {
      return (yield* (yield* Accounts).memberships(caller, path.user)).map(organizationToWire)
    }),
  getUserAppearance: ({ path, caller }) =>
    Effect.gen(function* () {
      return yield* appearanceOf(yield* (yield* Accounts).preferences(caller, path.user))
    }),
  setUserAppearance: ({ path, caller, payload }) =>
    Effect.gen(function* () {
      return yield* appearanceOf(yield* (yield* Accounts).setPreferences(caller, path.user, payload))
    }),
  getUserPreferences: ({ path, caller }) =>
    Effect.gen(function* () {
      return preferencesOf(yield* (yield* Accounts).preferences(caller, path.user))
    }),
  setUserPreferences: ({ path, caller, payload }) =>
    Effect.gen(function* () {
      return preferencesOf(yield* (yield* Accounts).setPreferences(caller, path.user, payload))
    }),
} satisfies GroupHandlers<typeof UsersRoutes, Accounts | Encryption | FirstUser | Receipts | Users | SignIns | Settings>

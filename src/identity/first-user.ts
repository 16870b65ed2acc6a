import { Context, Effect, Either, Layer, ParseResult, Redacted, Schema } from "effect"
import { CreateFirstUserRequest } from "../contract/identity.ts"
import type { OrganizationId, UserId } from "../contract/ids.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { MemberRepository } from "../db/identity/members.ts"
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { UserRepository } from "../db/identity/users.ts"
import { Settings } from "../settings.ts"
import { FirstUserExists, FirstUserSettingsInvalid, type PasswordWeak, SetupTokenWrong } from "./errors.ts"
import { Audit } from "./audit/audit.ts"
import { Origin } from "./origin.ts"
import { checkPassword } from "./password-rules.ts"
import { hashPassword } from "./passwords.ts"
import { AGENTS_ACCESS, SITE_OWNER } from "./roles.ts"

export interface FirstUserIds {
  readonly userId: UserId
  readonly organizationId: OrganizationId
}

const decodeRequest = Schema.decodeUnknownEither(CreateFirstUserRequest)

const unusable = (field: string, fault: string) =>
  new FirstUserSettingsInvalid({
    operation: "FirstUser.ensureConfigured",
    message: `TROUPE_FIRST_USER_${field.toUpperCase()} ${fault}.`,
  })

/** The account that is made before anyone can sign in: the owner of the deployment. */
export class FirstUser extends Context.Tag("troupe/FirstUser")<
  FirstUser,
  {
    /**
     * What `create` asks for, so that only who sees what the server prints can be first. Print it, never log it. It is the
     * same in each process that shares a database and a key ring.
     */
    readonly setupToken: Effect.Effect<string>
    /** True while there is no user. */
    readonly needed: Effect.Effect<boolean>
    /** Of several at once exactly one succeeds. */
    readonly create: (
      request: CreateFirstUserRequest,
    ) => Effect.Effect<FirstUserIds, FirstUserExists | SetupTokenWrong | PasswordWeak>
    /** Makes the user of `TROUPE_FIRST_USER_*` unless there is one already. Called once, before the server says it is healthy. */
    readonly ensureConfigured: Effect.Effect<void, FirstUserSettingsInvalid>
  }
>() {
  static readonly layer = Layer.effect(
    FirstUser,
    Effect.gen(function* () {
      const users = yield* UserRepository
      const organizations = yield* OrganizationRepository
      const members = yield* MemberRepository
      const settings = yield* Settings
      const encryption = yield* Encryption
      const audit = yield* Audit
      // Made with each database, at random.
      const setupPurpose = Effect.map(organizations.defaultId, (id) => `first account of ${id}`)

      /** By the person himself, unless the server has made the account by itself. */
      const record = Effect.fnUntraced(function* (id: UserId, byHimself: boolean) {
        const after = yield* Effect.flatten(users.findById(id)).pipe(Effect.orDie)
        const { username } = after
        const acting = yield* Origin
        yield* audit
          .record({ type: "user", id, target: username, organizationId: null, action: "register", after })
          .pipe(Effect.provideService(Origin, byHimself ? { ...acting, kind: "person", userId: id, username } : acting))
      })

      const insert = Effect.fn("FirstUser.insert")(function* (request: CreateFirstUserRequest, byHimself: boolean) {
        const exists = new FirstUserExists({ operation: "FirstUser.create" })
        // Looked up before the costly hash, and again under the lock.
        if (yield* users.anyEver) return yield* exists
        yield* checkPassword(request)
        const passwordHash = yield* hashPassword(request.password)
        return yield* users.exclusively(
          Effect.gen(function* () {
            if (yield* users.anyEver) return yield* exists
            const organizationId = yield* organizations.defaultId
            const userId = yield* users
              .insert({
                email: request.email,
                username: request.username,
                name: request.name ?? "",
                passwordHash,
                siteRoles: [SITE_OWNER],
              })
              .pipe(Effect.mapError(() => exists))
            yield* members.add(organizationId, userId, [AGENTS_ACCESS])
            yield* record(userId, byHimself)
            return { userId, organizationId }
          }),
        )
      })

      const create = Effect.fn("FirstUser.create")(function* (request: CreateFirstUserRequest) {
        if (yield* users.anyEver) return yield* new FirstUserExists({ operation: "FirstUser.create" })
        if (!encryption.isDigestOf(request.setup_token ?? "", yield* setupPurpose)) {
          return yield* new SetupTokenWrong({ operation: "FirstUser.create" })
        }
        return yield* insert(request, true)
      })

      const ensureConfigured = Effect.fn("FirstUser.ensureConfigured")(function* () {
        // A password that was good enough for an older version has long been replaced by its hash.
        if (settings.firstUser === undefined || (yield* users.anyEver)) return
        const { email, username, password } = settings.firstUser
        const decoded = decodeRequest({ email, username, password: Redacted.value(password) })
        if (Either.isLeft(decoded)) {
          const [issue] = ParseResult.ArrayFormatter.formatErrorSync(decoded.left)
          return yield* unusable(String(issue?.path[0]), issue?.message ?? "")
        }
        yield* insert(decoded.right, false).pipe(
          Effect.catchTag("FirstUserExists", () => Effect.void),
          Effect.catchTag("PasswordWeak", ({ message }) => unusable("password", message)),
        )
      })

      return {
        setupToken: Effect.map(setupPurpose, encryption.digest),
        needed: Effect.map(users.anyEver, (any) => !any),
        create,
        ensureConfigured: ensureConfigured(),
      }
    }),
  )
}

import { Context, Effect, Either, Layer, ParseResult, Redacted, Schema } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { CreateFirstUserRequest } from "../contract/identity.ts"
import { OrganizationRepository } from "../db/organizations.ts"
import { UserRepository } from "../db/users.ts"
import { Settings, isLoopback } from "../settings.ts"
import { FirstUserExists, FirstUserSettingsInvalid, SetupTokenWrong } from "./errors.ts"
import { hashPassword } from "./passwords.ts"
import { AGENTS_ACCESS, SITE_OWNER } from "./policy.ts"

export interface FirstUserIds {
  readonly userId: string
  readonly organizationId: string
}

const sha256 = (text: string) => createHash("sha256").update(text).digest()

const decodeRequest = Schema.decodeUnknownEither(CreateFirstUserRequest)

/** The account that is made before anyone can sign in: the owner of the deployment. */
export class FirstUser extends Context.Tag("troupe/FirstUser")<
  FirstUser,
  {
    /** Asked for by `create` when the server listens beyond this machine; undefined on loopback. Print it, never log it. */
    readonly setupToken: string | undefined
    /** True while there is no user. */
    readonly needed: Effect.Effect<boolean>
    /** Of several at once exactly one succeeds. */
    readonly create: (request: CreateFirstUserRequest) => Effect.Effect<FirstUserIds, FirstUserExists | SetupTokenWrong>
    /** Makes the user of `TROUPE_FIRST_USER_*` unless there is one already. Called once, before the server says it is healthy. */
    readonly ensureConfigured: Effect.Effect<void, FirstUserSettingsInvalid>
  }
>() {
  static readonly layer = Layer.effect(
    FirstUser,
    Effect.gen(function* () {
      const users = yield* UserRepository
      const organizations = yield* OrganizationRepository
      const settings = yield* Settings
      const setupToken = isLoopback(settings.httpAddress.host) ? undefined : randomBytes(18).toString("base64url")

      const insert = Effect.fn("FirstUser.insert")(function* (request: CreateFirstUserRequest) {
        const exists = new FirstUserExists({ operation: "FirstUser.create" })
        // Looked up before the costly hash, and again under the lock.
        if (yield* users.anyEver) return yield* exists
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
            yield* organizations.addMember(organizationId, userId, [AGENTS_ACCESS])
            return { userId, organizationId }
          }),
        )
      })

      const create = Effect.fn("FirstUser.create")(function* (request: CreateFirstUserRequest) {
        if (setupToken !== undefined && !timingSafeEqual(sha256(request.setup_token ?? ""), sha256(setupToken))) {
          return yield* new SetupTokenWrong({ operation: "FirstUser.create" })
        }
        return yield* insert(request)
      })

      const ensureConfigured = Effect.fn("FirstUser.ensureConfigured")(function* () {
        if (settings.firstUser === undefined) return
        const { email, username, password } = settings.firstUser
        const decoded = decodeRequest({ email, username, password: Redacted.value(password) })
        if (Either.isLeft(decoded)) {
          const [issue] = ParseResult.ArrayFormatter.formatErrorSync(decoded.left)
          return yield* new FirstUserSettingsInvalid({
            operation: "FirstUser.ensureConfigured",
            message: `TROUPE_FIRST_USER_${String(issue?.path[0]).toUpperCase()} ${issue?.message}.`,
          })
        }
        yield* insert(decoded.right).pipe(Effect.catchTag("FirstUserExists", () => Effect.void))
      })

      return {
        setupToken,
        needed: Effect.map(users.anyEver, (any) => !any),
        create,
        ensureConfigured: ensureConfigured(),
      }
    }),
  )
}

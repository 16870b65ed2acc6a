import { Context, Effect, Either, Layer, Option, ParseResult, Redacted, Schema } from "effect"
import { CreateFirstUserRequest } from "../contract/identity.ts"
import type { OrganizationId, UserId } from "../contract/ids.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { MemberRepository } from "../db/identity/members.ts"
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { UserRepository } from "../db/identity/users.ts"
import { Settings } from "../settings.ts"
import { Audit } from "./audit/audit.ts"
import { FirstUserExists, FirstUserSettingsInvalid, type PasswordWeak, SetupTokenWrong } from "./errors.ts"
import { checkPassword } from "./password-rules.ts"
import { Origin } from "./origin.ts"
import { hashPassword } from "./passwords.ts"
import { AGENTS_ACCESS, SITE_OWNER } from "./roles.ts"

export interface FirstUserIds {
  readonly userId: UserId
  readonly organizationId: OrganizationId
}

/** An owner may read all chats, and makes his own as everybody does. */
const ROLES = [AGENTS_ACCESS]

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
    /** The same for who works at the command line, and needs to prove nothing. */
    readonly createAtHand: (
      request: Omit<CreateFirstUserRequest, "setup_token">,
    ) => Effect.Effect<FirstUserIds, FirstUserExists | PasswordWeak>
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
      const audit = yield* Audit
      const settings = yield* Settings
      const encryption = yield* Encryption
      // Made with each database, at random.
      const setupPurpose = Effect.map(organizations.defaultId, (id) => `first account of ${id}`)

      const record = Effect.fnUntraced(function* (
        id: UserId,
        organizationId: OrganizationId,
        action: "register" | "create",
      ) {
        const after = Option.getOrUndefined(yield* users.findById(id))
        if (after === undefined) return yield* Effect.dieMessage("an account was made and is gone")
        const target = after.username
        const made = { id, target, action: "create" } as const
        yield* audit.record({
          ...made,
          type: "organization_member",
          organizationId,
          after: { username: target, roles: ROLES },
        })
        yield* audit.record({ ...made, action, type: "user", organizationId: null, after })
      })

      /** The change and its record are by whoever acts, or by the new user where nobody else is there to have made him. */
      const insert = Effect.fn("FirstUser.insert")(function* (request: CreateFirstUserRequest, byHimself = false) {
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
            yield* members.add(organizationId, userId, ROLES)
            const acting = yield* Origin
            yield* record(userId, organizationId, byHimself ? "register" : "create").pipe(
              Effect.provideService(
                Origin,
                byHimself ? { ...acting, kind: "person", userId, username: request.username } : acting,
              ),
            )
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
        createAtHand: (request) => insert(request),
        ensureConfigured: ensureConfigured(),
      }
    }),
  )
}

import { Context, Effect, Layer, Option } from "effect"
import type { ChangePasswordRequest, CreateUserRequest, UpdateProfileRequest } from "../contract/identity.ts"
import type { OrganizationId, SessionKeyId, UserId } from "../contract/ids.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { MemberRepository } from "../db/identity/members.ts"
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { type UserFilter, type UserPage, UserSearch } from "../db/identity/user-search.ts"
import { type TakenField, type UserChange, type UserRow, UserRepository } from "../db/identity/users.ts"
import { Audit } from "./audit/audit.ts"
import { IdentityConflict, IdentityFieldInvalid, IdentityNameTaken, NotAllowed, UserNotFound } from "./errors.ts"
import { mayAssignSiteRole } from "./assignment.ts"
import { checkPassword } from "./password-rules.ts"
import { hashPassword } from "./passwords.ts"
import { type Caller, can, isMember } from "./policy.ts"
import { AGENTS_ACCESS, SITE_OWNER, SITE_ROLES } from "./roles.ts"
import { CustomRoleRepository } from "../db/identity/custom-roles.ts"
import { Sessions } from "./sessions.ts"
import { Standing } from "./standing.ts"
import { Users } from "./users.ts"

const operation = "Accounts"

const refused = (message: string) => new NotAllowed({ operation, message })
const invalid = (field: string, message: string) => new IdentityFieldInvalid({ operation, field, message })
const taken = (field: TakenField) => new IdentityNameTaken({ operation, field })

const make = Effect.gen(function* () {
  const users = yield* UserRepository
  const search = yield* UserSearch
  const organizations = yield* OrganizationRepository
  const members = yield* MemberRepository
  const customRoles = yield* CustomRoleRepository
  const sessions = yield* Sessions
  const standing = yield* Standing
  const { get, confirmPassword } = yield* Users
  const { run } = yield* Transactions
  const audit = yield* Audit

  const recordWrite = (before: UserRow, after: UserRow, action: "write" | "delete" = "write") =>
    audit.record({
      type: "user",
      id: after.id,
      target: after.username,
      organizationId: null,
      action,
      before,
      ...(action === "write" && { after }),
    })

  /** The account as it will be changed, under its lock. */
  const locked = (id: UserId) =>
    Effect.flatMap(
      users.lock(id),
      Option.match({ onNone: () => new UserNotFound({ operation }), onSome: Effect.succeed }),
    )

  const changed = (id: UserId, change: UserChange) =>
    Effect.flatMap(
      users.update(id, change).pipe(Effect.mapError(taken)),
      Option.match({ onNone: () => new UserNotFound({ operation }), onSome: Effect.succeed }),
    )

  /** Changes what is the same for all kinds of change: lock, check, write, record, and what is cached of the account. */
  const change = <E, E2 = never>(
    id: UserId,
    toChange: (row: UserRow) => Effect.Effect<UserChange, E>,
    check: Effect.Effect<void, E2> = Effect.void,
  ) =>
    run(
      Effect.gen(function* () {
        yield* check
        const before = yield* locked(id)
        const after = yield* changed(id, yield* toChange(before))
        yield* recordWrite(before, after)
        yield* sessions.forgetUser(id)
        yield* standing.changed
        return after
      }),
    )

  const mayChange = (caller: Caller, row: UserRow, action: "update" | "delete" | "update_personal") =>
    can(caller, action, { type: "user", ownerId: row.id })
      ? Effect.void
      : refused("Only administrators of users may change this account.")

  /** Who takes over an account has its roles: nobody gets by that more than he has. */
  const mustOutrank = (caller: Caller, row: UserRow) =>
    row.id === caller.userId ||
    caller.siteRoles.includes(SITE_OWNER) ||
    row.site_roles.every((role) => caller.siteRoles.includes(role))
      ? Effect.void
      : refused("Only an owner may change the account of somebody with roles that you do not have.")

  const list = Effect.fn("Accounts.list")(function* (caller: Caller, filter: UserFilter, page: UserPage) {
    if (!can(caller, "read", { type: "user" })) return yield* refused("Only administrators may list the accounts.")
    return yield* Effect.all({ rows: search.list(filter, page), count: search.count(filter) })
  })

  const mayGiveSiteRoles = (caller: Caller) =>
    mayAssignSiteRole(caller) ? Effect.void : refused("Only owners may change the roles of the deployment.")

  const checkSiteRoles = (roles: ReadonlyArray<string>, serviceAccount: boolean) =>
    Effect.gen(function* () {
      const known = [...SITE_ROLES.map(({ name }) => name), ...(yield* customRoles.list(null)).map(({ name }) => name)]
      const unknown = roles.find((role) => !known.includes(role))
      if (unknown !== undefined) return yield* invalid("roles", `names a role that does not exist: ${unknown}`)
      if (serviceAccount && roles.includes(SITE_OWNER)) {
        return yield* invalid("roles", "cannot make a service account an owner")
      }
    })

  const checkOrganizations = (ids: ReadonlyArray<OrganizationId>) =>
    Effect.forEach(ids, (id) =>
      Effect.flatMap(organizations.findById(id), (found) =>
        Option.isNone(found) ? invalid("organization_ids", "names an organization that does not exist") : Effect.void,
      ),
    )

  const create = Effect.fn("Accounts.create")(function* (
    caller: Caller,
    request: CreateUserRequest,
    siteRoles: ReadonlyArray<string> = [],
  ) {
    if (!can(caller, "create", { type: "user" })) return yield* refused("Only administrators of users may add one.")
    if (siteRoles.length > 0) {
      yield* mayGiveSiteRoles(caller)
      yield* checkSiteRoles(siteRoles, request.service_account === true)
    }
    const serviceAccount = request.service_account === true
    const loginType = serviceAccount ? "none" : (request.login_type ?? "password")
    const { password, email = "" } = request
    if (serviceAccount && email !== "") return yield* invalid("email", "must be left out for a service account")
    if (!serviceAccount && email === "") return yield* invalid("email", "must be given")
    if (loginType === "none" && password !== undefined) {
      return yield* invalid("password", "must be left out for an account that does not sign in with one")
    }
    if (loginType === "password" && password === undefined) return yield* invalid("password", "must be given")
    const asked = request.organization_ids ?? []
    yield* checkOrganizations(asked)
    const ids = asked.length > 0 ? asked : [yield* organizations.defaultId]
    const { username, name = "" } = request
    if (password !== undefined) yield* checkPassword({ password, email, username, name })
    const passwordHash = password === undefined ? null : yield* hashPassword(password)
    return yield* run(
      Effect.gen(function* () {
        const id = yield* users
          .insert({
            email,
            username,
            name,
            passwordHash,
            siteRoles,
            status: request.user_status ?? "dormant",
            loginType,
            serviceAccount,
          })
          .pipe(Effect.mapError(taken))
        // Delegating to agents is given to people as they come; a program is given it by somebody.
        const roles = serviceAccount ? [] : [AGENTS_ACCESS]
        for (const organizationId of ids) {
          yield* members.add(organizationId, id, roles)
          yield* audit.record({
            type: "organization_member",
            id,
            target: username,
            organizationId,
            action: "create",
            after: { username, roles },
          })
        }
        const row = yield* locked(id).pipe(Effect.orDieWith(() => "an account was made and is gone"))
        yield* audit.record({ type: "user", id, target: username, organizationId: null, action: "create", after: row })
        return row
      }),
    )
  })

  const updateProfile = Effect.fn("Accounts.updateProfile")(function* (
    caller: Caller,
    reference: string,
    { username, name, email }: UpdateProfileRequest,
  ) {
    const row = yield* get(caller, reference)
    yield* mayChange(caller, row, "update_personal")
    // An address that somebody gives himself proves nothing about who he is.
    if (email !== undefined && email !== row.email) yield* mayChange(caller, row, "update")
    return yield* change(row.id, () =>
      Effect.succeed({
        username,
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email }),
      }),
    )
  })

  /** At least one person who can sign in stays owner, however many are taken out at once. */
  const keepAnOwner = (id: UserId, message: string) =>
    Effect.flatMap(users.lockHolders(SITE_OWNER), (holders) =>
      holders.includes(id) && holders.length === 1 ? new IdentityConflict({ operation, message }) : Effect.void,
    )

  const setStatus = Effect.fn("Accounts.setStatus")(function* (
    caller: Caller,
    reference: string,
    status: "active" | "suspended",
  ) {
    const row = yield* get(caller, reference)
    yield* mayChange(caller, row, "update")
    yield* mustOutrank(caller, row)
    if (row.id === caller.userId) {
      return yield* invalid(
        "user",
        `cannot be yourself: ask another administrator to ${status === "suspended" ? "suspend" : "activate"} your account`,
      )
    }
    const suspends = status === "suspended"
    const after = yield* change(
      row.id,
      () => Effect.succeed({ status }),
      suspends ? keepAnOwner(row.id, "This is the last owner. Make somebody else an owner first.") : Effect.void,
    )
    if (suspends) yield* sessions.revokeAll(row.id, null)
    return after
  })

  const setPassword = Effect.fn("Accounts.setPassword")(function* (
    caller: Caller,
    reference: string,
    { password, old_password }: ChangePasswordRequest,
    keyId: SessionKeyId | undefined,
  ) {
    const row = yield* get(caller, reference)
    const own = row.id === caller.userId
    yield* mayChange(caller, row, own ? "update_personal" : "update")
    yield* mustOutrank(caller, row)
    if (row.login_type !== "password") return yield* invalid("user", "does not sign in with a password")
    if (own && !(yield* confirmPassword(row, old_password ?? ""))) {
      return yield* invalid("old_password", "is not your present password")
    }
    if (own && password === old_password) return yield* invalid("password", "must be another than the present one")
    yield* checkPassword({ password, email: row.email, username: row.username, name: row.name })
    const passwordHash = yield* hashPassword(password)
    yield* change(row.id, () => Effect.succeed({ passwordHash }))
    // Whoever knew the old one is signed out.
    yield* sessions.revokeAll(row.id, own ? (keyId ?? null) : null)
  })

  const setRoles = Effect.fn("Accounts.setRoles")(function* (
    caller: Caller,
    reference: string,
    roles: ReadonlyArray<string>,
  ) {
    const row = yield* get(caller, reference)
    yield* mayGiveSiteRoles(caller)
    if (row.id === caller.userId) return yield* invalid("roles", "cannot be changed by yourself: ask another owner")
    yield* checkSiteRoles(roles, row.is_service_account)
    const given = [...new Set(roles)]
    return yield* change(
      row.id,
      () => Effect.succeed({ siteRoles: given }),
      given.includes(SITE_OWNER)
        ? Effect.void
        : keepAnOwner(row.id, "This is the last owner. Make somebody else an owner first."),
    )
  })

  const remove = Effect.fn("Accounts.remove")(function* (caller: Caller, reference: string) {
    const row = yield* get(caller, reference)
    yield* mayChange(caller, row, "delete")
    yield* mustOutrank(caller, row)
    if (row.id === caller.userId) return yield* invalid("user", "cannot be yourself: ask another administrator")
    yield* run(
      Effect.gen(function* () {
        yield* keepAnOwner(row.id, "This is the last owner. Make somebody else an owner first.")
        const before = yield* locked(row.id)
        yield* users.remove(row.id)
        yield* recordWrite(before, before, "delete")
        yield* sessions.revokeAll(row.id, null)
        yield* sessions.forgetUser(row.id)
        yield* standing.changed
      }),
    )
  })

  const roles = Effect.fn("Accounts.roles")(function* (caller: Caller, reference: string) {
    const row = yield* get(caller, reference)
    const held = yield* members.rolesOf(row.id)
    return {
      roles: row.site_roles,
      organization_roles: Object.fromEntries(held.map((one) => [one.organization_id, one.roles])),
    }
  })

  const memberships = Effect.fn("Accounts.memberships")(function* (caller: Caller, reference: string) {
    const row = yield* get(caller, reference)
    const all = yield* organizations.listAll
    return all.filter(
      ({ id }) =>
        row.organization_ids.includes(id) &&
        (can(caller, "read", { type: "organization", organizationId: id }) || isMember(caller, id)),
    )
  })

  const preferences = Effect.fn("Accounts.preferences")(function* (caller: Caller, reference: string) {
    const row = yield* get(caller, reference)
    if (!can(caller, "read_personal", { type: "user", ownerId: row.id })) return yield* new UserNotFound({ operation })
    return yield* users.preferences(row.id)
  })

  const setPreferences = Effect.fn("Accounts.setPreferences")(function* (
    caller: Caller,
    reference: string,
    values: Readonly<Record<string, unknown>>,
  ) {
    const row = yield* get(caller, reference)
    yield* mayChange(caller, row, "update_personal")
    yield* users.setPreferences(row.id, values)
    return yield* users.preferences(row.id)
  })

  return {
    list,
    create,
    updateProfile,
    setStatus,
    setPassword,
    setRoles,
    remove,
    roles,
    memberships,
    preferences,
    setPreferences,
  }
})

/** Administration of accounts, and what people change of their own. Everything that is changed is recorded with the change. */
export class Accounts extends Context.Tag("troupe/Accounts")<Accounts, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Accounts, make)
}

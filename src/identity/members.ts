import { Context, Effect, Layer, Option } from "effect"
import type { OrganizationId } from "../contract/ids.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { CustomRoleRepository } from "../db/identity/custom-roles.ts"
import { type MemberRow, MemberRepository } from "../db/identity/members.ts"
import type { OrganizationRow } from "../db/identity/organizations.ts"
import type { UserRow } from "../db/identity/users.ts"
import { mayAssignOrganizationRole } from "./assignment.ts"
import { Audit } from "./audit/audit.ts"
import { IdentityConflict, IdentityFieldInvalid, IdentityNotFound, NotAllowed } from "./errors.ts"
import type { Action } from "./objects.ts"
import { Organizations } from "./organizations.ts"
import { type Caller, can } from "./policy.ts"
import { AGENTS_ACCESS, ORGANIZATION_ROLES } from "./roles.ts"
import { Sessions } from "./sessions.ts"
import { Standing } from "./standing.ts"
import { Users } from "./users.ts"

const operation = "Members"

const refused = (message: string) => new NotAllowed({ operation, message })
const notFound = new IdentityNotFound({ operation, what: "member" })

const make = Effect.gen(function* () {
  const organizations = yield* Organizations
  const rows = yield* MemberRepository
  const customRoles = yield* CustomRoleRepository
  const users = yield* Users
  const sessions = yield* Sessions
  const standing = yield* Standing
  const { run } = yield* Transactions
  const audit = yield* Audit

  const mustBeAllowed = (
    caller: Caller,
    organization: OrganizationRow,
    action: Action<"organization_member">,
    message: string,
  ) =>
    can(caller, action, { type: "organization_member", organizationId: organization.id })
      ? Effect.void
      : refused(message)

  const record = (member: Pick<MemberRow, "user_id" | "username">, organizationId: OrganizationId) => ({
    type: "organization_member" as const,
    id: member.user_id,
    target: member.username,
    organizationId,
  })

  const page = Effect.fn("Members.page")(function* (
    caller: Caller,
    reference: string,
    { limit, offset, search }: { readonly limit: number; readonly offset: number; readonly search: string },
  ) {
    const organization = yield* organizations.get(caller, reference)
    yield* mustBeAllowed(caller, organization, "read", "You may not see who else belongs to this organization.")
    return yield* Effect.all({
      members: rows.list(organization.id, { limit, offset, search }),
      count: rows.count(organization.id, search),
    })
  })

  const add = Effect.fn("Members.add")(function* (caller: Caller, reference: string, user: string) {
    const organization = yield* organizations.get(caller, reference)
    yield* mustBeAllowed(caller, organization, "create", "Only administrators of members may add one.")
    const account = yield* users.resolve(caller, user)
    return yield* run(
      Effect.gen(function* () {
        const roles = account.is_service_account ? [] : [AGENTS_ACCESS]
        if (!(yield* rows.add(organization.id, account.id, roles))) {
          return yield* new IdentityConflict({ operation, message: "This account is a member already." })
        }
        const { username } = account
        yield* audit.record({
          ...record({ user_id: account.id, username }, organization.id),
          action: "create",
          after: { username, roles },
        })
        yield* sessions.forgetUser(account.id)
        yield* standing.changed
        return yield* found(organization, account)
      }),
    )
  })

  const found = (organization: OrganizationRow, account: UserRow) =>
    Effect.flatMap(
      rows.lock(organization.id, account.id),
      Option.match({ onNone: () => notFound, onSome: Effect.succeed }),
    )

  const remove = Effect.fn("Members.remove")(function* (caller: Caller, reference: string, user: string) {
    const organization = yield* organizations.get(caller, reference)
    yield* mustBeAllowed(caller, organization, "delete", "Only administrators of members may remove one.")
    const account = yield* users.resolve(caller, user)
    if (account.id === caller.userId) {
      return yield* new IdentityFieldInvalid({
        operation,
        field: "user",
        message: "cannot be yourself: ask another administrator",
      })
    }
    yield* run(
      Effect.gen(function* () {
        const before = yield* found(organization, account)
        yield* rows.remove(organization.id, account.id)
        yield* audit.record({ ...record(before, organization.id), action: "delete", before })
        yield* sessions.forgetUser(account.id)
        yield* standing.changed
      }),
    )
  })

  /** Of the roles that change, each must be one that the caller may give; nobody changes his own. */
  const setRoles = Effect.fn("Members.setRoles")(function* (
    caller: Caller,
    reference: string,
    user: string,
    roles: ReadonlyArray<string>,
  ) {
    const organization = yield* organizations.get(caller, reference)
    const organizationId = organization.id
    if (!can(caller, "assign", { type: "assign_org_role", organizationId })) {
      return yield* refused("Only administrators of this organization may change its members' roles.")
    }
    const account = yield* users.resolve(caller, user)
    const invalid = (message: string) => new IdentityFieldInvalid({ operation, field: "roles", message })
    if (account.id === caller.userId) return yield* invalid("cannot be changed by yourself: ask another administrator")
    const custom = yield* customRoles.list(organizationId)
    const known = [...ORGANIZATION_ROLES.map(({ name }) => name), ...custom.map(({ name }) => name)]
    const unknown = roles.find((role) => !known.includes(role))
    if (unknown !== undefined) return yield* invalid(`names a role that this organization does not have: ${unknown}`)
    const given = [...new Set(roles)]
    return yield* run(
      Effect.gen(function* () {
        const before = yield* found(organization, account)
        const changing = [
          ...given.filter((role) => !before.roles.includes(role)),
          ...before.roles.filter((role) => !given.includes(role)),
        ]
        const beyond = changing.find((role) => !mayAssignOrganizationRole(caller, organizationId, role))
        if (beyond !== undefined) return yield* refused(`You may not give or take the role ${beyond}.`)
        yield* rows.setRoles(organizationId, account.id, given)
        const after = { ...before, roles: given }
        yield* audit.record({ ...record(before, organizationId), action: "write", before, after })
        yield* sessions.forgetUser(account.id)
        yield* standing.changed
        return after
      }),
    )
  })

  return { page, add, remove, setRoles }
})

/** Who belongs to an organization, and with which roles. */
export class Members extends Context.Tag("troupe/Members")<Members, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Members, make)
}

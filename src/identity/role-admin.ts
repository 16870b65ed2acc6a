import { Context, Effect, Layer, Option } from "effect"
import type { AssignableRole, CustomRoleRequest, Permission } from "../contract/roles.ts"
import type { OrganizationId } from "../contract/ids.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { type CustomRoleRow, CustomRoleRepository } from "../db/identity/custom-roles.ts"
import { MemberRepository } from "../db/identity/members.ts"
import { beyondCaller, mayAssignOrganizationRole, mayAssignSiteRole } from "./assignment.ts"
import { Audit } from "./audit/audit.ts"
import { IdentityFieldInvalid, IdentityNameTaken, IdentityNotFound, NotAllowed } from "./errors.ts"
import { ACTIONS, type Action, OBJECT_TYPES } from "./objects.ts"
import { Organizations } from "./organizations.ts"
import { type Caller, can } from "./policy.ts"
import { type Level, ORGANIZATION_ROLES, type Role, type RoleLevels, SITE_ROLES } from "./roles.ts"
import { Sessions } from "./sessions.ts"

const operation = "RoleAdmin"

const notFound = new IdentityNotFound({ operation, what: "role" })
const invalid = (field: string, message: string) => new IdentityFieldInvalid({ operation, field, message })

const BUILT_IN: ReadonlySet<string> = new Set([
  ...[...SITE_ROLES, ...ORGANIZATION_ROLES].map(({ name }) => name),
  "member",
  "service-account",
  "organization-member",
  "organization-service-account",
])

const toWire = (level: Level | undefined): ReadonlyArray<Permission> =>
  ([false, true] as const).flatMap((negate) =>
    Object.entries((negate ? level?.deny : level?.allow) ?? {}).flatMap(([resource_type, actions]) =>
      actions.map((action) => ({ negate, resource_type, action })),
    ),
  )

const LEVELS = {
  site_permissions: "site",
  user_permissions: "user",
  organization_permissions: "organization",
  organization_member_permissions: "member",
} as const satisfies Readonly<Record<string, keyof RoleLevels>>
type Field = keyof typeof LEVELS

const permissionsOf = (role: RoleLevels) => ({
  site_permissions: toWire(role.site),
  user_permissions: toWire(role.user),
  organization_permissions: toWire(role.organization),
  organization_member_permissions: toWire(role.member),
})

/** The first permission that names nothing there is. */
const unknownIn = (permissions: ReadonlyArray<Permission>): string | undefined => {
  const unknown = permissions.find(({ resource_type, action }) => {
    const type = OBJECT_TYPES.find((name) => name === resource_type)
    return type === undefined || !(ACTIONS[type] as ReadonlyArray<string>).includes(action)
  })
  return unknown && `${unknown.resource_type}:${unknown.action}`
}

const grantsOf = (permissions: ReadonlyArray<Permission>, negate: boolean): Readonly<Record<string, Array<string>>> => {
  const grants: Record<string, Array<string>> = {}
  for (const permission of permissions) {
    if (permission.negate === negate) (grants[permission.resource_type] ??= []).push(permission.action)
  }
  return grants
}

const make = Effect.gen(function* () {
  const organizations = yield* Organizations
  const rows = yield* CustomRoleRepository
  const members = yield* MemberRepository
  const sessions = yield* Sessions
  const { run } = yield* Transactions
  const audit = yield* Audit

  const described = (role: Role, assignable: boolean): AssignableRole => ({
    name: role.name,
    display_name: role.displayName,
    description: role.description,
    ...permissionsOf(role),
    assignable,
    built_in: true,
  })

  const customToWire = (row: CustomRoleRow, assignable: boolean): AssignableRole => ({
    name: row.name,
    display_name: row.display_name || row.name,
    description: "",
    ...(row.organization_id !== null && { organization_id: row.organization_id }),
    ...permissionsOf(row.levels),
    assignable,
    built_in: false,
  })

  /** Every role of the deployment, each with whether the caller may give it. */
  const ofSite = Effect.fn("RoleAdmin.ofSite")(function* (caller: Caller) {
    if (!can(caller, "read", { type: "assign_role" })) {
      return yield* new NotAllowed({ operation, message: "You may not see the roles of the deployment." })
    }
    const assignable = mayAssignSiteRole(caller)
    return [
      ...SITE_ROLES.map((role) => described(role, assignable)),
      ...(yield* rows.list(null)).map((row) => customToWire(row, assignable)),
    ]
  })

  const ofOrganization = Effect.fn("RoleAdmin.ofOrganization")(function* (caller: Caller, reference: string) {
    const { id } = yield* organizations.get(caller, reference)
    if (!can(caller, "read", { type: "assign_org_role", organizationId: id })) return yield* notFound
    const assignable = (name: string) => mayAssignOrganizationRole(caller, id, name)
    return [
      ...ORGANIZATION_ROLES.map((role) => described(role, assignable(role.name))),
      ...(yield* rows.list(id)).map((row) => customToWire(row, assignable(row.name))),
    ]
  })

  /** Where the role counts, for who may make, change or remove roles there. */
  const place = Effect.fnUntraced(function* (
    caller: Caller,
    reference: string | undefined,
    action: Extract<Action<"assign_role">, "create" | "update" | "delete">,
  ) {
    const organizationId = reference === undefined ? undefined : (yield* organizations.get(caller, reference)).id
    const allowed =
      organizationId === undefined
        ? can(caller, action, { type: "assign_role" })
        : can(caller, action, { type: "assign_org_role", organizationId })
    if (!allowed) {
      return yield* new NotAllowed({ operation, message: "Only administrators may make roles, or change them." })
    }
    return organizationId
  })

  const levelsOf = Effect.fnUntraced(function* (
    caller: Caller,
    organizationId: OrganizationId | undefined,
    request: CustomRoleRequest,
  ) {
    const levels: Record<string, { allow: Record<string, Array<string>>; deny: Record<string, Array<string>> }> = {}
    const there: ReadonlyArray<Field> =
      organizationId === undefined
        ? ["site_permissions", "user_permissions"]
        : ["organization_permissions", "organization_member_permissions"]
    for (const field of Object.keys(LEVELS) as ReadonlyArray<Field>) {
      const permissions = request[field] ?? []
      if (permissions.length === 0) continue
      if (!there.includes(field)) {
        return yield* invalid(
          field,
          `cannot be given to a role of ${organizationId === undefined ? "the deployment" : "an organization"}`,
        )
      }
      const unknown = unknownIn(permissions)
      if (unknown !== undefined) return yield* invalid(field, `names what cannot be allowed: ${unknown}`)
      levels[LEVELS[field]] = { allow: grantsOf(permissions, false), deny: grantsOf(permissions, true) }
    }
    const beyond = beyondCaller(caller, organizationId, levels)
    if (beyond !== undefined) {
      return yield* new NotAllowed({
        operation,
        message: `A role cannot allow more than you may do yourself: ${beyond}.`,
      })
    }
    return levels
  })

  const rowOf = (
    organizationId: OrganizationId | undefined,
    request: CustomRoleRequest,
    levels: CustomRoleRow["levels"],
  ) => ({
    organization_id: organizationId ?? null,
    name: request.name,
    display_name: request.display_name ?? "",
    levels,
  })

  const record = (action: "create" | "write" | "delete", before?: CustomRoleRow, after?: CustomRoleRow) => {
    const row = after ?? before
    return row === undefined
      ? Effect.void
      : audit.record({
          type: "custom_role",
          id: row.name,
          target: row.name,
          organizationId: row.organization_id,
          action,
          ...(before !== undefined && { before }),
          ...(after !== undefined && { after }),
        })
  }

  const create = Effect.fn("RoleAdmin.create")(function* (
    caller: Caller,
    reference: string | undefined,
    request: CustomRoleRequest,
  ) {
    const organizationId = yield* place(caller, reference, "create")
    const taken = new IdentityNameTaken({ operation, field: "name" })
    if (BUILT_IN.has(request.name)) return yield* taken
    const row = rowOf(organizationId, request, yield* levelsOf(caller, organizationId, request))
    yield* run(
      rows.insert(row).pipe(
        Effect.mapError(() => taken),
        Effect.zipRight(record("create", undefined, row)),
      ),
    )
    return customToWire(row, true)
  })

  const locked = (organizationId: OrganizationId | undefined, name: string) =>
    Effect.flatMap(
      rows.lock(organizationId ?? null, name),
      Option.match({ onNone: () => notFound, onSome: Effect.succeed }),
    )

  const update = Effect.fn("RoleAdmin.update")(function* (
    caller: Caller,
    reference: string | undefined,
    request: CustomRoleRequest,
  ) {
    const organizationId = yield* place(caller, reference, "update")
    const row = rowOf(organizationId, request, yield* levelsOf(caller, organizationId, request))
    yield* run(
      Effect.gen(function* () {
        const before = yield* locked(organizationId, request.name)
        yield* rows.update(row)
        yield* record("write", before, row)
        yield* sessions.forgetAll
      }),
    )
    return customToWire(row, true)
  })

  const remove = Effect.fn("RoleAdmin.remove")(function* (caller: Caller, reference: string | undefined, name: string) {
    const organizationId = yield* place(caller, reference, "delete")
    yield* run(
      Effect.gen(function* () {
        const before = yield* locked(organizationId, name)
        yield* rows.remove(organizationId ?? null, name)
        if (organizationId !== undefined) yield* members.dropRole(organizationId, name)
        yield* record("delete", before)
        yield* sessions.forgetAll
      }),
    )
  })

  return { ofSite, ofOrganization, create, update, remove }
})

/** The roles that there are, and those that are made here. */
export class RoleAdmin extends Context.Tag("troupe/RoleAdmin")<RoleAdmin, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(RoleAdmin, make)
}

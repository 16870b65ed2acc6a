import { Context, Effect, Layer, Option } from "effect"
import type { CreateOrganizationRequest, UpdateOrganizationRequest } from "../contract/organizations.ts"
import type { OrganizationId } from "../contract/ids.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { MemberRepository } from "../db/identity/members.ts"
import { type OrganizationChange, type OrganizationRow, OrganizationRepository } from "../db/identity/organizations.ts"
import { Settings } from "../settings.ts"
import { Audit } from "./audit/audit.ts"
import { IdentityFieldInvalid, IdentityNameTaken, IdentityNotFound, NotAllowed } from "./errors.ts"
import type { Action } from "./objects.ts"
import { type Caller, can } from "./policy.ts"
import type { WorkspaceSharing } from "./roles.ts"
import { Sessions } from "./sessions.ts"
import { isUuid } from "./references.ts"

const operation = "Organizations"

const notFound = new IdentityNotFound({ operation, what: "organization" })
const nameTaken = () => new IdentityNameTaken({ operation, field: "name" })

export interface SharingSetting {
  /** What counts now. */
  readonly effective: WorkspaceSharing
  readonly switchedOff: boolean
}

const make = Effect.gen(function* () {
  const rows = yield* OrganizationRepository
  const members = yield* MemberRepository
  const sessions = yield* Sessions
  const { run } = yield* Transactions
  const audit = yield* Audit
  const { access } = yield* Settings

  /** `reference` is an id, a name, or `default`. */
  const find = (reference: string) =>
    reference === "default"
      ? Effect.flatMap(rows.defaultId, rows.findById)
      : isUuid(reference)
        ? rows.findById(reference)
        : rows.findByName(reference)

  /** The organization, for who may do this in it: 404 for who may not see it, 403 for who sees it and may not. */
  const get = Effect.fn("Organizations.get")(function* (
    caller: Caller,
    reference: string,
    action: Action<"organization"> = "read",
  ) {
    const row = Option.getOrUndefined(yield* find(reference))
    if (row === undefined) return yield* notFound
    const object = { type: "organization", organizationId: row.id } as const
    if (!can(caller, "read", object)) return yield* notFound
    if (!can(caller, action, object)) {
      return yield* new NotAllowed({ operation, message: "Only administrators of this organization may change it." })
    }
    return row
  })

  const list = Effect.fn("Organizations.list")(function* (caller: Caller) {
    const all = yield* rows.listAll
    return all.filter(({ id }) => can(caller, "read", { type: "organization", organizationId: id }))
  })

  const create = Effect.fn("Organizations.create")(function* (caller: Caller, request: CreateOrganizationRequest) {
    if (!can(caller, "create", { type: "organization" })) {
      return yield* new NotAllowed({ operation, message: "Only owners may add an organization." })
    }
    if (request.name.toLowerCase() === "default") return yield* nameTaken()
    return yield* run(
      Effect.gen(function* () {
        const row = yield* rows
          .insert({
            name: request.name,
            displayName: request.display_name?.trim() || request.name,
            description: request.description ?? "",
            icon: request.icon ?? "",
          })
          .pipe(Effect.mapError(nameTaken))
        yield* members.add(row.id, caller.userId, [])
        yield* audit.record({
          type: "organization",
          id: row.id,
          target: row.name,
          organizationId: row.id,
          action: "create",
          after: row,
        })
        yield* sessions.forgetUser(caller.userId)
        return row
      }),
    )
  })

  const write = (id: OrganizationId, change: OrganizationChange) =>
    run(
      Effect.gen(function* () {
        const before = Option.getOrUndefined(yield* rows.lock(id))
        if (before === undefined) return yield* notFound
        const after = Option.getOrUndefined(yield* rows.update(id, change).pipe(Effect.mapError(nameTaken)))
        if (after === undefined) return yield* notFound
        yield* audit.record({
          type: "organization",
          id,
          target: after.name,
          organizationId: id,
          action: "write",
          before,
          after,
        })
        return after
      }),
    )

  const update = Effect.fn("Organizations.update")(function* (
    caller: Caller,
    reference: string,
    request: UpdateOrganizationRequest,
  ) {
    const row = yield* get(caller, reference, "update")
    if (request.name?.toLowerCase() === "default" && !row.is_default) return yield* nameTaken()
    return yield* write(row.id, {
      ...(request.name !== undefined && { name: request.name }),
      ...(request.display_name !== undefined && { displayName: request.display_name.trim() || row.name }),
      ...(request.description !== undefined && { description: request.description }),
      ...(request.icon !== undefined && { icon: request.icon }),
    })
  })

  const remove = Effect.fn("Organizations.remove")(function* (caller: Caller, reference: string) {
    const row = yield* get(caller, reference, "delete")
    if (row.is_default) {
      return yield* new IdentityFieldInvalid({
        operation,
        field: "organization",
        message: "cannot be the default organization, which every deployment has",
      })
    }
    yield* run(
      Effect.gen(function* () {
        const before = Option.getOrUndefined(yield* rows.lock(row.id))
        if (before === undefined) return yield* notFound
        yield* rows.remove(row.id)
        yield* audit.record({
          type: "organization",
          id: row.id,
          target: row.name,
          organizationId: row.id,
          action: "delete",
          before,
        })
        yield* sessions.forgetAll
      }),
    )
  })

  const settingOf = (row: OrganizationRow): SharingSetting => ({
    effective: access.workspaceSharing ? row.shareable_workspace_owners : "none",
    switchedOff: !access.workspaceSharing,
  })

  const sharing = Effect.fn("Organizations.sharing")(function* (caller: Caller, reference: string) {
    return settingOf(yield* get(caller, reference))
  })

  /** Shares of workspaces that the new setting does not allow end with it, and do not come back with the old one. */
  const setSharing = Effect.fn("Organizations.setSharing")(function* (
    caller: Caller,
    reference: string,
    owners: WorkspaceSharing,
  ) {
    const row = yield* get(caller, reference, "update")
    const after = yield* write(row.id, { shareableWorkspaceOwners: owners })
    yield* sessions.forgetAll
    return settingOf(after)
  })

  return { get, list, create, update, remove, sharing, setSharing }
})

export class Organizations extends Context.Tag("troupe/Organizations")<
  Organizations,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(Organizations, make)
}

import { Context, Effect, Layer, Option } from "effect"
import type { CreateGroupRequest, UpdateGroupRequest } from "../contract/organizations.ts"
import type { GroupId, OrganizationId, UserId } from "../contract/ids.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { EVERYONE, type GroupRow, GroupRepository, isEveryone } from "../db/identity/groups.ts"
import { MemberRepository } from "../db/identity/members.ts"
import { Audit } from "./audit/audit.ts"
import { IdentityFieldInvalid, IdentityNameTaken, IdentityNotFound, NotAllowed } from "./errors.ts"
import type { Action } from "./objects.ts"
import { Organizations } from "./organizations.ts"
import { type Caller, can } from "./policy.ts"
import { Sessions } from "./sessions.ts"

const operation = "Groups"

const notFound = new IdentityNotFound({ operation, what: "group" })
const nameTaken = () => new IdentityNameTaken({ operation, field: "name" })
const invalid = (field: string, message: string) => new IdentityFieldInvalid({ operation, field, message })

const make = Effect.gen(function* () {
  const organizations = yield* Organizations
  const rows = yield* GroupRepository
  const members = yield* MemberRepository
  const sessions = yield* Sessions
  const { run } = yield* Transactions
  const audit = yield* Audit

  const may = (caller: Caller, action: Action<"group">, organizationId: OrganizationId) =>
    can(caller, action, { type: "group", organizationId })

  const refused = new NotAllowed({ operation, message: "Only administrators of groups may do this." })

  const visibleIn = Effect.fnUntraced(function* (caller: Caller, organizationId: OrganizationId) {
    const groups = yield* rows.list(organizationId)
    if (may(caller, "read", organizationId)) return groups
    const own = new Set((yield* rows.ofUser(caller.userId)).map(({ id }) => id))
    return groups.filter(({ id }) => own.has(id))
  })

  const list = Effect.fn("Groups.list")(function* (caller: Caller, reference: string) {
    const organization = yield* organizations.get(caller, reference)
    return yield* visibleIn(caller, organization.id)
  })

  /** Of all organizations that the caller may see groups of. */
  const listAll = Effect.fn("Groups.listAll")(function* (caller: Caller) {
    const all = yield* organizations.list(caller)
    const groups = yield* Effect.forEach(all, ({ id }) => visibleIn(caller, id))
    return groups.flat()
  })

  const visible = Effect.fnUntraced(function* (caller: Caller, group: GroupRow | undefined) {
    if (group === undefined) return yield* notFound
    if (may(caller, "read", group.organization_id)) return group
    const own = yield* rows.ofUser(caller.userId)
    return own.some(({ id }) => id === group.id) ? group : yield* notFound
  })

  const get = Effect.fn("Groups.get")(function* (caller: Caller, id: GroupId) {
    return yield* visible(caller, Option.getOrUndefined(yield* rows.findById(id)))
  })

  const getByName = Effect.fn("Groups.getByName")(function* (caller: Caller, reference: string, name: string) {
    const organization = yield* organizations.get(caller, reference)
    return yield* visible(caller, Option.getOrUndefined(yield* rows.findByName(organization.id, name)))
  })

  const changeable = Effect.fnUntraced(function* (caller: Caller, id: GroupId, action: Action<"group">) {
    const group = yield* get(caller, id)
    if (!may(caller, action, group.organization_id)) return yield* refused
    return group
  })

  const create = Effect.fn("Groups.create")(function* (caller: Caller, reference: string, request: CreateGroupRequest) {
    const organization = yield* organizations.get(caller, reference)
    if (!may(caller, "create", organization.id)) return yield* refused
    if (request.name.toLowerCase() === EVERYONE.toLowerCase()) return yield* nameTaken()
    return yield* run(
      Effect.gen(function* () {
        const id = yield* rows
          .insert({
            organizationId: organization.id,
            name: request.name,
            displayName: request.display_name?.trim() ?? "",
            avatarUrl: request.avatar_url ?? "",
          })
          .pipe(Effect.mapError(nameTaken))
        const row = yield* get(caller, id)
        yield* audit.record({
          type: "group",
          id,
          target: row.name,
          organizationId: organization.id,
          action: "create",
          after: row,
        })
        return row
      }),
    )
  })

  /** All of these are members of the organization. */
  const mustBelong = Effect.fnUntraced(function* (group: GroupRow, userIds: ReadonlyArray<UserId>) {
    const found = new Set(yield* members.among(group.organization_id, userIds))
    const stranger = userIds.find((id) => !found.has(id))
    if (stranger !== undefined) {
      return yield* invalid("add_users", `names an account that is no member of the organization: ${stranger}`)
    }
  })

  const update = Effect.fn("Groups.update")(function* (caller: Caller, id: GroupId, request: UpdateGroupRequest) {
    const group = yield* changeable(caller, id, "update")
    if (isEveryone(group))
      return yield* invalid("group", "cannot be that of everyone: its members are those of the organization")
    if (request.name?.toLowerCase() === EVERYONE.toLowerCase()) return yield* nameTaken()
    const add = [...new Set(request.add_users)]
    const remove = [...new Set(request.remove_users)]
    return yield* run(
      Effect.gen(function* () {
        if (!(yield* rows.lock(id))) return yield* notFound
        yield* mustBelong(group, add)
        yield* rows
          .update(id, {
            ...(request.name !== undefined && { name: request.name }),
            ...(request.display_name !== undefined && { displayName: request.display_name.trim() }),
            ...(request.avatar_url !== undefined && { avatarUrl: request.avatar_url }),
          })
          .pipe(Effect.mapError(nameTaken))
        yield* rows.addMembers(group, add)
        yield* rows.removeMembers(group, remove)
        const after = yield* get(caller, id)
        const moved = { added: add, removed: remove }
        yield* audit.record({
          type: "group",
          id,
          target: after.name,
          organizationId: group.organization_id,
          action: "write",
          before: group,
          after: add.length + remove.length === 0 ? after : { ...after, members: moved },
        })
        yield* Effect.forEach([...add, ...remove], sessions.forgetUser, { discard: true })
        return after
      }),
    )
  })

  const remove = Effect.fn("Groups.remove")(function* (caller: Caller, id: GroupId) {
    const group = yield* changeable(caller, id, "delete")
    if (isEveryone(group)) return yield* invalid("group", "cannot be that of everyone, which every organization has")
    yield* run(
      Effect.gen(function* () {
        if (!(yield* rows.lock(id))) return yield* notFound
        yield* rows.remove(id)
        yield* audit.record({
          type: "group",
          id,
          target: group.name,
          organizationId: group.organization_id,
          action: "delete",
          before: group,
        })
        yield* sessions.forgetAll
      }),
    )
  })

  const membersOf = (group: GroupRow, page: { readonly limit: number; readonly offset: number }) =>
    rows.members(group, page)

  return { list, listAll, get, getByName, create, update, remove, membersOf }
})

/** Groups of an organization's members. */
export class Groups extends Context.Tag("troupe/Groups")<Groups, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Groups, make)
}

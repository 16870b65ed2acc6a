import { Context, Data, Effect, Layer, Option } from "effect"
import type { ChatId } from "../contract/ids.ts"
import type { UpdateChatAclRequest } from "../contract/sharing.ts"
import { ChatFeed } from "../actors/streams/chat-feed.ts"
import { ChatForbidden, ChatHidden, InvalidInput } from "../actors/chat/commands/refusals.ts"
import { type ChatAclRow, ChatSharingRows } from "../db/chats/sharing.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { afterCommit } from "../db/engine/transaction.ts"
import { Audit } from "../identity/audit/audit.ts"
import { chatTarget } from "../identity/audit/audited.ts"
import { isUuid } from "../identity/references.ts"
import { type Caller, can } from "../identity/policy.ts"
import { Settings } from "../settings.ts"
import { ChatAccess } from "./access.ts"

/** The deployment has switched sharing off. */
export class SharingOff extends Data.TaggedError("SharingOff")<{ readonly chatId: ChatId }> {}

const READ = "read"
type Roles = Readonly<Record<string, string>>

/** The list after the change: roles that are given, without those that are taken away. */
const changed = (before: Roles, change: Roles | undefined): Roles => {
  const after = new Map(Object.entries(before))
  for (const [id, role] of Object.entries(change ?? {})) {
    if (role === "") after.delete(id.toLowerCase())
    else after.set(id.toLowerCase(), role)
  }
  return Object.fromEntries(after)
}

const make = Effect.gen(function* () {
  const access = yield* ChatAccess
  const rows = yield* ChatSharingRows
  const feed = yield* ChatFeed
  const audit = yield* Audit
  const { run } = yield* Transactions
  const { access: settings } = yield* Settings

  /** The root, for who sees it. */
  const found = Effect.fnUntraced(function* (caller: Caller, chatId: ChatId) {
    yield* access.check(caller, chatId, "read")
    if (!settings.chatSharing) return yield* new SharingOff({ chatId })
    const row = Option.getOrUndefined(yield* rows.find(chatId))
    if (row === undefined) return yield* new ChatHidden({ chatId })
    if (row.parent_chat_id !== null) {
      return yield* new InvalidInput({
        field: "chat",
        message: `must be the root of its family, which is ${row.root_chat_id ?? row.parent_chat_id}`,
      })
    }
    return row
  })

  const get = Effect.fn("ChatSharing.get")(function* (caller: Caller, chatId: ChatId) {
    const row = yield* found(caller, chatId)
    const { organization_id: organizationId } = row
    const users = yield* rows.users(organizationId, Object.keys(row.user_acl))
    const groups = yield* rows.groups(organizationId, Object.keys(row.group_acl))
    return { users, groups }
  })

  const invalid = (field: string, message: string) => new InvalidInput({ field, message })

  /** Whom the change gives a role must be there to get it; whom it takes one from may be gone. */
  const checkNames = Effect.fnUntraced(function* (row: ChatAclRow, { user_roles, group_roles }: UpdateChatAclRequest) {
    for (const [field, roles] of [
      ["user_roles", user_roles],
      ["group_roles", group_roles],
    ] as const) {
      for (const [id, role] of Object.entries(roles ?? {})) {
        if (!isUuid(id)) return yield* invalid(field, "must name accounts and groups by their ids")
        if (role !== READ && role !== "") return yield* invalid(field, "can give the role read only")
      }
    }
    const given = (roles: Roles = {}) =>
      Object.entries(roles).flatMap(([id, role]) => (role === "" ? [] : [id.toLowerCase()]))
    const users = given(user_roles)
    if (users.includes(row.owner_id)) return yield* invalid("user_roles", "cannot name the owner of the chat")
    const known = new Set<string>((yield* rows.users(row.organization_id, users)).map(({ id }) => id))
    const stranger = users.find((id) => !known.has(id))
    if (stranger !== undefined) {
      return yield* invalid("user_roles", `names an account that is no member of the chat's organization: ${stranger}`)
    }
    const groups = given(group_roles)
    const there = new Set<string>((yield* rows.groups(row.organization_id, groups)).map(({ id }) => id))
    const unknown = groups.find((id) => !there.has(id))
    if (unknown !== undefined) {
      return yield* invalid("group_roles", `names a group that the chat's organization does not have: ${unknown}`)
    }
  })

  const update = Effect.fn("ChatSharing.update")(function* (
    caller: Caller,
    chatId: ChatId,
    request: UpdateChatAclRequest,
  ) {
    const seen = yield* found(caller, chatId)
    const facts = { ownerId: seen.owner_id, organizationId: seen.organization_id }
    if (!can(caller, "share", { type: "chat", ...facts })) {
      return yield* new ChatForbidden({ message: "Only the owner of this chat and administrators may share it." })
    }
    yield* checkNames(seen, request)
    yield* run(
      Effect.gen(function* () {
        const before = Option.getOrUndefined(yield* rows.lock(chatId))
        if (before === undefined) return yield* new ChatHidden({ chatId })
        const after = {
          user_acl: changed(before.user_acl, request.user_roles),
          group_acl: changed(before.group_acl, request.group_roles),
        }
        yield* rows.write(chatId, after)
        yield* audit.record({
          type: "chat",
          id: chatId,
          target: chatTarget(chatId),
          organizationId: before.organization_id,
          action: "write",
          before,
          after: { ...before, ...after },
        })
        yield* afterCommit(Effect.sync(() => feed.publish({ kind: "title_change", chatId, ownerId: before.owner_id })))
      }),
    )
  })

  return { get, update }
})

/** Sharing a chat with people and groups, who read it and no more. */
export class ChatSharing extends Context.Tag("troupe/ChatSharing")<ChatSharing, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatSharing, make)
}

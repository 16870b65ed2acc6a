import { Context, Data, Effect, Layer, Option } from "effect"
import type { PatchChatRequest } from "../contract/chats.ts"
import { ChatAttributes } from "../db/chat-attributes.ts"
import { ChatFamilies } from "../db/chat-families.ts"
import type { ChatListRow } from "../db/chat-reads.ts"
import { Receipts } from "../db/receipts.ts"
import { WorkspaceRepository } from "../db/workspaces.ts"
import type { Actor } from "../identity/policy.ts"
import { CHAT_MACHINE_VERSION } from "../machines/chat-setup.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./chat-access.ts"
import { ChatFeed } from "./chat-feed.ts"
import { ChatHost } from "./chat-host.ts"
import { InvalidInput } from "./input-parts.ts"

/** A member of the family works, so it cannot be archived. */
export class FamilyActive extends Data.TaggedError("FamilyActive")<{ readonly chatId: string }> {}

const TITLE_CHARACTERS = 200
const ZERO_UUID = "00000000-0000-0000-0000-000000000000"

const invalid = (field: string, message: string) => new InvalidInput({ field, message })

const make = Effect.gen(function* () {
  const access = yield* ChatAccess
  const attributes = yield* ChatAttributes
  const families = yield* ChatFamilies
  const workspaces = yield* WorkspaceRepository
  const host = yield* ChatHost
  const feed = yield* ChatFeed
  const receipts = yield* Receipts
  /** A repeat waits for the first. Patches with an Idempotency-Key are few and short, so they wait for all others too. */
  const keyed = yield* Effect.makeSemaphore(1)

  const setTitle = (row: ChatListRow, given: string) =>
    Effect.gen(function* () {
      const title = given.trim()
      if (title === "") return yield* invalid("title", "must not be empty")
      if ([...title].length > TITLE_CHARACTERS) {
        return yield* invalid("title", `must have at most ${TITLE_CHARACTERS} characters`)
      }
      if (yield* attributes.setTitle(row.id, title)) {
        feed.publish({ kind: "title_change", chatId: row.id, ownerId: row.owner_id })
      }
    })

  const setArchived = (actor: Actor, row: ChatListRow, archived: boolean) =>
    Effect.gen(function* () {
      if (row.parent_chat_id !== null) return yield* invalid("archived", "can be set on the root of a family only")
      const done = yield* families.setArchived(row.id, archived, actor.userId, CHAT_MACHINE_VERSION)
      if ("reason" in done) {
        if (done.reason === "active") return yield* new FamilyActive({ chatId: row.id })
        return yield* invalid("archived", archived ? "is set already" : "is not set")
      }
      for (const chatId of done) {
        yield* host.forget(chatId)
        feed.publish({ kind: archived ? "deleted" : "created", chatId, ownerId: row.owner_id })
      }
    })

  const setPin = (row: ChatListRow, order: number) =>
    Effect.gen(function* () {
      if (order > 0 && row.archived) return yield* invalid("pin_order", "cannot be set on an archived chat")
      if (order > 0 && row.parent_chat_id !== null) return yield* invalid("pin_order", "can be set on a root chat only")
      yield* attributes.setPin(row.id, row.owner_id, order)
    })

  const setWorkspace = (row: ChatListRow, workspaceId: string) =>
    Effect.gen(function* () {
      if (workspaceId === ZERO_UUID) return yield* attributes.setWorkspace(row.id, null)
      const found = Option.getOrUndefined(yield* workspaces.find(workspaceId))
      if (found?.owner_id !== row.owner_id || found.organization_id !== row.organization_id) {
        return yield* invalid("workspace_id", "is no workspace that this chat can use")
      }
      yield* attributes.setWorkspace(row.id, workspaceId)
    })

  const setPlanMode = (actor: Actor, row: ChatListRow, plan: boolean) =>
    row.plan_mode === plan
      ? Effect.void
      : host.send(row.id, {
          event: () => Effect.succeed({ type: "SetMode", mode: plan ? "plan" : "normal" } as const),
          actorUserId: actor.userId,
          receipt: null,
        })

  const write = (actor: Actor, chatId: string, request: PatchChatRequest) =>
    Effect.gen(function* () {
      const load = access.load(actor, chatId, "update")
      if (request.title !== undefined) yield* setTitle(yield* load, request.title)
      if (request.labels !== undefined) yield* attributes.setLabels((yield* load).id, request.labels)
      if (request.archived !== undefined) yield* setArchived(actor, yield* load, request.archived)
      if (request.pin_order !== undefined) yield* setPin(yield* load, request.pin_order)
      if (request.workspace_id !== undefined) yield* setWorkspace(yield* load, request.workspace_id)
      if (request.plan_mode !== undefined) yield* setPlanMode(actor, yield* load, request.plan_mode === "plan")
      yield* load
    })

  /** Each field is a write of its own, in this order; one that fails leaves the earlier ones done. */
  const patch = Effect.fn("ChatSettings.patch")(function* (
    actor: Actor,
    chatId: string,
    request: PatchChatRequest,
    idempotency?: Idempotency,
  ) {
    const receipt = receiptFor(actor, idempotency)
    if (receipt === null) return yield* write(actor, chatId, request)
    const once = access
      .notRepeated(receipt)
      .pipe(
        Effect.zipRight(write(actor, chatId, request)),
        Effect.zipRight(receipts.insert(receipt, chatId).pipe(Effect.orDie)),
      )
    yield* keyed
      .withPermits(1)(once)
      .pipe(Effect.catchTag("Repeated", () => access.load(actor, chatId, "update")))
  })

  return { patch }
})

export class ChatSettings extends Context.Tag("troupe/ChatSettings")<
  ChatSettings,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(ChatSettings, make)
}

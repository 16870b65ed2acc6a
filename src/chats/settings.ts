import { Context, Data, Effect, Layer, Option } from "effect"
import type { PatchChatRequest } from "../contract/chats.ts"
import { type ChatId, type WorkspaceId, ZERO_UUID } from "../contract/ids.ts"
import { ChatAttributes } from "../db/chats/attributes.ts"
import { ChatFamilies } from "../db/chats/families.ts"
import type { CommandReceipt } from "../db/chats/store/receipt.ts"
import type { ChatDetailRow } from "../db/chats/shown-chats.ts"
import { storable } from "../db/engine/jsonb.ts"
import { Receipts } from "../db/chats/receipts.ts"
import { afterCommit, afterTransaction } from "../db/engine/transaction.ts"
import { WorkspaceRepository } from "../db/workspaces/workspaces.ts"
import type { Caller } from "../identity/policy.ts"
import { CHAT_MACHINE_VERSION } from "../machines/chat-setup.ts"
import { KeyReused, notRepeated } from "../actors/chat/commands/receipt.ts"
import { InvalidInput } from "../actors/chat/commands/refusals.ts"
import { setMode } from "../actors/chat/commands/set-mode.ts"
import { setToolPolicy } from "../actors/chat/commands/set-tool-policy.ts"
import { Audit } from "../identity/audit/audit.ts"
import { type AuditedRow, chatTarget } from "../identity/audit/audited.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { ChatAccess } from "./access.ts"
import { CommandRunner, neverFull } from "./command-runner.ts"
import { type Idempotency, receiptFor } from "./idempotency.ts"
import { ChatFeed } from "../actors/streams/chat-feed.ts"
import { ChatHost } from "../actors/host/chat-host.ts"

/** A member of the family works, so it cannot be archived. */
export class FamilyActive extends Data.TaggedError("FamilyActive")<{ readonly chatId: ChatId }> {}

type Rules = NonNullable<PatchChatRequest["tool_policy"]>

const TITLE_CHARACTERS = 200

const invalid = (field: string, message: string) => new InvalidInput({ field, message })

const make = Effect.gen(function* () {
  const access = yield* ChatAccess
  const { give } = yield* CommandRunner
  const attributes = yield* ChatAttributes
  const families = yield* ChatFamilies
  const workspaces = yield* WorkspaceRepository
  const host = yield* ChatHost
  const feed = yield* ChatFeed
  const receipts = yield* Receipts
  const audit = yield* Audit
  const { run } = yield* Transactions

  const publish = (kind: "title_change" | "created" | "deleted", chatId: ChatId, row: ChatDetailRow) =>
    afterCommit(Effect.sync(() => feed.publish({ kind, chatId, ownerId: row.owner_id })))

  /** The write of one attribute, in one transaction with the record of it. */
  const recorded = <A, E>(row: ChatDetailRow, after: AuditedRow<"chat">, write: Effect.Effect<A, E>) =>
    run(
      Effect.tap(write, () =>
        audit.record({
          type: "chat",
          id: row.id,
          target: chatTarget(row.id),
          organizationId: row.organization_id,
          action: "write",
          before: row,
          after: { ...row, ...after },
        }),
      ),
    )

  const setTitle = (row: ChatDetailRow, given: string) =>
    Effect.gen(function* () {
      const title = storable(given.trim())
      if (title === "") return yield* invalid("title", "must not be empty")
      if ([...title].length > TITLE_CHARACTERS) {
        return yield* invalid("title", `must have at most ${TITLE_CHARACTERS} characters`)
      }
      const isNew = yield* recorded(row, { title }, attributes.setTitle(row.id, title))
      if (isNew) yield* publish("title_change", row.id, row)
    })

  const setLabels = (row: ChatDetailRow, labels: Readonly<Record<string, string>>) =>
    recorded(row, { labels }, attributes.setLabels(row.id, labels))

  const setArchived = (caller: Caller, row: ChatDetailRow, archived: boolean) =>
    Effect.gen(function* () {
      if (row.parent_chat_id !== null) return yield* invalid("archived", "can be set on the root of a family only")
      const archive = Effect.gen(function* () {
        const done = yield* families.setArchived(row.id, archived, caller.userId, CHAT_MACHINE_VERSION)
        if (!("reason" in done)) return done
        if (done.reason === "active") return yield* new FamilyActive({ chatId: row.id })
        return yield* invalid("archived", archived ? "is set already" : "is not set")
      })
      const done = yield* recorded(row, { archived }, archive)
      for (const chatId of done) {
        yield* afterTransaction(host.forget(chatId))
        yield* publish(archived ? "deleted" : "created", chatId, row)
      }
    })

  const setPin = (row: ChatDetailRow, order: number) =>
    Effect.gen(function* () {
      if (order > 0 && row.archived) return yield* invalid("pin_order", "cannot be set on an archived chat")
      if (order > 0 && row.parent_chat_id !== null) return yield* invalid("pin_order", "can be set on a root chat only")
      yield* recorded(row, { pin_order: order }, attributes.setPin(row.id, row.owner_id, order))
    })

  const setWorkspace = (row: ChatDetailRow, workspaceId: WorkspaceId) =>
    Effect.gen(function* () {
      const set = (id: WorkspaceId | null) => recorded(row, { workspace_id: id }, attributes.setWorkspace(row.id, id))
      if (workspaceId === ZERO_UUID) return yield* set(null)
      const found = Option.getOrUndefined(yield* workspaces.find(workspaceId))
      if (found?.owner_id !== row.owner_id || found.organization_id !== row.organization_id) {
        return yield* invalid("workspace_id", "is no workspace that this chat can use")
      }
      yield* set(workspaceId)
    })

  const setRules = (caller: Caller, chatId: ChatId, rules: Rules, receipt: CommandReceipt | null) =>
    neverFull(give(setToolPolicy, { caller, chatId }, receipt, { rules })).pipe(
      Effect.catchTag("Repeated", () => Effect.void),
      Effect.asVoid,
    )

  /** The receipt is written by the commit of the transition; without one, where the mode is that already, by itself. */
  const setPlanMode = (caller: Caller, row: ChatDetailRow, plan: boolean, receipt: CommandReceipt | null) => {
    if (row.plan_mode !== plan) {
      const fields = { mode: plan ? "plan" : "normal", forMessage: null } as const
      return neverFull(give(setMode, { caller, chatId: row.id }, receipt, fields)).pipe(
        Effect.catchTag("Repeated", () => Effect.void),
        Effect.asVoid,
      )
    }
    return receipt === null ? Effect.void : receipts.insert(receipt, row.id).pipe(Effect.orDie)
  }

  /** All but the mode and the rules, which are the chat actor's. */
  const setAttributes = (caller: Caller, chatId: ChatId, request: PatchChatRequest) =>
    Effect.gen(function* () {
      const load = access.load(caller, chatId, "update")
      if (request.title !== undefined) yield* setTitle(yield* load, request.title)
      if (request.labels !== undefined) yield* setLabels(yield* load, request.labels)
      if (request.archived !== undefined) yield* setArchived(caller, yield* load, request.archived)
      if (request.pin_order !== undefined) yield* setPin(yield* load, request.pin_order)
      if (request.workspace_id !== undefined) yield* setWorkspace(yield* load, request.workspace_id)
    })

  /** The attributes in one transaction with a receipt; nothing where an earlier or a simultaneous call has left it. */
  const setAttributesOnce = (caller: Caller, chatId: ChatId, request: PatchChatRequest, receipt: CommandReceipt) =>
    receipts.exclusively(
      [receipt.userId, receipt.scope, receipt.key],
      Effect.gen(function* () {
        const earlier = yield* receipts.claim(receipt)
        if (Option.isNone(earlier)) return yield* setAttributes(caller, chatId, request)
        if (earlier.value.request_hash !== receipt.requestHash) return yield* new KeyReused({ key: receipt.key })
      }),
    )

  const patchOnce = (caller: Caller, chatId: ChatId, request: PatchChatRequest, receipt: CommandReceipt) =>
    Effect.gen(function* () {
      yield* notRepeated(receipts, receipt)
      const { plan_mode: mode, tool_policy: rules } = request
      // Several commits, so several receipts: a repeat after a crash in between finds what is done, and does the rest.
      const earlier = (what: string) => ({ ...receipt, scope: `${receipt.scope} ${what}` })
      const onlyAttributes = mode === undefined && rules === undefined
      yield* setAttributesOnce(caller, chatId, request, onlyAttributes ? receipt : earlier("attributes"))
      if (mode !== undefined) {
        const row = yield* access.load(caller, chatId, "update")
        yield* setPlanMode(caller, row, mode === "plan", rules === undefined ? receipt : earlier("mode"))
      }
      if (rules !== undefined) yield* setRules(caller, chatId, rules, receipt)
    }).pipe(Effect.catchTag("Repeated", () => Effect.void))

  /**
   * Each field is a write of its own, in this order; one that fails leaves the earlier ones done. With an Idempotency-Key all
   * but the mode and the rules are one write, and one that fails leaves nothing. The rules are the owner's alone, so that whoever
   * is not leaves nothing done.
   */
  const patch = Effect.fn("ChatSettings.patch")(function* (
    caller: Caller,
    chatId: ChatId,
    request: PatchChatRequest,
    idempotency?: Idempotency,
  ) {
    const load = access.load(caller, chatId, "update")
    yield* load
    if (request.tool_policy !== undefined) yield* access.check(caller, chatId, "approve")
    const receipt = receiptFor(caller, idempotency)
    if (receipt !== null) return yield* patchOnce(caller, chatId, request, receipt)
    yield* setAttributes(caller, chatId, request)
    if (request.plan_mode !== undefined) yield* setPlanMode(caller, yield* load, request.plan_mode === "plan", null)
    if (request.tool_policy !== undefined) yield* setRules(caller, chatId, request.tool_policy, null)
  })

  return { patch }
})

export class ChatSettings extends Context.Tag("troupe/ChatSettings")<
  ChatSettings,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(ChatSettings, make)
}

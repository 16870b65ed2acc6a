import { Context, Effect, Either, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { CreateChatRequest, InterruptRequest, RetryRequest, SendMessageRequest } from "../contract/chats.ts"
import { type ChatId, type OrganizationId, type WorkspaceId, ZERO_UUID } from "../contract/ids.ts"
import type { CommandReceipt } from "../db/chats/store/receipt.ts"
import { ChatFamilies } from "../db/chats/families.ts"
import { ChatReads } from "../db/chats/reads.ts"
import type { ChatListRow } from "../db/chats/shown-chats.ts"
import { Receipts } from "../db/chats/receipts.ts"
import { WorkspaceRepository } from "../db/workspaces/workspaces.ts"
import { type Caller, can } from "../identity/policy.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import { ModelCatalog, type ModelNotUsable } from "../models/catalog.ts"
import { systemMessages } from "../turn/system-prompt.ts"
import { fallbackTitle } from "../turn/title.ts"
import { ChatFeed } from "../actors/streams/chat-feed.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import type { CommandFailure } from "../actors/chat/commands/chat-command.ts"
import { interrupt as stop } from "../actors/chat/commands/interrupt.ts"
import { notRepeated, type Repeated } from "../actors/chat/commands/receipt.ts"
import { ChatForbidden, InvalidInput } from "../actors/chat/commands/refusals.ts"
import { retry as tryAgain } from "../actors/chat/commands/retry.ts"
import { sendMessage } from "../actors/chat/commands/send-message.ts"
import { setMode } from "../actors/chat/commands/set-mode.ts"
import { Audit } from "../identity/audit/audit.ts"
import { chatTarget } from "../identity/audit/audited.ts"
import { ChatAccess } from "./access.ts"
import { chosenModel } from "./chosen-model.ts"
import { CommandRunner, neverFull } from "./command-runner.ts"
import { type Idempotency, receiptFor } from "./idempotency.ts"
import { inputParts, noMcpServers } from "./input-parts.ts"

/** Beginning a chat and talking in it: who may, what it means, and the command that it becomes. */

/** What a command of a chat may end in; one that was carried out before is answered as it was then. */
export type ChatsError = Exclude<CommandFailure, Repeated> | ModelNotUsable

const distinctNames = (tools: ReadonlyArray<{ readonly name: string }>): boolean =>
  new Set(tools.map((tool) => tool.name)).size === tools.length

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const runner = yield* CommandRunner
  const access = yield* ChatAccess
  const reads = yield* ChatReads
  const models = yield* ModelCatalog
  const workspaces = yield* WorkspaceRepository
  const feed = yield* ChatFeed
  const families = yield* ChatFamilies
  const receipts = yield* Receipts
  const audit = yield* Audit

  /** One answer for a workspace that does not exist, is somebody else's, or is of another organization. */
  const checkWorkspace = (caller: Caller, organizationId: OrganizationId, workspaceId: WorkspaceId | undefined) =>
    Effect.gen(function* () {
      if (workspaceId === undefined) return
      const found = Option.getOrUndefined(yield* workspaces.find(workspaceId))
      if (found?.owner_id === caller.userId && found.organization_id === organizationId) return
      return yield* new InvalidInput({ field: "workspace_id", message: "is no workspace that you can use here" })
    })

  const create = Effect.fnUntraced(
    function* (caller: Caller, request: CreateChatRequest, idempotency?: Idempotency) {
      const organizationId = request.organization_id
      if (organizationId === ZERO_UUID) {
        return yield* new InvalidInput({ field: "organization_id", message: "must name an organization" })
      }
      if (!can(caller, "create", { type: "chat", ownerId: caller.userId, organizationId })) {
        const message = "You may not create chats in this organization. Ask an administrator."
        return yield* new ChatForbidden({ message })
      }
      const receipt = receiptFor(caller, idempotency)
      // First: what was carried out once is answered so, whatever has become of its model or workspace.
      yield* notRepeated(receipts, receipt)
      const content = yield* inputParts(request.content)
      if (!distinctNames(request.unsafe_dynamic_tools ?? [])) {
        return yield* new InvalidInput({ field: "unsafe_dynamic_tools", message: "must have names that differ" })
      }
      yield* noMcpServers(request.mcp_server_ids)
      yield* checkWorkspace(caller, organizationId, request.workspace_id)
      const model = yield* models.resolve(request.model_config_id ?? null, caller.userId)
      const messages: ReadonlyArray<NewMessage> = [
        ...systemMessages({ callerPrompt: request.system_prompt, hasWorkspace: request.workspace_id !== undefined }),
        { role: "user", visibility: "both", content, modelConfigId: model.modelConfigId, createdBy: caller.userId },
      ]
      const planMode = request.plan_mode === "plan"
      const id = randomUUID()
      const labels = request.labels ?? {}
      const creation = host.create({
        id,
        audit: yield* audit.entry({
          type: "chat",
          id,
          target: chatTarget(id),
          organizationId,
          action: "create",
          after: { title: "set", labels, workspace_id: request.workspace_id ?? null },
        }),
        ownerId: caller.userId,
        organizationId,
        title: fallbackTitle(content),
        clientType: request.client_type ?? "api",
        modelConfigId: model.modelConfigId,
        planMode,
        labels,
        mcpServerIds: [],
        dynamicTools: request.unsafe_dynamic_tools ?? [],
        toolPolicy: request.tool_policy ?? [],
        workspaceId: request.workspace_id ?? null,
        messages,
        receipt,
      })
      // Of two requests with one key the second has waited for the first, and finds its receipt.
      const firstOfTwo = notRepeated(receipts, receipt).pipe(
        Effect.zipRight(Effect.dieMessage("a receipt has disappeared")),
      )
      const { state } = yield* creation.pipe(Effect.catchTag("ReceiptTaken", () => firstOfTwo))
      feed.publish({ kind: "created", chatId: state.row.id, ownerId: caller.userId })
      const row: ChatListRow = {
        ...state.row,
        owner_username: caller.username,
        owner_name: "",
        has_unread: false,
        shared: false,
        // The chat is there, whatever becomes of this question.
        queue_position: yield* reads.queuePositionOf(state.row.id).pipe(Effect.orElseSucceed(() => null)),
      }
      return row
    },
    (effect, caller) =>
      effect.pipe(Effect.catchTag("Repeated", (repeated) => access.load(caller, repeated.chatId ?? "", "read"))),
  )

  const send = Effect.fn("Chats.send")(
    (caller: Caller, chatId: ChatId, request: SendMessageRequest, idempotency?: Idempotency) =>
      runner.runSending(sendMessage, { caller, chatId, idempotency }, (chat, receipt) =>
        Effect.gen(function* () {
          const content = yield* inputParts(request.content)
          yield* noMcpServers(request.mcp_server_ids)
          const modelConfigId = yield* chosenModel(models, request.model_config_id, caller.userId)
          const busyBehavior = request.busy_behavior ?? "queue"
          const planMode = request.plan_mode === undefined ? chat.plan_mode : request.plan_mode === "plan"
          if (planMode !== chat.plan_mode) {
            // Counts for the chat at once, whether the message has to wait or not.
            const mode = planMode ? "plan" : "normal"
            yield* runner.give(setMode, { caller, chatId }, null, { mode, forMessage: { busyBehavior, receipt } })
          }
          return { busyBehavior, content, modelConfigId }
        }),
      ),
  )

  /** It is enough that one chat of the family is at work. */
  const stopFamily = Effect.fnUntraced(function* (caller: Caller, chatId: ChatId, receipt: CommandReceipt | null) {
    const own = yield* Effect.either(neverFull(runner.give(stop, { caller, chatId }, receipt, {})))
    if (Either.isLeft(own) && own.left._tag !== "CommandRefused") return yield* own.left
    const below = yield* families.workingBelow(chatId)
    const stopped = yield* Effect.forEach(
      below,
      (id) => Effect.option(runner.give(stop, { caller, chatId: id }, null, {})),
      { concurrency: 4 },
    )
    if (Either.isRight(own)) return
    if (!stopped.some(Option.isSome)) return yield* own.left
    if (receipt !== null) yield* receipts.insert(receipt, chatId).pipe(Effect.orDie)
  })

  /** With `cascade` the chats below it stop as well. */
  const interrupt = Effect.fn("Chats.interrupt")(function* (
    caller: Caller,
    chatId: ChatId,
    request: InterruptRequest,
    idempotency?: Idempotency,
  ) {
    const call = { caller, chatId, idempotency }
    yield* request.cascade === true
      ? runner.once(
          call,
          stop.permission,
          (_chat, receipt) => stopFamily(caller, chatId, receipt),
          () => Effect.void,
        )
      : runner.run(stop, call, () => Effect.succeed({}))
    return yield* access.load(caller, chatId, "read")
  })

  /** Without a message: the turn that failed goes on from the last one. */
  const retry = Effect.fn("Chats.retry")(function* (
    caller: Caller,
    chatId: ChatId,
    request: RetryRequest,
    idempotency?: Idempotency,
  ) {
    yield* runner.run(tryAgain, { caller, chatId, idempotency }, () =>
      Effect.map(chosenModel(models, request.model_config_id, caller.userId), (modelConfigId) => ({ modelConfigId })),
    )
    return yield* access.load(caller, chatId, "read")
  })

  return { create, send, interrupt, retry }
})

export class Chats extends Context.Tag("troupe/Chats")<Chats, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Chats, make)
}

import { Context, Effect, Layer, Option } from "effect"
import { randomUUID } from "node:crypto"
import { ZERO_UUID } from "../contract/ids.ts"
import type { CreateChatRequest, InterruptRequest, SendMessageRequest } from "../contract/chats.ts"
import type { CommandReceipt } from "../db/chats/commit.ts"
import { ChatFamilies } from "../db/chats/families.ts"
import { type ChatFacts, type ChatListRow, ChatReads } from "../db/chats/reads.ts"
import type { MessageRow, QueuedRow } from "../db/chats/rows.ts"
import { Receipts } from "../db/chats/receipts.ts"
import { WorkspaceRepository } from "../db/workspaces.ts"
import { type Actor, can } from "../identity/policy.ts"
import type { ChatMachineEvent, NewMessage } from "../machines/chat-events.ts"
import { CHAT_MACHINE_VERSION, initialContext } from "../machines/chat-setup.ts"
import { activityOf, decide, unborn } from "../machines/chat-state.ts"
import { ModelCatalog, type ModelNotUsable } from "../providers/model-access.ts"
import { systemMessages } from "../turn/system-prompt.ts"
import { fallbackTitle } from "../turn/title.ts"
import {
  ChatAccess,
  ChatForbidden,
  type ChatHidden,
  type Idempotency,
  type KeyReused,
  type Repeated,
  receiptFor,
} from "./access.ts"
import { ChatFeed } from "../actors/streams/chat-feed.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { type CommandError, refusalOf } from "../actors/chat/commands.ts"
import { inputParts, InvalidInput, noMcpServers } from "./input-parts.ts"
import { machineState } from "../actors/chat/machine-state.ts"

/** Beginning a chat and talking in it: who may, what it means, and the command that it becomes. */

export type ChatsError = ChatHidden | ChatForbidden | KeyReused | InvalidInput | ModelNotUsable | CommandError

export interface Sent {
  readonly message: MessageRow | undefined
  readonly queued: QueuedRow | undefined
}

const distinctNames = (tools: ReadonlyArray<{ readonly name: string }>): boolean =>
  new Set(tools.map((tool) => tool.name)).size === tools.length

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess
  const reads = yield* ChatReads
  const models = yield* ModelCatalog
  const workspaces = yield* WorkspaceRepository
  const feed = yield* ChatFeed
  const families = yield* ChatFamilies
  const receipts = yield* Receipts

  /** One answer for a workspace that does not exist, is somebody else's, or is of another organization. */
  const checkWorkspace = (actor: Actor, organizationId: string, workspaceId: string | undefined) =>
    Effect.gen(function* () {
      if (workspaceId === undefined) return
      const found = Option.getOrUndefined(yield* workspaces.find(workspaceId))
      if (found?.owner_id === actor.userId && found.organization_id === organizationId) return
      return yield* new InvalidInput({ field: "workspace_id", message: "is no workspace that you can use here" })
    })

  const create = Effect.fn("Chats.create")(
    function* (actor: Actor, request: CreateChatRequest, idempotency?: Idempotency) {
      const organizationId = request.organization_id
      if (organizationId === ZERO_UUID) {
        return yield* new InvalidInput({ field: "organization_id", message: "must name an organization" })
      }
      if (!can(actor, "create", { type: "chat", ownerId: actor.userId, organizationId })) {
        const message = "You may not create chats in this organization. Ask an administrator."
        return yield* new ChatForbidden({ message })
      }
      const receipt = receiptFor(actor, idempotency)
      // First: what was carried out once is answered so, whatever has become of its model or workspace.
      yield* access.notRepeated(receipt)
      const content = yield* inputParts(request.content)
      if (!distinctNames(request.unsafe_dynamic_tools ?? [])) {
        return yield* new InvalidInput({ field: "unsafe_dynamic_tools", message: "must have names that differ" })
      }
      yield* noMcpServers(request.mcp_server_ids)
      yield* checkWorkspace(actor, organizationId, request.workspace_id)
      const model = yield* models.resolve(request.model_config_id ?? null, actor.userId)
      const messages: ReadonlyArray<NewMessage> = [
        ...systemMessages({ callerPrompt: request.system_prompt, hasWorkspace: request.workspace_id !== undefined }),
        { role: "user", visibility: "both", content, modelConfigId: model.modelConfigId, createdBy: actor.userId },
      ]
      const planMode = request.plan_mode === "plan"
      const born = decide(unborn(planMode ? "plan" : "normal", initialContext), { type: "Create", messages })
      if (born === undefined) return yield* Effect.dieMessage("the machine refused to create a chat")
      const creation = host.create({
        id: randomUUID(),
        ownerId: actor.userId,
        organizationId,
        title: fallbackTitle(content),
        clientType: request.client_type ?? "api",
        modelConfigId: model.modelConfigId,
        planMode,
        labels: request.labels ?? {},
        mcpServerIds: [],
        dynamicTools: request.unsafe_dynamic_tools ?? [],
        toolPolicy: request.tool_policy ?? [],
        workspaceId: request.workspace_id ?? null,
        activity: activityOf(born.next.value),
        resume: born.next.context.resume,
        attempt: born.next.context.attempt,
        messages,
        journal: {
          event: "Create",
          detail: { model_config_id: model.modelConfigId, plan_mode: planMode },
          fromActivity: "none",
          actorUserId: actor.userId,
          startedAtUs: performance.now() * 1000,
        },
        machineVersion: CHAT_MACHINE_VERSION,
        receipt,
      })
      // Of two requests with one key the second has waited for the first, and finds its receipt.
      const firstOfTwo = access
        .notRepeated(receipt)
        .pipe(Effect.zipRight(Effect.dieMessage("a receipt has disappeared")))
      const { state } = yield* creation.pipe(Effect.catchTag("ReceiptTaken", () => firstOfTwo))
      feed.publish({ kind: "created", chatId: state.row.id, ownerId: actor.userId })
      const row: ChatListRow = {
        ...state.row,
        owner_username: actor.username,
        owner_name: "",
        has_unread: false,
        // The chat is there, whatever becomes of this question.
        queue_position: yield* reads.queuePositionOf(state.row.id).pipe(Effect.orElseSucceed(() => null)),
      }
      return row
    },
    (effect, actor) =>
      effect.pipe(Effect.catchTag("Repeated", ({ receipt: { chat_id } }) => access.load(actor, chat_id ?? "", "read"))),
  )

  const sentBefore = (chatId: string, { receipt: { result } }: Repeated) =>
    Effect.all([
      reads.messagesById(chatId, result.message_ids ?? []),
      reads.queuedById(chatId, result.queued_ids ?? []),
    ]).pipe(
      Effect.orDie,
      Effect.map(([messages, queued]): Sent => ({
        message: queued.length > 0 ? undefined : messages.at(-1),
        queued: queued.at(-1),
      })),
    )

  /** What takes more than one commit: simultaneous calls of one key wait for the first. */
  const alone = <A, E, R>(receipt: CommandReceipt | null, effect: Effect.Effect<A, E, R>) =>
    receipt === null ? effect : receipts.alone([receipt.userId, receipt.scope, receipt.key], effect)

  const sendOnce = Effect.fnUntraced(function* (
    actor: Actor,
    row: ChatFacts,
    request: SendMessageRequest,
    receipt: CommandReceipt | null,
  ) {
    const chatId = row.id
    yield* access.notRepeated(receipt)
    const content = yield* inputParts(request.content)
    yield* noMcpServers(request.mcp_server_ids)
    const modelConfigId =
      request.model_config_id === undefined
        ? row.last_model_config_id
        : (yield* models.resolve(request.model_config_id, actor.userId)).modelConfigId
    const event: ChatMachineEvent = {
      type: "SendMessage",
      busyBehavior: request.busy_behavior ?? "queue",
      input: { content, modelConfigId, createdBy: actor.userId },
    }
    const planMode = request.plan_mode === undefined ? row.plan_mode : request.plan_mode === "plan"
    // Counts for the chat at once, whether the message has to wait or not.
    const setMode =
      planMode === row.plan_mode
        ? Effect.void
        : host.send(chatId, {
            event: (state) =>
              Effect.gen(function* () {
                yield* access.notRepeated(receipt)
                // A message that is refused must not have changed the mode.
                if (decide(machineState(state), event) === undefined) return yield* refusalOf(state, event)
                return { type: "SetMode", mode: planMode ? "plan" : "normal" } as const
              }),
            actorUserId: actor.userId,
            receipt: null,
          })
    return yield* setMode.pipe(
      Effect.zipRight(
        host.send(chatId, {
          event: () => access.notRepeated(receipt).pipe(Effect.as(event)),
          actorUserId: actor.userId,
          receipt,
        }),
      ),
      Effect.map((result): Sent => ({
        // With a backlog after an error the new message waits and another one enters the history.
        message: result.queuedIds.length > 0 ? undefined : result.inserted.at(-1),
        queued: result.state.queue.find((queued) => result.queuedIds.includes(queued.id)),
      })),
    )
  })

  const send = Effect.fn("Chats.send")(function* (
    actor: Actor,
    chatId: string,
    request: SendMessageRequest,
    idempotency?: Idempotency,
  ) {
    const row = yield* access.check(actor, chatId, "converse")
    const receipt = receiptFor(actor, idempotency)
    return yield* alone(receipt, sendOnce(actor, row, request, receipt)).pipe(
      Effect.catchTag("Repeated", (repeated) => sentBefore(chatId, repeated)),
    )
  })

  const stop = (actor: Actor, chatId: string, receipt: CommandReceipt | null) =>
    host.send(chatId, {
      event: () => access.notRepeated(receipt).pipe(Effect.as({ type: "Interrupt" } as const)),
      actorUserId: actor.userId,
      receipt,
    })

  const interruptOnce = Effect.fnUntraced(function* (
    actor: Actor,
    chatId: string,
    request: InterruptRequest,
    receipt: CommandReceipt | null,
  ) {
    const own = yield* stop(actor, chatId, receipt).pipe(
      Effect.as("stopped" as const),
      Effect.catchTags({
        Repeated: () => Effect.succeed("repeated" as const),
        CommandRefused: (refused) => (request.cascade === true ? Effect.succeed(refused) : refused),
      }),
    )
    if (request.cascade === true && own !== "repeated") {
      const below = yield* families.workingBelow(chatId)
      const stopped = yield* Effect.forEach(below, (id) => Effect.option(stop(actor, id, null)), { concurrency: 4 })
      if (own !== "stopped") {
        if (!stopped.some(Option.isSome)) return yield* own
        if (receipt !== null) yield* receipts.insert(receipt, chatId).pipe(Effect.orDie)
      }
    }
  })

  /** With `cascade` the chats below it stop as well, and it is enough that one of the family is at work. */
  const interrupt = Effect.fn("Chats.interrupt")(function* (
    actor: Actor,
    chatId: string,
    request: InterruptRequest,
    idempotency?: Idempotency,
  ) {
    yield* access.check(actor, chatId, "update")
    const receipt = receiptFor(actor, idempotency)
    yield* alone(receipt, interruptOnce(actor, chatId, request, receipt))
    return yield* access.load(actor, chatId, "read")
  })

  return { create, send, interrupt }
})

export class Chats extends Context.Tag("troupe/Chats")<Chats, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Chats, make)
}

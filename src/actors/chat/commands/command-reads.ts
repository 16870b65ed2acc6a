import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, MessageId, QueuedMessageId } from "../../../contract/ids.ts"
import type { ToolPolicyRule } from "../../../contract/tool-policy.ts"
import type { CommandReceipt } from "../../../db/chats/store/receipt.ts"
import { ChatReads } from "../../../db/chats/reads.ts"
import { Receipts } from "../../../db/chats/receipts.ts"
import type { ChatRow, MessageRow, ToolCallRow } from "../../../db/chats/rows.ts"
import { type LiveModels, liveModels } from "../../../models/live.ts"
import { ModelCatalog } from "../../../models/catalog.ts"
import { Toolbox } from "../../../tools/toolbox.ts"
import { type PolicyVerdict, ToolPolicies, verdictOf } from "../../../turn/tool-policies.ts"
import { type KeyReused, notRepeated, type Repeated } from "./receipt.ts"

/** What a command has to know beside the rows that its chat's actor holds. */
export class CommandReads extends Context.Tag("troupe/CommandReads")<
  CommandReads,
  {
    readonly notRepeated: (receipt: CommandReceipt | null) => Effect.Effect<void, KeyReused | Repeated>
    /** Removed ones as well; undefined for one that the chat never had. */
    readonly message: (chatId: ChatId, messageId: MessageId) => Effect.Effect<MessageRow | undefined>
    /** Whether the prompt holds anything beside the system prompt, and whether the model has said some of it. */
    readonly sinceBoundary: (chatId: ChatId) => Effect.Effect<{ readonly spoken: boolean; readonly answered: boolean }>
    /** The last call with this id of ours or of the provider's, whatever has become of it. */
    readonly call: (chatId: ChatId, id: string) => Effect.Effect<Pick<ToolCallRow, "stopped_by"> | undefined>
    /** The last thing that the model was told is not its own word. */
    readonly awaitsReply: (chatId: ChatId) => Effect.Effect<boolean>
    /** A message that does not wait any more has entered the history; false for one that was deleted or never there. */
    readonly wasPromoted: (chatId: ChatId, queuedMessageId: QueuedMessageId) => Effect.Effect<boolean>
    readonly liveModels: Effect.Effect<LiveModels>
    /** What the deployment's rules and these of the chat say of its calls, in their order. */
    readonly verdicts: (
      chat: ChatRow,
      rules: ReadonlyArray<ToolPolicyRule>,
      calls: ReadonlyArray<ToolCallRow>,
    ) => Effect.Effect<ReadonlyArray<PolicyVerdict>>
  }
>() {
  static readonly layer = Layer.effect(
    CommandReads,
    Effect.gen(function* () {
      const reads = yield* ChatReads
      const receipts = yield* Receipts
      const models = yield* ModelCatalog
      const policies = yield* ToolPolicies
      const toolbox = yield* Toolbox
      return {
        notRepeated: (receipt) => notRepeated(receipts, receipt),
        message: (chatId, messageId) =>
          reads.messagesById(chatId, [messageId]).pipe(
            Effect.orDie,
            Effect.map((rows) => rows[0]),
          ),
        sinceBoundary: (chatId) => reads.sinceBoundary(chatId).pipe(Effect.orDie),
        call: (chatId, id) => Effect.map(Effect.orDie(reads.lastCall(chatId, id)), Option.getOrUndefined),
        awaitsReply: (chatId) =>
          reads.lastRole(chatId).pipe(
            Effect.orDie,
            Effect.map((role) => role === "user" || role === "tool"),
          ),
        wasPromoted: (chatId, queuedMessageId) => reads.wasPromoted(chatId, queuedMessageId).pipe(Effect.orDie),
        liveModels: Effect.map(models.snapshot, liveModels),
        verdicts: (chat, rules, calls) =>
          Effect.zipWith(policies.deployment, toolbox.materialise(chat), (deployment, tools) =>
            calls.map(({ args, tool_name: name }) =>
              verdictOf(deployment, rules, { name, command: tools.commandOf(name, args) }),
            ),
          ),
      }
    }),
  )
}

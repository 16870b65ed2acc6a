import { Context, Effect, Layer } from "effect"
import type { ChatCommand } from "../actors/chat/commands/chat-command.ts"
import type { Envelope, Written } from "../actors/chat/commands/command.ts"
import { notRepeated, Repeated } from "../actors/chat/commands/receipt.ts"
import { CommandRefused } from "../actors/chat/commands/refusals.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import type { ChatId } from "../contract/ids.ts"
import type { CommandReceipt } from "../db/chats/store/receipt.ts"
import { type ChatFacts, ChatReads } from "../db/chats/reads.ts"
import { Receipts } from "../db/chats/receipts.ts"
import { Origin } from "../identity/origin.ts"
import type { Caller, ChatAction } from "../identity/policy.ts"
import { ChatAccess } from "./access.ts"
import { type Idempotency, receiptFor } from "./idempotency.ts"

/** From a call to the chat's owner and back, the same way for every command: access, receipt, fields, owner, answer. */

export interface Call {
  readonly caller: Caller
  readonly chatId: ChatId
  readonly idempotency: Idempotency | undefined
}

type Permission = Extract<ChatAction, "update" | "converse" | "approve">

/** The state of the chat does not allow it: every refusal but that of a message for which the queue has no room. */
export type StateRefused = CommandRefused & { readonly reason: Exclude<CommandRefused["reason"], "queue_full"> }

const isOfState = (refused: CommandRefused): refused is StateRefused => refused.reason !== "queue_full"

/** For what sends no message: that the queue is full would be a defect of ours. */
export const neverFull = <A, E>(
  effect: Effect.Effect<A, E | CommandRefused>,
): Effect.Effect<A, Exclude<E, CommandRefused> | StateRefused> =>
  effect.pipe(
    Effect.catchIf(
      (error) => error instanceof CommandRefused,
      (refused) => (isOfState(refused) ? Effect.fail(refused) : Effect.die(refused)),
    ),
  )

/** What of a command's definition is used here. */
interface Runnable<Fields, Answer> {
  readonly permission: Permission
  readonly of: (envelope: Envelope, fields: Fields) => ChatCommand
  readonly answer: (written: Written) => Answer
}

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess
  const reads = yield* ChatReads
  const receipts = yield* Receipts

  /** For what is more, or less, than one command: the work is done once for each Idempotency-Key, and simultaneous calls wait for it. */
  const once = Effect.fnUntraced(function* <A, E>(
    { caller, chatId, idempotency }: Call,
    permission: Permission,
    work: (chat: ChatFacts, receipt: CommandReceipt | null) => Effect.Effect<A, E>,
    before: (repeated: Repeated) => Effect.Effect<A>,
  ) {
    const chat = yield* access.check(caller, chatId, permission)
    const receipt = receiptFor(caller, idempotency)
    // First: what was carried out once is answered so, whatever has become of its model or its state.
    const first = notRepeated(receipts, receipt).pipe(Effect.zipRight(work(chat, receipt)))
    const alone = receipt === null ? first : receipts.alone([receipt.userId, receipt.scope, receipt.key], first)
    return yield* alone.pipe(Effect.catchIf((error) => error instanceof Repeated, before))
  })

  /** One of several commands of a call: to the chat's owner as it is. */
  const give = <Fields>(
    { of }: Pick<Runnable<Fields, unknown>, "of">,
    { caller, chatId }: Pick<Call, "caller" | "chatId">,
    receipt: CommandReceipt | null,
    fields: Fields,
  ) => Effect.flatMap(Origin, (acting) => host.send(of({ chatId, caller, receipt, acting }, fields)))

  const writtenBy = (chatId: ChatId, { messageIds, queuedIds }: Repeated): Effect.Effect<Written> =>
    Effect.all({ inserted: reads.messagesById(chatId, messageIds), queued: reads.queuedById(chatId, queuedIds) }).pipe(
      Effect.orDie,
    )

  /** Carries out a command, whose fields are checked and made between receipt and owner; a repeat is answered as the first was. */
  const runSending = <Fields, Answer, E>(
    definition: Runnable<Fields, Answer>,
    call: Call,
    fields: (chat: ChatFacts, receipt: CommandReceipt | null) => Effect.Effect<Fields, E>,
  ) =>
    once(
      call,
      definition.permission,
      (chat, receipt) =>
        fields(chat, receipt).pipe(
          Effect.flatMap((made) => give(definition, call, receipt, made)),
          Effect.map(definition.answer),
        ),
      (repeated) => Effect.map(writtenBy(call.chatId, repeated), definition.answer),
    )

  /** The same for every command but the one that sends a message. */
  const run = <Fields, Answer, E>(
    definition: Runnable<Fields, Answer>,
    call: Call,
    fields: (chat: ChatFacts, receipt: CommandReceipt | null) => Effect.Effect<Fields, E>,
  ) => neverFull(runSending(definition, call, fields))

  return { run, runSending, once, give }
})

export class CommandRunner extends Context.Tag("troupe/CommandRunner")<
  CommandRunner,
  Effect.Effect.Success<typeof make>
>() {
  static readonly layer = Layer.effect(CommandRunner, make)
}

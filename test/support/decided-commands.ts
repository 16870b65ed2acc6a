import { Effect, Either, Layer } from "effect"
import { callRow, CHAT, MODEL, ORGANIZATION, OWNER } from "./loaded-chat.ts"
import { messageRow } from "./message-row.ts"
import { type LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import { type MessageRow } from "../../src/db/chats/rows.ts"
import { type Caller } from "../../src/identity/policy.ts"
import { decide } from "../../src/machines/chat-state.ts"
import { machineState } from "../../src/actors/chat/machine-state.ts"
import { answerCalls } from "../../src/actors/chat/commands/answer-calls.ts"
import { type ChatCommand, CommandDecider, type CommandFailure } from "../../src/actors/chat/commands/chat-command.ts"
import { changeQueued } from "../../src/actors/chat/commands/change-queued.ts"
import { clear } from "../../src/actors/chat/commands/clear.ts"
import { CommandReads } from "../../src/actors/chat/commands/command-reads.ts"
import { compact } from "../../src/actors/chat/commands/compact.ts"
import { decideApprovals } from "../../src/actors/chat/commands/decide-approvals.ts"
import { deleteQueued } from "../../src/actors/chat/commands/delete-queued.ts"
import { editMessage } from "../../src/actors/chat/commands/edit-message.ts"
import { interrupt } from "../../src/actors/chat/commands/interrupt.ts"
import { promoteQueued } from "../../src/actors/chat/commands/promote-queued.ts"
import { KeyReused, Repeated } from "../../src/actors/chat/commands/receipt.ts"
import { refusalOf } from "../../src/actors/chat/commands/refusals.ts"
import { retry } from "../../src/actors/chat/commands/retry.ts"
import { sendMessage } from "../../src/actors/chat/commands/send-message.ts"
import { setMode } from "../../src/actors/chat/commands/set-mode.ts"
import { setToolPolicy } from "../../src/actors/chat/commands/set-tool-policy.ts"
import { verdictOf } from "../../src/turn/tool-policies.ts"
import { stopCall } from "../../src/actors/chat/commands/stop-call.ts"

/** Commands decided as the owner of a chat decides them, without a server. */

export const owner: Caller = {
  userId: OWNER,
  username: "owner",
  siteRoles: [],
  organizations: [{ id: ORGANIZATION, roles: ["agents-access"] }],
}
export const administrator: Caller = { ...owner, userId: MODEL, siteRoles: ["owner"] }
export const stranger: Caller = { ...owner, userId: MODEL }

export const to = { chatId: CHAT, caller: owner, receipt: null }
export const content = [{ type: "text" as const, text: "hello" }]
export const given = { busyBehavior: "queue" as const, content, modelConfigId: null }
export const receipt = { userId: OWNER, scope: "POST /chats", key: "once", requestHash: "hash" }
export const APPROVABLE = "00000000-0000-4000-8000-0000000000e1"
export const UNASKED = "00000000-0000-4000-8000-0000000000e2"

interface Known {
  readonly receipt?: CommandFailure
  readonly message?: MessageRow
  readonly since?: { readonly spoken: boolean; readonly answered: boolean }
  readonly call?: { readonly stopped_by: string | null }
  readonly unanswered?: boolean
  readonly promoted?: boolean
  readonly live?: ReadonlyArray<string>
  readonly standard?: string
}

/** As the actor does it: the command's decider, then the machine. */
export const outcome = (state: LoadedChat, command: ChatCommand, known: Known = {}) => {
  const reads = Layer.succeed(CommandReads, {
    notRepeated: (given) =>
      given !== null && (known.receipt instanceof Repeated || known.receipt instanceof KeyReused)
        ? Effect.fail(known.receipt)
        : Effect.void,
    message: () => Effect.succeed(known.message),
    sinceBoundary: () => Effect.succeed(known.since ?? { spoken: true, answered: true }),
    call: () => Effect.succeed(known.call),
    awaitsReply: () => Effect.succeed(known.unanswered ?? true),
    wasPromoted: () => Effect.succeed(known.promoted ?? true),
    liveModels: Effect.succeed({
      has: (id: string | null) => id !== null && (known.live ?? [MODEL]).includes(id),
      standard: known.standard ?? null,
    }),
    verdicts: (_chat, rules, calls) =>
      Effect.succeed(calls.map(({ tool_name: name }) => verdictOf([], rules, { name }))),
  })
  return Effect.gen(function* () {
    const event = yield* (yield* CommandDecider).decide(state, command)
    return decide(machineState(state), event) === undefined ? yield* refusalOf(state, event) : event
  }).pipe(Effect.provide(CommandDecider.layer.pipe(Layer.provide(reads))), Effect.either, Effect.runSync)
}

export const refusal = (...asked: Parameters<typeof outcome>) => Either.getOrThrow(Either.flip(outcome(...asked)))
export const event = (...asked: Parameters<typeof outcome>) => Either.getOrThrow(outcome(...asked))

export const commands = {
  send: sendMessage.of(to, given),
  edit: editMessage.of(to, { messageId: 7, content, modelConfigId: null }),
  delete: deleteQueued.of(to, { queuedMessageId: 1 }),
  change: changeQueued.of(to, { queuedMessageId: 1, content, kind: null, place: null }),
  promote: promoteQueued.of(to, { queuedMessageId: 1 }),
  interrupt: interrupt.of(to, {}),
  retry: retry.of(to, { modelConfigId: null }),
  approve: decideApprovals.of(to, { decisions: [{ id: APPROVABLE, decision: "approve" }] }),
  answer: answerCalls.of(to, { results: [{ tool_call_id: "call-a", output: 1 }] }),
  compact: compact.of(to, {}),
  clear: clear.of(to, {}),
  mode: setMode.of(to, { mode: "plan", forMessage: null }),
  rules: setToolPolicy.of(to, { rules: [] }),
  stop: stopCall.of(to, { call: "call-a" }),
}
export type Word = keyof typeof commands
export const words = Object.keys(commands) as ReadonlyArray<Word>

export const userMessage = messageRow("user", content, { id: 7, chat_id: CHAT, model_config_id: MODEL })
export const asked = callRow(APPROVABLE, { approval: "asked" })

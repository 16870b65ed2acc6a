import { Effect, Either, Exit, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { CHAT, MODEL, ORGANIZATION, OWNER, queuedRow } from "../../../../test/support/loaded-chat.ts"
import { messageRow } from "../../../../test/support/message-row.ts"
import { answerCalls } from "./answer-calls.ts"
import { ChatCommand, CommandFailure, CommandUnreadable } from "./chat-command.ts"
import { changeQueued } from "./change-queued.ts"
import { clear } from "./clear.ts"
import type { CommandResult } from "./command.ts"
import { answerText, sendText } from "./command-wire.ts"
import { compact } from "./compact.ts"
import { decideApprovals } from "./decide-approvals.ts"
import { deleteQueued } from "./delete-queued.ts"
import { editMessage } from "./edit-message.ts"
import { interrupt } from "./interrupt.ts"
import { promoteQueued } from "./promote-queued.ts"
import { retry } from "./retry.ts"
import { sendMessage } from "./send-message.ts"
import { setMode } from "./set-mode.ts"
import { setToolPolicy } from "./set-tool-policy.ts"
import { stopCall } from "./stop-call.ts"

const receipt = { userId: OWNER, scope: "POST /chats", key: "once", requestHash: "hash" }
const caller = {
  userId: OWNER,
  username: "owner",
  siteRoles: ["owner"],
  organizations: [{ id: ORGANIZATION, roles: ["agents-access"] }],
}
const to = { chatId: CHAT, caller, receipt }
const odd = '\ud800 \u0000 \u2028 "quoted"'
const content = [
  { type: "text" as const, text: odd },
  { type: "file-reference" as const, file_name: "a.ts", start_line: 1, end_line: 2, content: "" },
]

const every: ReadonlyArray<ChatCommand> = [
  sendMessage.of(to, { busyBehavior: "steer", content, modelConfigId: null }),
  editMessage.of({ ...to, receipt: null }, { messageId: 2 ** 40, content, modelConfigId: MODEL }),
  deleteQueued.of(to, { queuedMessageId: 3 }),
  changeQueued.of(to, { queuedMessageId: 3, content, kind: "steer", place: { before: null } }),
  changeQueued.of(to, { queuedMessageId: 3, content: null, kind: null, place: null }),
  promoteQueued.of(to, { queuedMessageId: 3 }),
  interrupt.of(to, {}),
  retry.of(to, { modelConfigId: MODEL }),
  decideApprovals.of(to, {
    decisions: [
      { id: MODEL, decision: "deny", reason: odd },
      { id: OWNER, decision: "approve" },
    ],
  }),
  answerCalls.of(to, { results: [{ tool_call_id: odd, output: { deep: [null, 0.1] }, is_error: true }] }),
  compact.of(to, {}),
  clear.of(to, {}),
  stopCall.of(to, { call: odd }),
  setMode.of(to, { mode: "plan", forMessage: { busyBehavior: "queue", receipt } }),
  setToolPolicy.of(to, {
    rules: [
      { pattern: "execute", args: { command_prefix: ["npm", "test"] }, action: "auto" },
      { pattern: "*", action: "ask" },
    ],
  }),
]

const result: CommandResult = {
  version: 12,
  inserted: [messageRow("user", content, { id: 7, model_config_id: MODEL, total_cost_micros: 5 })],
  queued: [queuedRow(3, "steer")],
}

const samples: { readonly [Tag in CommandFailure["_tag"]]: unknown } = {
  ChatHidden: { chatId: CHAT },
  ChatForbidden: { message: odd },
  KeyReused: { key: "once" },
  Repeated: { chatId: CHAT, messageIds: [1, 2], queuedIds: [] },
  InvalidInput: { field: "content[0]", message: odd },
  MessageGone: { messageId: 7 },
  NothingToForget: { message: odd },
  QueuedMessageGone: { queuedMessageId: 3 },
  ToolCallGone: { call: odd },
  ToolResultsMismatch: { field: "results", message: odd },
  CommandRefused: { chatId: CHAT, event: "Interrupt", activity: "waiting", reason: "not_allowed", message: odd },
  ChatGone: { chatId: CHAT },
  ChatInvalid: { chatId: CHAT, fault: odd },
  ChatUnavailable: { chatId: CHAT, message: odd, untouched: false, retryAfterSeconds: 3 },
  CommandUnreadable: { detail: "fields: Missing" },
}
const failures = Object.entries(samples).map(([_tag, fields]) =>
  Schema.decodeUnknownSync(CommandFailure)(Object.assign({ _tag }, fields)),
)

const [command] = every
if (command === undefined) throw new Error("There is no command")

/** Over text, to an owner that answers with this. */
const sent = (
  asked: ChatCommand,
  answer: Effect.Effect<CommandResult, CommandFailure>,
  onArrival?: (it: ChatCommand) => void,
) =>
  sendText(
    answerText((arrived) => {
      onArrival?.(arrived)
      return answer
    }),
  )(asked)

describe("a command that goes to another process", () => {
  it.each(every.map((each) => [each.type, each] as const))("arrives as it was sent (%s)", (_type, each) => {
    const arrived: Array<ChatCommand> = []
    Effect.runSync(sent(each, Effect.succeed(result), (it) => arrived.push(it)))
    expect(arrived).toEqual([each])
  })

  it("is one of those that are sent here, and all of those", () => {
    expect(new Set(every.map(({ type }) => type))).toEqual(
      new Set(ChatCommand.members.flatMap((member) => member.fields.type.literals)),
    )
  })

  it("brings back the rows that it wrote", () => {
    expect(Effect.runSync(sent(command, Effect.succeed(result)))).toEqual(result)
  })

  it.each(failures.map((failure) => [failure._tag, failure] as const))(
    "brings back its refusal (%s)",
    (_tag, failure) => {
      const back = Either.getOrThrow(Either.flip(Effect.runSync(Effect.either(sent(command, failure)))))
      expect(back).toEqual(failure)
      expect(back).toBeInstanceOf(failure.constructor)
    },
  )

  it("brings back a defect as one", () => {
    const exit = Effect.runSyncExit(sent(command, Effect.die(new Error("broken"))))
    expect(Exit.isFailure(exit) && exit.cause).toMatchObject({ _tag: "Die", defect: { message: "broken" } })
  })
})

describe("a command that cannot be read", () => {
  const readable = JSON.stringify(interrupt.of(to, {}))
  const { caller: _caller, ...nobodys } = to

  it.each([
    ["no JSON", "{", "command: Transformation"],
    ["an unknown command", readable.replace("Interrupt", "Dance"), "type: Type"],
    ["a chat without an id", readable.replace(CHAT, "secret words"), "chatId: Refinement"],
    ["nobody's", JSON.stringify({ type: "Interrupt", ...nobodys, fields: {} }), "caller: Missing"],
    [
      "fields of another version",
      JSON.stringify({ type: "SetMode", ...to, fields: { mode: "secret words" } }),
      "fields.mode: Type, fields.forMessage: Missing",
    ],
  ])("is named, without what stands in it: %s", (_what, text, detail) => {
    const asked = sendText(() => answerText(() => Effect.succeed(result))(text))(command)
    expect(Either.getLeft(Effect.runSync(Effect.either(asked)))).toMatchObject({
      value: new CommandUnreadable({ detail }),
    })
  })

  it.each(["", "{}", '{"_tag":"Failure","cause":{"_tag":"Fail","error":{"_tag":"Tired"}}}'])(
    "and an answer that cannot: nobody knows what has become of it (%s)",
    (text) => {
      const asked = sendText(() => Effect.succeed(text))(command)
      expect(Either.getLeft(Effect.runSync(Effect.either(asked)))).toMatchObject({
        value: { _tag: "ChatUnavailable", chatId: CHAT, untouched: false },
      })
    },
  )
})

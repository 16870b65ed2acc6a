import { describe, expect, it } from "vitest"
import {
  administrator,
  stranger,
  to,
  receipt,
  outcome,
  refusal,
  event,
  commands,
  words,
  userMessage,
  asked,
  type Word,
} from "../../../../test/support/decided-commands.ts"
import { Either } from "effect"
import { callRow, CHAT, loadedChat, queuedRow } from "../../../../test/support/loaded-chat.ts"
import { type Activity } from "../../../machines/chat-state.ts"
import { KeyReused, Repeated } from "./receipt.ts"
import { setMode } from "./set-mode.ts"

/** Who may give a command, what a repeated one means, and which state refuses it: at the chat's owner, without a server. */

const waitingFor = (activity: string) => {
  if (activity === "requires_action.approval") return [asked]
  return activity === "requires_action.client_tools" || activity === "running.executing" ? [callRow("a")] : []
}

const BUSY = ["retry", "approve", "answer", "compact", "clear"] as const
const AT_REST = [...BUSY, "stop"] as const

/** What each state refuses; all else is decided. Outside of `waiting` a message is in the queue, and a call is at work in one. */
const REFUSED = {
  waiting: ["delete", "change", "promote", "interrupt", "retry", "approve", "answer", "stop"],
  pending: AT_REST,
  "running.generating": AT_REST,
  "running.executing": BUSY,
  "running.compacting": AT_REST,
  "running.backing_off": [...BUSY.slice(1), "stop"],
  "running.interrupting": ["interrupt", ...AT_REST],
  "requires_action.client_tools": ["retry", "approve", "compact", "clear", "stop"],
  "requires_action.approval": ["retry", "answer", "compact", "clear", "stop"],
  error: ["interrupt", "approve", "answer", "clear", "stop"],
} satisfies Record<Activity, ReadonlyArray<Word>>

describe("a command in a state", () => {
  const known = { message: userMessage, call: { stopped_by: null } }

  it.each(Object.entries(REFUSED) as Array<[Activity, ReadonlyArray<Word>]>)(
    "is refused by %s, or decided",
    (activity, refused) => {
      const queue = activity === "waiting" ? [] : [queuedRow(1)]
      const state = loadedChat({ activity }, { queue, openCalls: waitingFor(activity) })
      const found = words.flatMap((word) => {
        const result = outcome(state, commands[word], known)
        return Either.isLeft(result) ? [[word, result.left]] : []
      })
      const refusals = refused.map((word) => [word, { _tag: "CommandRefused", reason: "not_allowed", activity }])
      expect(found).toMatchObject(refusals)
    },
  )

  it.each(words.filter((word) => word !== "mode"))("is refused by an archived chat (%s)", (word) => {
    const state = loadedChat({ archived: true }, { queue: [queuedRow(1)] })
    expect(refusal(state, commands[word], known)).toMatchObject({ _tag: "CommandRefused", reason: "archived" })
  })
})

describe("whoever asks", () => {
  it.each(words)("may be somebody who does not see the chat (%s)", (word) => {
    const command = { ...commands[word], caller: stranger }
    // Said of an archived chat as well: who may not see it is told nothing of its state.
    expect(refusal(loadedChat({ archived: true }), command)).toMatchObject({ _tag: "ChatHidden", chatId: CHAT })
  })

  it.each(["send", "edit", "change", "promote", "retry", "approve", "answer", "compact", "clear", "rules"] as const)(
    "may see the chat and not spend its owner's credit (%s)",
    (word) => {
      const command = { ...commands[word], caller: administrator }
      expect(refusal(loadedChat({ archived: true }), command)).toMatchObject({ _tag: "ChatForbidden" })
    },
  )

  it.each(["delete", "interrupt", "mode"] as const)("may look after somebody else's chat (%s)", (word) => {
    const state = loadedChat({ activity: "running.generating" }, { queue: [queuedRow(1)] })
    expect(event(state, { ...commands[word], caller: administrator })).toMatchObject({})
  })
})

describe("a receipt", () => {
  const repeated = new Repeated({ chatId: CHAT, messageIds: [7], queuedIds: [] })

  it.each(words)("comes before the state of the chat (%s)", (word) => {
    const command = { ...commands[word], receipt }
    const state = loadedChat({ archived: true })
    expect(refusal(state, command, { receipt: repeated })).toEqual(repeated)
    expect(refusal(state, command, { receipt: new KeyReused({ key: "once" }) })).toMatchObject({ _tag: "KeyReused" })
    expect(refusal(state, { ...command, caller: stranger }, { receipt: repeated })).toMatchObject({
      _tag: "ChatHidden",
    })
  })

  it("keeps the mode that a message of the same key has set already", () => {
    const command = setMode.of(to, { mode: "plan", forMessage: { busyBehavior: "queue", receipt } })
    expect(refusal(loadedChat({ archived: true }), command, { receipt: repeated })).toEqual(repeated)
  })
})

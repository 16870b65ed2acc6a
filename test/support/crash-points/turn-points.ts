import { expect } from "vitest"
import type { Step } from "../scripted-provider/script.ts"
import type { StagedChat } from "../staged-chat.ts"
import { type CrashPoint, plain, answered, create, createHalf, whole, interrupt } from "./crash-point.ts"

/** In the life of a turn without tools. */

const fails = (chat: StagedChat, status: number, headers: Readonly<Record<string, string>> = {}): Step => ({
  when: (request) => chat.isAsked(request),
  status,
  headers,
})

/** The chat stands in the line; `letIn` makes room for it. */
export const admission = (letIn: () => void): CrashPoint => ({
  name: "Admit",
  holds: "Admit",
  model: plain,
  prepare: create,
  reach: letIn,
  lines: answered,
})

export const turnPoints: ReadonlyArray<CrashPoint> = [
  {
    name: "Create",
    holds: "Create",
    model: plain,
    reach: (chat) => chat.askInVain("POST", "/chats", chat.creation()),
    resume: async (chat) => {
      const { body } = await chat.askAgain()
      chat.id = String((body as { readonly id: unknown }).id)
    },
    lines: answered,
  },
  {
    name: "FinishTurn",
    holds: "FinishTurn",
    model: (chat) => [chat.halves()],
    prepare: createHalf,
    reach: (chat) => chat.gate.open(),
    lines: whole,
  },
  {
    name: "FinishError",
    holds: "FinishError",
    model: (chat) => [{ ...fails(chat, 401), repeat: true }],
    reach: create,
    lines: (chat) => [`user: ${chat.title}`],
    ends: "error",
  },
  {
    name: "RecordRetryState",
    holds: "RecordRetryState",
    model: (chat) => [fails(chat, 503), ...plain(chat)],
    reach: create,
    lines: answered,
  },
  {
    name: "RecordGenerationAttempt",
    holds: "RecordGenerationAttempt",
    model: (chat) => [fails(chat, 503), ...plain(chat)],
    reach: create,
    lines: answered,
  },
  {
    name: "before the first word",
    model: (chat) => [{ when: (request) => chat.isAsked(request), silence: true }, ...plain(chat)],
    prepare: async (chat) => {
      await chat.create()
      await chat.is("running.generating")
    },
    lines: answered,
  },
  {
    name: "in mid-stream",
    model: (chat) => [chat.halves()],
    prepare: createHalf,
    resume: async (chat) => {
      await chat.showsHalf()
      chat.gate.open()
    },
    lines: whole,
    effects: async (chat) => {
      const { attempts } = await chat.stage.client.attempts(chat.id)
      expect(attempts).toMatchObject([{ attempt: 1, reason: "crash", content: [{ type: "text", text: "Half " }] }])
    },
  },
  {
    name: "in a back-off",
    model: (chat) => [fails(chat, 503, { "retry-after": "600" })],
    prepare: async (chat) => {
      await chat.create()
      await chat.is("running.backing_off")
    },
    resume: async (chat) => {
      await chat.is("running.backing_off")
      await chat.ask(...interrupt(chat))
    },
    lines: (chat) => [`user: ${chat.title}`],
    untold: 1,
  },
  {
    name: "at rest",
    model: plain,
    prepare: async (chat) => {
      await chat.create()
      await chat.is("waiting")
    },
    lines: answered,
  },
]

import { expect } from "vitest"
import { asksLast } from "../scripted-provider/asked.ts"
import type { Item, Step } from "../scripted-provider/script.ts"
import type { StagedChat } from "../staged-chat.ts"
import {
  type CrashPoint,
  answered,
  askAgain,
  askAgainInHalf,
  createHalf,
  interrupt,
  interrupted,
  named,
  plain,
  twice,
  whole,
} from "./crash-point.ts"

/** In what a user does to a chat. */

/** A chat that has been answered once, and the summary that the model writes of it. */
const summarises = (chat: StagedChat, ...items: ReadonlyArray<Item>): ReadonlyArray<Step> => [
  ...plain(chat),
  {
    when: (request) => chat.isAsked(request) && asksLast(request).startsWith("Summarise this conversation"),
    items: [...items, { text: "They talked." }],
    repeat: true,
  },
]
const createAnswered = async (chat: StagedChat) => {
  await chat.create()
  await chat.is("waiting")
}
const summarised = (chat: StagedChat) => [
  ...answered(chat),
  "assistant: <chat_summarized>",
  "tool: <chat_summarized done>",
]
const compaction = (chat: StagedChat) => ["POST", `/chats/${chat.id}/compact`] as const
const compact = async (chat: StagedChat) => {
  await chat.ask(...compaction(chat))
}

/** Queues `one` and `two` behind a turn that is half done; answers their ids. */
const queueTwo = async (chat: StagedChat) => {
  await chat.createHalf()
  for (const text of named(chat, "one", "two")) await chat.ask("POST", `${chat.messages}`, chat.message(text))
  await chat.before.until((seen) => seen.queue.length === 2)
}
const fails = (chat: StagedChat, status: number): Step => ({ when: (request) => chat.isAsked(request), status })
const queued = (chat: StagedChat, index: number) => `/chats/${chat.id}/queue/${chat.before.queue[index]?.id}`

export const commandPoints: ReadonlyArray<CrashPoint> = [
  {
    name: "SendMessage when idle",
    holds: "SendMessage",
    model: (chat) => chat.echoes(chat.title, `${chat.title} two`),
    prepare: createAnswered,
    reach: (chat) => chat.askInVain("POST", chat.messages, chat.message(`${chat.title} two`)),
    resume: askAgain,
    lines: (chat) => [...answered(chat), ...twice(chat, `${chat.title} two`)],
  },
  {
    name: "SendMessage into the queue",
    holds: "SendMessage",
    model: (chat) => [chat.halves(), ...chat.echoes(...named(chat, "one", "two"))],
    prepare: async (chat) => {
      await chat.createHalf()
      await chat.ask("POST", chat.messages, chat.message(`${chat.title} one`))
    },
    reach: (chat) => chat.askInVain("POST", chat.messages, chat.message(`${chat.title} two`)),
    resume: async (chat) => {
      await chat.askAgain()
      chat.gate.open()
    },
    lines: (chat) => [...whole(chat), ...named(chat, "one", "two").flatMap((text) => twice(chat, text))],
  },
  {
    name: "SendMessage that interrupts",
    holds: "SendMessage",
    model: (chat) => [chat.halves(), ...chat.echoes(`${chat.title} two`)],
    prepare: createHalf,
    reach: (chat) => chat.askInVain("POST", chat.messages, chat.message(`${chat.title} two`, "interrupt")),
    resume: askAgainInHalf,
    lines: (chat) => [...interrupted(chat), ...twice(chat, `${chat.title} two`)],
  },
  {
    name: "SendMessage before the others",
    holds: "SendMessage",
    model: (chat) => [chat.halves(), ...chat.echoes(...named(chat, "one", "two"))],
    prepare: async (chat) => {
      await chat.createHalf()
      await chat.ask("POST", chat.messages, chat.message(`${chat.title} one`))
    },
    reach: (chat) => chat.askInVain("POST", chat.messages, chat.message(`${chat.title} two`, "preempt")),
    resume: askAgainInHalf,
    lines: (chat) => [...interrupted(chat), ...named(chat, "two", "one").flatMap((text) => twice(chat, text))],
  },
  {
    name: "Retry",
    holds: "Retry",
    model: (chat) => [fails(chat, 401), ...plain(chat)],
    prepare: async (chat) => {
      await chat.create()
      await chat.is("error")
    },
    reach: (chat) => chat.askInVain("POST", `/chats/${chat.id}/retry`, {}),
    resume: askAgain,
    lines: answered,
  },
  {
    name: "ChangeQueuedMessage",
    holds: "ChangeQueuedMessage",
    model: (chat) => [chat.halves(), ...chat.echoes(...named(chat, "one", "three"))],
    prepare: queueTwo,
    reach: (chat) => {
      const { content } = chat.message(`${chat.title} three`)
      chat.askInVain("PATCH", queued(chat, 1), { content, before: chat.before.queue[0]?.id })
    },
    resume: async (chat) => {
      await chat.askAgain()
      chat.gate.open()
    },
    lines: (chat) => [...whole(chat), ...named(chat, "three", "one").flatMap((text) => twice(chat, text))],
  },
  {
    name: "Interrupt",
    holds: "Interrupt",
    model: (chat) => [chat.halves()],
    prepare: createHalf,
    reach: (chat) => chat.askInVain(...interrupt(chat)),
    resume: askAgainInHalf,
    lines: interrupted,
  },
  {
    name: "FinishInterruption",
    holds: "FinishInterruption",
    model: (chat) => [chat.halves()],
    prepare: createHalf,
    reach: async (chat) => {
      await chat.ask(...interrupt(chat))
    },
    lines: interrupted,
  },
  {
    name: "EditMessage",
    holds: "EditMessage",
    model: (chat) => [chat.halves(), ...chat.echoes(`${chat.title} anew`)],
    prepare: createHalf,
    reach: (chat) => {
      const [first] = chat.before.messages.keys()
      chat.askInVain("PATCH", `${chat.messages}/${first}`, { content: chat.message(`${chat.title} anew`).content })
    },
    resume: askAgain,
    lines: (chat) => twice(chat, `${chat.title} anew`),
  },
  {
    name: "PromoteQueuedMessage",
    holds: "PromoteQueuedMessage",
    model: (chat) => [chat.halves(), ...chat.echoes(...named(chat, "one", "two"))],
    prepare: queueTwo,
    reach: (chat) => chat.askInVain("POST", `${queued(chat, 1)}/promote`),
    resume: askAgainInHalf,
    lines: (chat) => [...interrupted(chat), ...named(chat, "two", "one").flatMap((text) => twice(chat, text))],
  },
  {
    name: "DeleteQueuedMessage",
    holds: "DeleteQueuedMessage",
    model: (chat) => [chat.halves(), ...chat.echoes(`${chat.title} two`)],
    prepare: queueTwo,
    reach: (chat) => chat.askInVain("DELETE", queued(chat, 0)),
    resume: async (chat) => {
      await chat.askAgain()
      chat.gate.open()
    },
    lines: (chat) => [...whole(chat), ...twice(chat, `${chat.title} two`)],
  },
  {
    name: "SetMode",
    holds: "SetMode",
    unseen: true,
    model: plain,
    prepare: createAnswered,
    reach: (chat) => chat.askInVain("PATCH", `/chats/${chat.id}`, { title: chat.title, plan_mode: "plan" }),
    resume: askAgain,
    lines: answered,
    effects: async (chat) => {
      expect(await chat.stage.client.chat(chat.id)).toMatchObject({ plan_mode: "plan" })
    },
  },
  {
    name: "SetArchived",
    holds: "SetArchived",
    unseen: true,
    model: plain,
    prepare: createAnswered,
    reach: (chat) => chat.askInVain("PATCH", `/chats/${chat.id}`, { archived: true }),
    resume: askAgain,
    lines: answered,
    effects: async (chat) => {
      expect(await chat.stage.client.chat(chat.id)).toMatchObject({ archived: true })
    },
  },
  {
    name: "RequestCompaction",
    holds: "RequestCompaction",
    model: summarises,
    prepare: createAnswered,
    reach: (chat) => chat.askInVain(...compaction(chat)),
    resume: askAgain,
    lines: summarised,
  },
  {
    name: "CommitCompaction",
    holds: "CommitCompaction",
    model: summarises,
    prepare: createAnswered,
    reach: compact,
    lines: summarised,
    untold: 1,
  },
  {
    name: "ClearContext",
    holds: "ClearContext",
    model: plain,
    prepare: createAnswered,
    reach: (chat) => chat.askInVain("POST", `/chats/${chat.id}/clear`),
    resume: askAgain,
    lines: (chat) => [...answered(chat), "assistant: <context_cleared>", "tool: <context_cleared done>"],
  },
  {
    name: "in a compaction",
    model: (chat) => summarises(chat, { gate: chat.gate.wait }),
    prepare: async (chat) => {
      await createAnswered(chat)
      await compact(chat)
      await chat.is("running.compacting")
    },
    resume: async (chat) => chat.gate.open(),
    lines: summarised,
    untold: 1,
  },
]

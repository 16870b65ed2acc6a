import type { Step } from "../scripted-provider/script.ts"
import type { StagedChat } from "../staged-chat.ts"

/** A place of a turn at which a server is killed, how a chat gets there, and what must have become of it afterwards. */
export interface CrashPoint {
  /** At most four words: the chat is found by its title, which has six. */
  readonly name: string
  /** The write inside which the server is held: an event of the journal or a state of a tool call. None: the chat just stands there. */
  readonly holds?: string
  readonly model: (chat: StagedChat) => ReadonlyArray<Step>
  /** To where nothing is held yet. */
  readonly prepare?: (chat: StagedChat) => Promise<void>
  /** Over the edge: what leads to the write that is held. */
  readonly reach?: (chat: StagedChat) => Promise<void> | void
  /** Between the two servers. */
  readonly between?: (chat: StagedChat) => Promise<void>
  /** What the client does with the new server. */
  readonly resume?: (chat: StagedChat) => Promise<void>
  /** The whole transcript in the end, whether the held write was lost or kept. */
  readonly lines: (chat: StagedChat) => ReadonlyArray<string>
  /** Default: waiting. */
  readonly ends?: "error"
  /** Who reads the chat learns nothing from the write that is held, so his cursor stays behind it. */
  readonly unseen?: true
  /** Calls of the model of which nothing is left: stopped before a word of them was shown. */
  readonly untold?: number
  /** Side effects, after all. */
  readonly effects?: (chat: StagedChat) => Promise<void>
}

// Scripts, steps and transcripts that several points share.

export const plain = (chat: StagedChat) => chat.echoes(chat.title)
export const answered = (chat: StagedChat) => [`user: ${chat.title}`, `assistant: Re: ${chat.title}`]
export const create = (chat: StagedChat) => chat.create()
export const createHalf = (chat: StagedChat) => chat.createHalf()
export const interrupted = (chat: StagedChat) => [`user: ${chat.title}`, "assistant: Half "]
export const whole = (chat: StagedChat) => [`user: ${chat.title}`, "assistant: Half done"]
export const twice = (chat: StagedChat, text: string) => [`user: ${text}`, `assistant: Re: ${text}`]
export const named = (chat: StagedChat, ...names: ReadonlyArray<string>) => names.map((name) => `${chat.title} ${name}`)

/** A lost command finds the turn as it was: the model says its first half again. */
export const askAgainInHalf = async (chat: StagedChat) => {
  if (chat.outcome === "lost") await chat.showsHalf()
  await chat.askAgain()
}

export const askAgain = async (chat: StagedChat) => {
  await chat.askAgain()
}

export const interrupt = (chat: StagedChat) => ["POST", `/chats/${chat.id}/interrupt`] as const

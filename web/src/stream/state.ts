import type { ChatError, RetryState } from "../../../src/contract/chat-error.ts"
import type { ChatStatus, Message, QueuedMessage } from "../../../src/contract/chats.ts"
import type { Part } from "../../../src/contract/parts.ts"
import type { ChatStreamEvent } from "../../../src/contract/stream.ts"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import { isResting } from "../chats/status.ts"

/** A call that the program which started the chat has to answer. */
export type ClientToolCall = Extract<
  ChatStreamEvent,
  { readonly type: "action_required" }
>["action_required"]["tool_calls"][number]

/** One attempt of one model call. Its parts are numbered from 1 without gaps. */
export interface Episode {
  readonly historyVersion: number
  readonly attempt: number
  /** Number of the last part that was applied. */
  readonly seq: number
}

/** What is known of a chat from its stream. Nothing in here is ever changed in place, so `===` tells whether to render. */
export interface ChatStream {
  /** Position to go on from after a lost connection; undefined before the first event. */
  readonly cursor: string | undefined
  /** Committed messages, by ascending id. */
  readonly messages: ReadonlyArray<Message>
  /** The message being written, merged from its parts. Not durable as a message yet. */
  readonly preview: ReadonlyArray<Part>
  readonly episode: Episode | undefined
  /**
   * Which attempt this page saw write a message, by the message's id: the row that was the preview goes on as the message's.
   * Of messages that came whole there is no entry.
   */
  readonly writtenBy: ReadonlyMap<number, string>
  readonly queue: ReadonlyArray<QueuedMessage>
  /** Undefined until the stream has said it: the chat is still loading. */
  readonly status: { readonly status: ChatStatus; readonly activity: string } | undefined
  /** Calls that wait for a person. */
  readonly approvals: ReadonlyArray<Approval>
  readonly clientToolCalls: ReadonlyArray<ClientToolCall>
  readonly retry: RetryState | undefined
  readonly error: ChatError | undefined
  /** Counts previews that came to nothing; their text can be had from the attempts endpoint. */
  readonly lostPreviews: number
  /** Counts turns that were stopped; the attempts endpoint says so of the attempt. */
  readonly stops: number
  /** A part was missing, which the server rules out: connect again without a cursor and start over. */
  readonly broken: boolean
}

/** Names an attempt among all of a chat. */
export const attemptKey = (historyVersion: number, attempt: number): string => `a${historyVersion}.${attempt}`

/** True until the turn is over: it can be stopped, and calls without a result may still get one. */
export const turnGoesOn = ({ status }: ChatStream): boolean => status !== undefined && !isResting(status.status)

export const emptyStream: ChatStream = {
  cursor: undefined,
  messages: [],
  preview: [],
  episode: undefined,
  writtenBy: new Map(),
  queue: [],
  status: undefined,
  approvals: [],
  clientToolCalls: [],
  retry: undefined,
  error: undefined,
  lostPreviews: 0,
  stops: 0,
  broken: false,
}

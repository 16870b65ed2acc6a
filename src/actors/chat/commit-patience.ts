import type { ChatId } from "../../contract/ids.ts"
import { type DatabaseTrouble, retryAfterSecondsOf, sentenceOf } from "../../db/engine/sql-errors.ts"
import { waitsForDatabase } from "../../turn/turn-errors.ts"
import { ChatUnavailable } from "./commands/refusals.ts"
import type { Patience } from "./held-commit.ts"
import type { LiveChannel } from "../streams/live-channel.ts"
import type { Mailbox } from "./mailbox.ts"
import { retryEvent } from "../streams/stream-events.ts"

/** How long a person waits for a database that cannot do its work. Two transactions that met are long apart by then. */
const HURRY_MS = 1000

/** Trouble that is over after so many tries is not worth a word. */
const SILENT_TRIES = 2

export const unavailable = (chatId: ChatId, trouble: DatabaseTrouble): ChatUnavailable =>
  new ChatUnavailable({
    chatId,
    message: `${sentenceOf(trouble)} Try again in a moment.`,
    untouched: false,
    retryAfterSeconds: retryAfterSecondsOf(trouble),
  })

/** Says what the chat waits for to those who read it now. Said again with each try, so that who comes later hears it soon. */
export const tellWait = (
  channel: LiveChannel,
  { trouble, tries, delayMs }: { readonly trouble: DatabaseTrouble; readonly tries: number; readonly delayMs: number },
): void =>
  channel.tellPassing((at) =>
    retryEvent(channel.chatId, at, {
      attempt: tries,
      delay_ms: delayMs,
      error: waitsForDatabase(trouble),
      kind: "generic",
      retrying_at: new Date(Date.now() + delayMs).toISOString(),
    }),
  )

/**
 * How a commit of this chat is held. What an effect has to say waits as long as a turn may; a person is answered soon, unless his
 * commit may have been carried out: then nothing else can be decided before that is known, but he need not wait for it.
 */
export const patienceOf = (
  channel: LiveChannel,
  mailbox: Mailbox<ChatUnavailable>,
  {
    note,
    ofEffect,
    turnLimitMs,
  }: {
    /** For the log, once. */
    readonly note: (sentence: string) => void
    readonly ofEffect: boolean
    readonly turnLimitMs: () => number
  },
): Patience => ({
  nudged: mailbox.hurriedComes,
  limitMs: ({ inDoubt, trouble }) => {
    if (ofEffect || inDoubt) return turnLimitMs()
    return trouble.kind === "disk_full" ? 0 : HURRY_MS
  },
  onWait: (wait) => {
    const { trouble, tries, waitedMs } = wait
    if (tries === 1) note(sentenceOf(trouble))
    if (trouble.kind === "disk_full" || waitedMs >= HURRY_MS) mailbox.tellHurried(unavailable(channel.chatId, trouble))
    if (tries > SILENT_TRIES) tellWait(channel, wait)
  },
})

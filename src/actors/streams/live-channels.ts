import { Context, Effect, Layer } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import { Settings } from "../../settings.ts"
import { FlushPace } from "./flush-pace.ts"
import { makeReportUntold } from "./listeners.ts"
import { LiveChannel } from "./live-channel.ts"
import { PartLog } from "./part-log.ts"

/** The channels of this process: one for each chat that somebody drives or watches here. */
export class LiveChannels extends Context.Tag("troupe/LiveChannels")<
  LiveChannels,
  {
    /** The channel of a chat, kept until `release` has been called as often as this. */
    readonly retain: (chatId: ChatId) => LiveChannel
    readonly release: (chatId: ChatId) => void
    /** Rows of the chat were changed by no actor of this process: its readers here look at them again. */
    readonly tellUntold: (chatId: ChatId) => void
  }
>() {
  static readonly layer = Layer.scoped(
    LiveChannels,
    Effect.gen(function* () {
      const log = yield* PartLog
      const { timings } = yield* Settings
      const report = yield* makeReportUntold("A reader")
      const pace = new FlushPace(timings.coalesceMs)
      const channels = new Map<ChatId, { readonly channel: LiveChannel; holders: number }>()
      return {
        retain: (chatId) => {
          const entry = channels.get(chatId) ?? {
            channel: new LiveChannel(chatId, pace, log.append, (cause) => report(chatId, cause)),
            holders: 0,
          }
          entry.holders += 1
          channels.set(chatId, entry)
          return entry.channel
        },
        tellUntold: (chatId) => channels.get(chatId)?.channel.tellUntold(),
        release: (chatId) => {
          const entry = channels.get(chatId)
          if (entry === undefined) return
          entry.holders -= 1
          if (entry.holders > 0) return
          channels.delete(chatId)
          log.release(chatId)
        },
      }
    }),
  )
}

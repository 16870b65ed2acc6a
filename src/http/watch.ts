import { Effect, Exit, type ManagedRuntime, Option } from "effect"
import type { Logger } from "pino"
import type { WebSocketServer } from "ws"
import { retryReads } from "../actors/streams/chat-reader.ts"
import { ChatFeed, type ChatNews } from "../actors/streams/chat-feed.ts"
import { chatToWire } from "../actors/streams/chat-wire.ts"
import { eventText } from "../actors/streams/event-size.ts"
import type { ChatWatchEvent } from "../contract/stream.ts"
import { ChatReads } from "../db/chats/reads.ts"
import type { Sessions } from "../identity/sessions.ts"
import type { Settings } from "../settings.ts"
import { authenticate } from "./auth.ts"
import { guarded } from "./guarded.ts"
import { keepWhileSignedIn, onBroken, refuse } from "./stream.ts"
import type { UpgradeHandler } from "./upgrades.ts"

/** `GET /chats/watch`: what changes in the caller's own chats, one JSON object a frame. */

/** Frames that a socket may hold untaken; one that is further behind is closed and reads the list again. */
const SLOW_WATCHER_BYTES = 1024 * 1024

export interface WatchOptions {
  readonly runtime: ManagedRuntime.ManagedRuntime<ChatFeed | ChatReads | Sessions | Settings, never>
  readonly webSockets: WebSocketServer
  readonly pingMs: number
  readonly logger: Logger
}

export const chatWatchUpgrade =
  ({ runtime, webSockets, pingMs, logger }: WatchOptions): UpgradeHandler =>
  (request, socket, head) => {
    const opened = Effect.all({
      session: authenticate(request),
      feed: ChatFeed,
      reads: ChatReads,
    })
    runtime.runCallback(opened, {
      onExit: guarded(onBroken(socket, logger), (exit) => {
        if (Exit.isFailure(exit)) return refuse(socket, exit.cause, logger)
        const { session, feed, reads } = exit.value
        webSockets.handleUpgrade(request, socket, head, (client) => {
          keepWhileSignedIn(client, { runtime, request, keyId: session.keyId, pingMs })
          client.on("error", () => client.terminate())
          client.on("message", () => client.close(1008, "This stream takes no messages."))
          // Read and sent one after the other, so that the last event of a chat shows its last state.
          let last: Promise<void> = Promise.resolve()
          const tell = async ({ kind, chatId, toolCalls }: ChatNews): Promise<void> => {
            const exit = await runtime.runPromiseExit(reads.get(chatId).pipe(Effect.retry(retryReads)))
            if (client.readyState !== client.OPEN) return
            if (Exit.isFailure(exit)) return client.close(1011, "The news could not be read. Connect again.")
            if (Option.isNone(exit.value)) return
            const event: ChatWatchEvent = {
              kind,
              chat: chatToWire(exit.value.value),
              ...(toolCalls !== undefined && { tool_calls: toolCalls }),
            }
            client.send(eventText(event).json)
            if (client.bufferedAmount > SLOW_WATCHER_BYTES) client.close(1013, "Too slow. Connect again.")
          }
          const unsubscribe = feed.subscribe(session.caller.userId, (news) => {
            last = last
              .then(() => tell(news))
              .catch((cause: unknown) => {
                logger.error({ cause }, "news could not be told")
                client.close(1011, "The news could not be told. Connect again.")
              })
          })
          client.once("close", unsubscribe)
        })
      }),
    })
  }

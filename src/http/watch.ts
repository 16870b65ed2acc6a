import { Effect, Exit, type ManagedRuntime } from "effect"
import type { Logger } from "pino"
import type { WebSocketServer } from "ws"
import { Boards } from "../actors/streams/boards.ts"
import { SharedSidebars } from "../actors/streams/shared-sidebars.ts"
import { type SidebarSink, Sidebars } from "../actors/streams/sidebars.ts"
import type { Sessions } from "../identity/sessions.ts"
import type { Settings } from "../settings.ts"
import { authenticate } from "./auth.ts"
import type { StreamLeases } from "./stream-leases.ts"
import { checkScopes } from "./mount.ts"
import { guarded } from "./guarded.ts"
import { keepWhileAllowed, onBroken, refuse } from "./stream.ts"
import type { UpgradeHandler } from "./upgrades.ts"

/**
 * `GET /chats/watch`: what changes in the caller's own chats and in those that are shared with him, one JSON object a frame; with
 * `?activity=1` also what his own do.
 */

/** What a peer may leave untaken of what is shared; one that is further behind reads the list again. */
const SLOW_BYTES = 1024 * 1024

export interface WatchOptions {
  readonly runtime: ManagedRuntime.ManagedRuntime<
    Boards | SharedSidebars | Sidebars | Sessions | Settings | StreamLeases,
    never
  >
  readonly webSockets: WebSocketServer
  readonly pingMs: number
  readonly logger: Logger
}

export const chatWatchUpgrade =
  ({ runtime, webSockets, pingMs, logger }: WatchOptions): UpgradeHandler =>
  (request, socket, head, url) => {
    /** What is told before the socket is open, in the order in which it came. */
    const early: Array<string> = []
    let hearShared = (event: string): void => void early.push(event)
    const opened = Effect.gen(function* () {
      const session = yield* authenticate(request)
      yield* checkScopes(session.caller, "chat", true)
      const leaveShared = yield* (yield* SharedSidebars).follow(session.caller.userId, (event) => hearShared(event))
      return { session, leaveShared, sidebars: yield* Sidebars, boards: yield* Boards }
    })
    runtime.runCallback(opened, {
      onExit: guarded(onBroken(socket, logger), (exit) => {
        if (Exit.isFailure(exit)) return refuse(socket, exit.cause, logger)
        const { boards, leaveShared, session, sidebars } = exit.value
        // Whatever becomes of the upgrade, its socket closes in the end.
        socket.once("close", leaveShared)
        if (socket.destroyed) return leaveShared()
        webSockets.handleUpgrade(request, socket, head, (client) => {
          keepWhileAllowed(client, { runtime, keyId: session.keyId, pingMs })
          client.on("error", () => client.terminate())
          client.on("message", () => client.close(1008, "This stream takes no messages."))
          const sink: SidebarSink = {
            write: (event) => {
              if (client.readyState === client.OPEN) client.send(event)
            },
            bufferedBytes: () => client.bufferedAmount,
            onCutOff: (why) => {
              if (why === "slow") client.close(1013, "Too slow. Connect again.")
              else client.close(1011, "The news could not be told. Connect again.")
            },
          }
          client.once("close", sidebars.watch(session.caller.userId, sink))
          hearShared = (event) => {
            sink.write(event)
            if (sink.bufferedBytes() > SLOW_BYTES) sink.onCutOff("slow")
          }
          early.forEach(hearShared)
          if (url.searchParams.get("activity") === "1") client.once("close", boards.watch(session.caller.userId, sink))
        })
      }),
    })
  }

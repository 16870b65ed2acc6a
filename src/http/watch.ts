import { Effect, Exit, type ManagedRuntime } from "effect"
import type { Logger } from "pino"
import type { WebSocketServer } from "ws"
import { Boards } from "../actors/streams/boards.ts"
import { type SidebarSink, Sidebars } from "../actors/streams/sidebars.ts"
import type { Sessions } from "../identity/sessions.ts"
import type { Settings } from "../settings.ts"
import { authenticate } from "./auth.ts"
import type { StreamLeases } from "./stream-leases.ts"
import { checkScopes } from "./mount.ts"
import { guarded } from "./guarded.ts"
import { keepWhileAllowed, onBroken, refuse } from "./stream.ts"
import type { UpgradeHandler } from "./upgrades.ts"

/** `GET /chats/watch`: what changes in the caller's own chats, one JSON object a frame; with `?activity=1` also what they do. */

export interface WatchOptions {
  readonly runtime: ManagedRuntime.ManagedRuntime<Boards | Sidebars | Sessions | Settings | StreamLeases, never>
  readonly webSockets: WebSocketServer
  readonly pingMs: number
  readonly logger: Logger
}

export const chatWatchUpgrade =
  ({ runtime, webSockets, pingMs, logger }: WatchOptions): UpgradeHandler =>
  (request, socket, head, url) => {
    const opened = Effect.all({
      session: Effect.tap(authenticate(request), ({ caller }) => checkScopes(caller, "chat", true)),
      sidebars: Sidebars,
      boards: Boards,
    })
    runtime.runCallback(opened, {
      onExit: guarded(onBroken(socket, logger), (exit) => {
        if (Exit.isFailure(exit)) return refuse(socket, exit.cause, logger)
        const { boards, session, sidebars } = exit.value
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
          if (url.searchParams.get("activity") === "1") client.once("close", boards.watch(session.caller.userId, sink))
        })
      }),
    })
  }

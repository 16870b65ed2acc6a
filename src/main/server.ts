import { Effect, Layer, ManagedRuntime } from "effect"
import express from "express"
import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type pino from "pino"
import { WebSocketServer } from "ws"
import { ChatHost } from "../actors/host/chat-host.ts"
import { enginesLayer } from "../chats/layer.ts"
import { Database } from "../db/engine/client.ts"
import { Encryption } from "../db/engine/encryption.ts"
import { migrate } from "../db/engine/migrator.ts"
import { singleProcessLock } from "../db/engine/process-lock.ts"
import { WorkspaceRepository } from "../db/workspaces/workspaces.ts"
import { familiesLayer, mountFamilies } from "../http/families.ts"
import { createHttpServer } from "../http/server.ts"
import { chatStreamRouter, chatStreamUpgrade } from "../http/stream.ts"
import { chatWatchUpgrade } from "../http/watch.ts"
import { FirstUser } from "../identity/first-user.ts"
import { auditExportRouter } from "../http/audit-export.ts"
import { StreamLeases } from "../http/stream-leases.ts"
import { housekeeping } from "../identity/housekeeping.ts"
import { identityLayer } from "../identity/layer.ts"
import { modelsLayer } from "../models/layer.ts"
import { Providers } from "../providers/registry.ts"
import { simulatorRouter } from "../providers/simulator/router.ts"
import { ensureStartingModels } from "../models/starting.ts"
import { Settings, isLoopback, type SettingsValues, urlOfAddress } from "../settings.ts"
import { Workspaces } from "../workspaces/workspaces.ts"
import { effectLogger } from "./logging.ts"

/** The whole server of one process, from its settings. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Beside the bundle, `dist/server/`; from the sources, the last build. */
const built = (path: string) => (existsSync(here(`../${path}`)) ? here(`../${path}`) : here(`../../dist/${path}`))

export interface RunningServer {
  readonly url: string
  /** To be shown to the person who sets the server up: the URL that can make the first account. Undefined when there is one. */
  readonly setupUrl: string | undefined
  /** Resolves when the server must end: another process took its place. */
  readonly lost: Promise<void>
  /** Hands chats over, then closes everything, the embedded database last. */
  readonly stop: () => Promise<void>
}

/** Rejects with a sentence for the user when it cannot start, and when `signal` is aborted before it has. */
export const startServer = async (
  settings: SettingsValues,
  logger: pino.Logger,
  signal: AbortSignal = new AbortController().signal,
): Promise<RunningServer> => {
  const simulatorKey = randomBytes(24).toString("base64url")
  let port = settings.httpAddress.port
  const { streamSilenceMs, pingMs, drainMs } = settings.timings

  const base = Database.layer.pipe(
    Layer.provideMerge(Settings.layer(settings)),
    Layer.provideMerge(effectLogger(logger)),
    // Spans cost a tenth of the server's time, and nothing collects them yet.
    Layer.provideMerge(Layer.setTracerEnabled(false)),
  )
  // Before anything is touched: a second start must not migrate under the first.
  const lock = Layer.scopedDiscard(
    Effect.gen(function* () {
      const held = yield* singleProcessLock
      yield* held.lost.pipe(
        Effect.tap(() => Effect.sync(() => lost())),
        Effect.forkScoped,
      )
    }),
  )
  const prepared = Layer.effectDiscard(migrate()).pipe(Layer.provideMerge(lock), Layer.provideMerge(base))
  let lost: () => void = () => undefined
  const lostPromise = new Promise<void>((resolve) => {
    lost = resolve
  })
  const services = Layer.mergeAll(familiesLayer, StreamLeases.layer, housekeeping).pipe(
    Layer.provideMerge(enginesLayer),
    Layer.provideMerge(
      Layer.mergeAll(
        identityLayer,
        modelsLayer({
          // There is no other process whose changes could go unnoticed.
          maxAge: "1 minute",
          simulator: () => ({
            baseUrl: `${urlOfAddress({ host: settings.httpAddress.host, port })}/simulator/v1`,
            apiKey: simulatorKey,
          }),
        }),
        Providers.layer({ streamSilenceMs }),
        Workspaces.layer({
          dataDir: settings.dataDir,
          enabled: settings.localWorkspaces ?? isLoopback(settings.httpAddress.host),
          agentProgram: built("workspace-agent/main.mjs"),
          environment: process.env,
        }).pipe(Layer.provide(WorkspaceRepository.layer)),
      ),
    ),
    Layer.provideMerge(Encryption.serverLayer),
    Layer.provideMerge(prepared),
  )

  const runtime = ManagedRuntime.make(Layer.orDie(services))
  let ended: Promise<void> | undefined
  const dispose = () => (ended ??= runtime.dispose())
  const giveUp = () => void dispose()
  signal.addEventListener("abort", giveUp)
  try {
    // Builds every layer and, with them, starts the sweep for chats that were left in the middle of something.
    const firstUser = await runtime.runPromise(
      Effect.gen(function* () {
        yield* ensureStartingModels()
        const users = yield* FirstUser
        yield* users.ensureConfigured
        return users
      }),
    )
    const { isDiskFull } = await runtime.runPromise(Database)
    const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 })
    const streams = { runtime, webSockets, pingMs, logger }
    const upgrades = { "/chats/:chat/stream": chatStreamUpgrade(streams), "/chats/watch": chatWatchUpgrade(streams) }
    const http = createHttpServer({
      apiRouters: [
        chatStreamRouter(streams),
        auditExportRouter({ runtime, logger }),
        mountFamilies({ runtime, logger, elsewhere: Object.keys(upgrades) }),
      ],
      routers: [express.Router().use("/simulator/v1", simulatorRouter(simulatorKey))],
      upgrades,
      webSockets,
      webFolder: built("web"),
      accessUrl: settings.accessUrl,
      onlyLoopback: isLoopback(settings.httpAddress.host),
      trustedProxies: settings.trustedProxies,
      isReady: () => true,
      isDiskFull,
      logger,
    })
    signal.throwIfAborted()
    const address = await http.listen(settings.httpAddress.host, port)
    port = address.port
    await runtime.runPromise(Effect.flatMap(ChatHost, (host) => host.open))
    signal.removeEventListener("abort", giveUp)
    signal.throwIfAborted()
    const url = settings.accessUrl ?? urlOfAddress({ host: settings.httpAddress.host, port })
    const setupToken = await runtime.runPromise(
      Effect.if(firstUser.needed, { onTrue: () => firstUser.setupToken, onFalse: () => Effect.succeed(undefined) }),
    )
    return {
      url,
      // In the fragment, which no browser sends to a server or names to another page.
      setupUrl: setupToken === undefined ? undefined : `${url}/#setup=${setupToken}`,
      lost: lostPromise,
      stop: async () => {
        await http.close(drainMs)
        await dispose()
      },
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

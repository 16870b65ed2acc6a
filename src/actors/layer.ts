import { Effect, Layer, Schedule } from "effect"
import { Admissions } from "../db/admission.ts"
import { ChatCommits } from "../db/chat-commits.ts"
import { ChatParts } from "../db/chat-parts.ts"
import { ChatReads } from "../db/chat-reads.ts"
import { Instances } from "../db/instances.ts"
import { Receipts } from "../db/receipts.ts"
import { ToolCalls } from "../db/tool-calls.ts"
import { Settings } from "../settings.ts"
import { TurnLive } from "../turn/layer.ts"
import { Admission, CapacityLimits } from "./admission.ts"
import { ChatFeed } from "./chat-feed.ts"
import { Chats } from "./chats.ts"
import { InstanceId } from "./instance.ts"
import { LiveChannels } from "./live-channels.ts"
import { LocalHost } from "./local-host.ts"
import { PartLog } from "./part-log.ts"

const repositories = Layer.mergeAll(
  Admissions.layer,
  ChatCommits.layer,
  ChatParts.layer,
  ChatReads.layer,
  Instances.layer,
  Receipts.layer,
  ToolCalls.layer,
)

/**
 * Says that this process lives, until it ends. Built by the holder of the single-process lock: whoever else is in the table
 * is dead, and its chats are free at once.
 */
const presence = Layer.scopedDiscard(
  Effect.gen(function* () {
    const instances = yield* Instances
    const id = yield* InstanceId
    const { timings } = yield* Settings
    yield* instances.removeOthers(id)
    yield* Effect.acquireRelease(instances.register(id, process.version), () =>
      instances.unregister(id).pipe(Effect.ignoreLogged),
    )
    yield* instances.heartbeat(id).pipe(
      Effect.flatMap((known) => (known ? Effect.void : instances.register(id, process.version))),
      Effect.catchAll((error) => Effect.logWarning("The heartbeat of this server could not be written", error)),
      Effect.repeat(Schedule.spaced(timings.instanceHeartbeatMs)),
      Effect.forkScoped,
    )
  }),
)

const purgeReceipts = Layer.scopedDiscard(
  Effect.gen(function* () {
    const receipts = yield* Receipts
    yield* receipts.purge.pipe(Effect.ignoreLogged, Effect.repeat(Schedule.spaced("1 hour")), Effect.forkScoped)
  }),
)

/** The chats of a single-process server: actors, effects, streams and what they keep in the database. */
export const enginesLayer = Chats.layer.pipe(
  Layer.provideMerge(LocalHost),
  Layer.provideMerge(Layer.mergeAll(presence, purgeReceipts)),
  Layer.provideMerge(Layer.mergeAll(Admission.layer, LiveChannels.layer, TurnLive)),
  Layer.provideMerge(Layer.mergeAll(PartLog.layer, ChatFeed.layer, CapacityLimits.layerDefault, InstanceId.layer)),
  Layer.provideMerge(repositories),
)

import { Effect, Layer, Schedule } from "effect"
import { Admissions } from "../db/admission.ts"
import { ChatAttributes } from "../db/chat-attributes.ts"
import { ChatCommits } from "../db/chat-commits.ts"
import { ChatJournal } from "../db/chat-journal.ts"
import { ChatFamilies } from "../db/chat-families.ts"
import { ChatParts } from "../db/chat-parts.ts"
import { ChatReads } from "../db/chat-reads.ts"
import { Instances } from "../db/instances.ts"
import { Receipts } from "../db/receipts.ts"
import { SiteConfigs } from "../db/site-configs.ts"
import { ToolCalls } from "../db/tool-calls.ts"
import { WorkspaceRepository } from "../db/workspaces.ts"
import { Settings } from "../settings.ts"
import { TurnLive } from "../turn/layer.ts"
import { ToolPolicies } from "../turn/tool-policies.ts"
import { Admission, CapacityLimits } from "./admission.ts"
import { ChatFeed } from "./chat-feed.ts"
import { ChatHistory } from "./chat-history.ts"
import { ChatContexts } from "./chat-contexts.ts"
import { ChatQueue } from "./chat-queue.ts"
import { ChatRepair } from "./chat-repair.ts"
import { ChatSettings } from "./chat-settings.ts"
import { Approvals } from "./approvals.ts"
import { ChatAccess } from "./chat-access.ts"
import { Chats } from "./chats.ts"
import { ClientTools } from "./client-tools.ts"
import { Inspection } from "./inspection.ts"
import { InstanceId } from "./instance.ts"
import { LiveChannels } from "./live-channels.ts"
import { LocalHost } from "./local-host.ts"
import { PartLog } from "./part-log.ts"

const repositories = Layer.mergeAll(
  Admissions.layer,
  ChatAttributes.layer,
  ChatCommits.layer,
  ChatFamilies.layer,
  ChatJournal.layer,
  ChatParts.layer,
  ChatReads.layer,
  Instances.layer,
  Receipts.layer,
  SiteConfigs.layer,
  ToolCalls.layer,
  WorkspaceRepository.layer,
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
    // Before anybody can take up a chat of theirs.
    yield* instances.judge(timings.instanceExpiryMs)
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
export const enginesLayer = Layer.mergeAll(
  Approvals.layer,
  Chats.layer,
  ChatContexts.layer,
  ChatHistory.layer,
  ChatQueue.layer,
  ChatRepair.layer,
  ChatSettings.layer,
  ClientTools.layer,
  Inspection.layer,
).pipe(
  Layer.provideMerge(ChatAccess.layer),
  Layer.provideMerge(LocalHost),
  Layer.provideMerge(Layer.mergeAll(presence, purgeReceipts)),
  Layer.provideMerge(Layer.mergeAll(Admission.layer, LiveChannels.layer, TurnLive)),
  Layer.provideMerge(Layer.mergeAll(CapacityLimits.layer, ToolPolicies.layer)),
  Layer.provideMerge(Layer.mergeAll(PartLog.layer, ChatFeed.layer, InstanceId.layer)),
  Layer.provideMerge(repositories),
)

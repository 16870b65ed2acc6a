import { Effect, Layer, Schedule } from "effect"
import { Admissions } from "../db/chats/admission.ts"
import { ChatAttributes } from "../db/chats/attributes.ts"
import { ChatBoardReads } from "../db/chats/board.ts"
import { ChatCommits } from "../db/chats/store/chat-commits.ts"
import { ChatJournal } from "../db/chats/journal.ts"
import { ChatFamilies } from "../db/chats/families.ts"
import { ChatParts } from "../db/chats/parts.ts"
import { ChatReads } from "../db/chats/reads.ts"
import { ChatBrought } from "../db/chats/brought.ts"
import { SharedChatReads } from "../db/chats/shared-chats.ts"
import { ChatStepReads } from "../db/chats/steps.ts"
import { ChatTraceReads } from "../db/chats/traces.ts"
import { Instances } from "../db/chats/instances.ts"
import { Receipts } from "../db/chats/receipts.ts"
import { Transactions } from "../db/engine/transactions.ts"
import { DeploymentSettings } from "../db/deployment/deployment-settings.ts"
import { SiteConfigs } from "../db/deployment/site-configs.ts"
import { ToolCalls } from "../db/chats/tool-calls.ts"
import { WorkspaceRepository } from "../db/workspaces/workspaces.ts"
import { Standing } from "../identity/standing.ts"
import { Settings } from "../settings.ts"
import { TurnLive } from "../turn/layer.ts"
import { ToolPolicies } from "../turn/tool-policies.ts"
import { Admission } from "../actors/host/admission.ts"
import { admitWhenCapacityChanges } from "../actors/host/capacity-changes.ts"
import { CapacityLimits } from "../actors/host/capacity-limits.ts"
import { Boards } from "../actors/streams/boards.ts"
import { ChatFeed } from "../actors/streams/chat-feed.ts"
import { ChatAccess } from "./access.ts"
import { CommandRunner } from "./command-runner.ts"
import { InstanceId } from "../actors/host/instance.ts"
import { LiveChannels } from "../actors/streams/live-channels.ts"
import { CommandReads } from "../actors/chat/commands/command-reads.ts"
import { CommandDecider } from "../actors/chat/commands/chat-command.ts"
import type { ChatHost } from "../actors/host/chat-host.ts"
import { LocalSlots, slotsLayer } from "../actors/host/local-slots.ts"
import { LocalHost } from "../actors/host/local-host.ts"
import { PartLog } from "../actors/streams/part-log.ts"
import { SharedSidebars } from "../actors/streams/shared-sidebars.ts"
import { Sidebars } from "../actors/streams/sidebars.ts"

const repositories = Layer.mergeAll(
  Admissions.layer,
  ChatAttributes.layer,
  ChatBoardReads.layer,
  ChatCommits.layer,
  ChatFamilies.layer,
  ChatJournal.layer,
  ChatParts.layer,
  ChatReads.layer,
  ChatStepReads.layer,
  ChatTraceReads.layer,
  ChatBrought.layer,
  Instances.layer,
  Receipts.layer,
  SharedChatReads.layer,
  SiteConfigs.layer,
  ToolCalls.layer,
  Transactions.layer,
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

/**
 * Chats with their effects, streams and what they keep in the database, on a host that finds their actors. The services that only one
 * family of routes asks stand with that family.
 */
export const enginesOn = <E, R>(host: Layer.Layer<ChatHost, E, R>) =>
  Layer.mergeAll(CommandRunner.layer, Sidebars.layer, SharedSidebars.layer, Boards.layer).pipe(
    Layer.provideMerge(ChatAccess.layer),
    Layer.provideMerge(host),
    Layer.provideMerge(CommandDecider.layer.pipe(Layer.provide(CommandReads.layer))),
    Layer.provideMerge(Layer.mergeAll(presence, purgeReceipts, admitWhenCapacityChanges)),
    Layer.provideMerge(Layer.mergeAll(Admission.layer, LiveChannels.layer, TurnLive)),
    Layer.provideMerge(slotsLayer),
    Layer.provideMerge(LocalSlots.layer),
    Layer.provideMerge(Layer.mergeAll(CapacityLimits.layer, ToolPolicies.layer)),
    Layer.provideMerge(DeploymentSettings.layer),
    Layer.provideMerge(Layer.mergeAll(PartLog.layer, ChatFeed.layer, InstanceId.layer, Standing.layer)),
    Layer.provideMerge(repositories),
  )

/** The chats of a single-process server. */
export const enginesLayer = enginesOn(LocalHost)

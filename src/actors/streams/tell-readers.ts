import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import { hasTag } from "../../machines/chat-state.ts"
import type { ChatSubscriber, CommittedChange } from "../chat/snapshot.ts"
import { approvalToWire, transitionToWire } from "./chat-wire.ts"
import type { LiveChannel } from "./live-channel.ts"
import { type Changes, changeEvents } from "./stream-events.ts"

export const positionOf = ({ row }: LoadedChat) => ({
  version: row.snapshot_version,
  historyVersion: row.history_version,
  attempt: row.generation_attempt,
})

/** The step of the machine, for readers who inspect. */
const stepOf = ({ commit, at }: CommittedChange, { row }: LoadedChat) =>
  transitionToWire({
    version: row.snapshot_version,
    event: commit.journal.event,
    detail: commit.journal.detail,
    from_activity: commit.journal.fromActivity,
    to_activity: row.activity,
    actor_user_id: commit.journal.actorUserId,
    epoch: row.owner_epoch,
    machine_version: commit.machineVersion,
    duration_us: Math.round(performance.now() * 1000 - commit.journal.startedAtUs),
    created_at: at,
  })

/** What readers see of it. */
const changesOf = ({ commit, inserted }: CommittedChange, now: LoadedChat, before: LoadedChat): Changes => {
  const { row } = now
  const moved = row.activity !== before.row.activity
  // With the state, and again with each decision: some of the calls are left then.
  const asks = hasTag(row.activity, "asks-person") && (moved || commit.approvals.length > 0)
  const episodeChanged =
    row.history_version !== before.row.history_version ||
    (row.generation_attempt !== before.row.generation_attempt && row.generation_attempt !== 0)
  return {
    ...(commit.removeMessagesFrom !== null && { resetFrom: commit.removeMessagesFrom }),
    messages: inserted,
    ...(commit.queueChanged && { queue: now.queue }),
    ...(moved && { status: row }),
    ...(hasTag(row.activity, "failed") &&
      row.last_error !== null &&
      !hasTag(before.row.activity, "failed") && { error: row.last_error }),
    ...(moved && hasTag(row.activity, "asks-client") && { actionRequired: now.openCalls }),
    ...(asks && { approvals: now.openCalls.filter((call) => call.approval === "asked").map(approvalToWire) }),
    ...(row.retry_state !== null && commit.retryChanged && { retry: row.retry_state }),
    previewReset: episodeChanged,
  }
}

/** Tells the readers of a chat's stream of each commit; the channel has moved with it before. */
export const tellReaders =
  (channel: LiveChannel): ChatSubscriber =>
  ({ change, rows }, before) => {
    if (change === undefined || before === undefined) return
    channel.tell(stepOf(change, rows), (from, to) =>
      changeEvents(channel.chatId, from, to, changesOf(change, rows, before.rows)),
    )
  }

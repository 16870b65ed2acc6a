import type { ChatCommit, LoadedChat } from "../../db/chats/commit.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import type { ChatFeed } from "./chat-feed.ts"
import { hasTag } from "../../machines/chat-state.ts"
import { approvalToWire, clientCallToWire, transitionToWire } from "./chat-wire.ts"
import type { LiveChannel } from "./live-channel.ts"
import { changeEvents } from "./stream-events.ts"

/** Who hears of a chat's changes: the readers of its stream, and the feeds of its owner's sidebars. */
interface Audience {
  readonly chatId: string
  readonly channel: LiveChannel
  readonly feed: ChatFeed["Type"]
}

/** A commit, the message rows it wrote, and when. */
interface Change {
  readonly commit: Omit<ChatCommit, "receipt">
  readonly inserted: ReadonlyArray<MessageRow>
  readonly at: Date
}

export const positionOf = ({ row }: LoadedChat) => ({
  version: row.snapshot_version,
  historyVersion: row.history_version,
  attempt: row.generation_attempt,
})

/** Tells of a commit, once it is one. */
export const announce = (
  { chatId, channel, feed }: Audience,
  before: LoadedChat,
  state: LoadedChat,
  { commit, inserted, at }: Change,
): void => {
  const { row } = state
  const asksClient = hasTag(row.activity, "asks-client") && row.activity !== before.row.activity
  // With the state, and again with each decision: some of the calls are left then.
  const asksPerson =
    hasTag(row.activity, "asks-person") &&
    (row.activity !== before.row.activity || commit.journal.event === "DecideApproval")
  const episodeChanged =
    row.history_version !== before.row.history_version ||
    (row.generation_attempt !== before.row.generation_attempt && row.generation_attempt !== 0)
  const transition = transitionToWire({
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
  channel.commit(positionOf(state), transition, (from, to) =>
    changeEvents(chatId, from, to, {
      ...(commit.removeMessagesFrom !== null && { resetFrom: commit.removeMessagesFrom }),
      messages: inserted,
      ...(commit.queueChanged && { queue: state.queue }),
      ...(row.activity !== before.row.activity && { status: row }),
      ...(hasTag(row.activity, "failed") &&
        row.last_error !== null &&
        !hasTag(before.row.activity, "failed") && { error: row.last_error }),
      ...(asksClient && { actionRequired: state.openCalls }),
      ...(asksPerson && {
        approvals: state.openCalls.filter((call) => call.approval === "asked").map(approvalToWire),
      }),
      ...(row.retry_state !== null && commit.retryChanged && { retry: row.retry_state }),
      previewReset: episodeChanged,
    }),
  )
  if (row.status !== before.row.status) feed.publish({ kind: "status_change", chatId, ownerId: row.owner_id })
  if (asksClient) {
    const toolCalls = state.openCalls.map(clientCallToWire)
    feed.publish({ kind: "action_required", chatId, ownerId: row.owner_id, toolCalls })
  }
}

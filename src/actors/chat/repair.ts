import type { UserId } from "../../contract/ids.ts"
import { type ChatCommit, plan } from "../../db/chats/store/commit.ts"
import type { ChatRow, ToolCallRow } from "../../db/chats/rows.ts"
import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import { decide } from "../../machines/chat-state.ts"
import { faultOfState } from "../../machines/chat-validity.ts"
import { machineState } from "./machine-state.ts"

/** Chats whose rows are no state of the machine: found when an actor is to be started, and brought to `error` on request. */

/** What is wrong with the rows of a chat, as the end of a sentence; undefined for a sound chat. */
export const faultOf = ({
  row,
  queue,
  openCalls,
}: {
  readonly row: Pick<ChatRow, "activity" | "archived" | "requires_action_deadline_at">
  readonly queue: ReadonlyArray<unknown>
  readonly openCalls: ReadonlyArray<Pick<ToolCallRow, "approval">>
}): string | undefined =>
  faultOfState({
    activity: row.activity,
    archived: row.archived,
    queue: queue.length,
    openCalls: openCalls.length,
    askedCalls: openCalls.filter((call) => call.approval === "asked").length,
    hasDeadline: row.requires_action_deadline_at !== null,
  })

/** The commit that makes the rows sound again: in `error`, with the reason, every call answered and nothing lost. */
export const repair = (
  loaded: LoadedChat,
  fault: string,
  actorUserId: UserId,
  now: string,
): Omit<ChatCommit, "receipt"> | undefined => {
  const { queue } = loaded
  const event = {
    type: "ReconcileInvalidState",
    queue: queue.length,
    steer: queue.filter((queued) => queued.kind === "steer").length,
    error: { message: `This chat ${fault}, so it was stopped. Send a message to go on.`, retryable: false },
  } as const
  const decision = decide(machineState(loaded), event)
  if (decision === undefined) return undefined
  return plan(loaded, {
    event,
    value: decision.next.value,
    context: decision.next.context,
    changes: decision.changes,
    actorUserId,
    now,
    startedAtUs: performance.now() * 1000,
  })
}

import type { Activity, ChatStatus } from "../../../src/contract/chats.ts"

/** What the states of a chat mean for the page. It is said here and nowhere else; a new status does not compile before it is. */

/** `rests`: nothing goes on. `busy`: a turn goes on, or is about to. `asks`: a turn waits for an answer. */
const kinds: Readonly<Record<ChatStatus, "rests" | "busy" | "asks">> = {
  waiting: "rests",
  error: "rests",
  pending: "busy",
  running: "busy",
  requires_action: "asks",
}

/** All of them. */
export const statuses = Object.keys(kinds) as ReadonlyArray<ChatStatus>

/** The status that a state belongs to: the first word of its path. Undefined for one that this page does not know. */
export const statusOfActivity = (activity: string): ChatStatus | undefined =>
  statuses.find((status) => status === activity.split(".")[0])

export const isResting = (status: ChatStatus | undefined): boolean => status !== undefined && kinds[status] === "rests"

export const isBusy = (status: ChatStatus | undefined): boolean => status !== undefined && kinds[status] === "busy"

/** Whether a chat is in just this state. A newer server may tell of states that this page does not know; they are none of these. */
export const isIn = (status: { readonly activity: string } | undefined, activity: Activity): boolean =>
  status?.activity === activity

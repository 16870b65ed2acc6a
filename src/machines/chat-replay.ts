import { eventOf, type JournalDetail } from "./chat-journal.ts"
import { initialContext, type ChatModeState } from "./chat-setup.ts"
import { decide, unborn, type ChatSnapshot } from "./chat-state.ts"

/** From the journal back to states. */

export interface JournalRow {
  readonly version: number
  readonly event: string
  readonly detail: JournalDetail
}

/** The journal does not fit the machine: it was written by another version of it, or it has a gap. */
export class ReplayFailed extends Error {
  readonly version: number
  constructor(version: number, event: string) {
    super(`The journal cannot be replayed past version ${version}: ${event} is not possible there.`)
    this.version = version
  }
}

/**
 * The state after a journal, from its first row on or from a stored state.
 *
 * @param mode the mode in which the chat was created
 * @throws ReplayFailed
 */
export const replay = (
  mode: ChatModeState,
  journal: ReadonlyArray<JournalRow>,
  from: ChatSnapshot = unborn(mode, initialContext),
): ChatSnapshot => {
  let state = from
  for (const row of journal) {
    const event = eventOf(row.event, row.detail)
    const decision = event === undefined ? undefined : decide(state, event)
    if (decision === undefined) throw new ReplayFailed(row.version, row.event)
    state = decision.next
  }
  return state
}

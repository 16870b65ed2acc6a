import { Clock, Effect } from "effect"
import type { ChatId } from "../contract/ids.ts"
import type { WorkspaceConnection } from "../workspaces/workspace.ts"
import type { ShowLive } from "./tool.ts"

/**
 * The output of a running command, as people see it come: at most 10 pieces and 64 KiB a second. It stays in the workspace until it
 * is asked for, so a flood of it costs the server what is shown, and whoever is slow here is given the newest.
 */

/** With the mark of what is left out it is not more than half of what a second may have. */
const PIECE_BYTES = 32_000
const SECOND_BYTES = 64 * 1024
const SHORTEST_PAUSE_MS = 110

/**
 * The pieces of a command that runs for long come more slowly, the first minute's pace being the fastest: a command of four hours is
 * then less than 10,000 rows of the log.
 */
const LONGEST_PAUSE_MS = 2000
const PIECES_PER_AGE = 600

/** Once output was left out, what is shown of it begins anew when it is longer than this. */
const SHOWN_BYTES = 96 * 1024

/** Most commands have ended by then: nobody asks for their output twice. */
const BEFORE_FIRST_MS = 200

const LONGEST_WAIT_MS = 60_000
const WHILE_UNREACHABLE_MS = 1000

/** In the words in which the whole output tells it. */
const leftOut = (bytes: number): string => `…[${bytes} bytes omitted]…\n`

/** What was shown in the last second. */
class LastSecond {
  #pieces: ReadonlyArray<{ readonly at: number; readonly bytes: number }> = []

  add(at: number, bytes: number): void {
    this.#pieces = [...this.#pieces.filter((piece) => piece.at > at - 1000), { at, bytes }]
  }

  /** Milliseconds until there is room for a whole piece. */
  untilRoom(now: number): number {
    let sum = 0
    for (const { at, bytes } of this.#pieces.toReversed()) {
      sum += bytes
      if (sum + SECOND_BYTES / 2 > SECOND_BYTES) return Math.max(0, at + 1000 - now)
    }
    return 0
  }
}

const pauseOf = (ageMs: number): number =>
  Math.max(SHORTEST_PAUSE_MS, Math.min(LONGEST_PAUSE_MS, Math.ceil(ageMs / PIECES_PER_AGE)))

/**
 * Shows the output of a process until it ends. An agent that does not know how (an older one) or that says what cannot be is not
 * followed: the output is then seen at the end.
 */
export const showOutput = Effect.fnUntraced(
  function* (workspace: WorkspaceConnection, chatId: ChatId, processId: string, show: ShowLive) {
    yield* Effect.sleep(BEFORE_FIRST_MS)
    const began = yield* Clock.currentTimeMillis
    const lastSecond = new LastSecond()
    let after = 0
    /** Since it last began anew; undefined while nothing was left out. */
    let shownBytes: number | undefined
    for (;;) {
      const asked = { after, most: PIECE_BYTES, waitMs: LONGEST_WAIT_MS }
      const piece = yield* workspace.followProcess(chatId, processId, asked).pipe(
        Effect.catchIf(
          ({ reason }) => reason === "unreachable",
          () => Effect.as(Effect.sleep(WHILE_UNREACHABLE_MS), undefined),
        ),
      )
      if (piece === undefined) continue
      const bytes = Buffer.byteLength(piece.text)
      if (bytes > PIECE_BYTES || piece.from < 0 || piece.next < piece.from) return
      if (piece.from > after) {
        show(leftOut(piece.from) + piece.text, "anew")
        shownBytes = bytes
      } else if (bytes > 0) {
        show(piece.text, "more")
        if (shownBytes !== undefined) shownBytes += bytes
      }
      if (!piece.running) return
      // From the beginning, of which only the newest is left.
      after = shownBytes !== undefined && shownBytes > SHOWN_BYTES ? 0 : piece.next
      const now = yield* Clock.currentTimeMillis
      lastSecond.add(now, bytes)
      yield* Effect.sleep(Math.max(pauseOf(now - began), lastSecond.untilRoom(now)))
    }
  },
  // What went wrong is told by whoever waits for the end of the process.
  Effect.ignore,
)

import type { SqlError } from "@effect/sql/SqlError"
import { Data, Effect, Option } from "effect"
import type { ChatCommit } from "../../db/chats/store/commit.ts"
import type { Committed } from "../../db/chats/store/loaded-chat.ts"
import type { ChatCommits, FenceLost, NoSlot } from "../../db/chats/store/chat-commits.ts"
import type { ReceiptTaken } from "../../db/chats/store/receipt.ts"
import { type DatabaseTrouble, factsOf, isRefused, troubleOf } from "../../db/engine/sql-errors.ts"

/**
 * One commit, tried until it holds. It stays in hand meanwhile, and with it the model's reply that it writes: a database that is
 * full, busy or away costs time and no second model call.
 */

/** The database does not take what the commit says, and never will. Nothing was written. */
export class CommitRefused extends Data.TaggedError("CommitRefused")<{
  /** What the log may know. */
  readonly facts: Readonly<Record<string, string>>
}> {}

/** It did not hold in the time it was given. */
export class CommitGivenUp extends Data.TaggedError("CommitGivenUp")<{
  readonly trouble: DatabaseTrouble
  /** True: it may have been carried out. */
  readonly inDoubt: boolean
}> {}

/** The text that was shown before the commit is not in the log yet. */
export class PartsHeldUp extends Data.TaggedError("PartsHeldUp")<{ readonly trouble: DatabaseTrouble }> {}

export interface Wait {
  readonly trouble: DatabaseTrouble
  readonly inDoubt: boolean
  /** Tries that have failed by now. */
  readonly tries: number
  readonly waitedMs: number
  readonly delayMs: number
}

export interface Patience {
  /** How long the commit may go on being tried, in milliseconds since its first try. */
  readonly limitMs: (wait: Wait) => number
  readonly onWait: (wait: Wait) => void
  /** Ends the pause before the next try. */
  readonly nudged: Effect.Effect<void>
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000

type Commits = Pick<ChatCommits["Type"], "commit" | "outcome">

/**
 * @param before what must be in the database first; asked for again with each try
 * @returns once it holds. What became of a try whose answer was lost is read from the rows, so none is carried out twice.
 */
export const holdCommit = (
  commits: Commits,
  commit: ChatCommit,
  before: Effect.Effect<void, PartsHeldUp>,
  patience: Patience,
): Effect.Effect<Committed, CommitRefused | CommitGivenUp | FenceLost | NoSlot | ReceiptTaken | SqlError> => {
  const startedAt = performance.now()
  let inDoubt = false
  const wasOurs = (lost: FenceLost) =>
    inDoubt
      ? Effect.flatMap(commits.outcome(commit), Option.match({ onNone: () => lost, onSome: Effect.succeed }))
      : lost
  const once = Effect.zipRight(before, commits.commit(commit)).pipe(
    Effect.catchTag("FenceLost", wasOurs),
    // What cannot even be written as SQL, such as JSON nested too deeply, has not reached the database.
    Effect.catchAllDefect((defect) => new CommitRefused({ facts: factsOf(defect) })),
  )
  const attempt = (tries: number): ReturnType<typeof holdCommit> =>
    once.pipe(
      Effect.catchTags({
        PartsHeldUp: ({ trouble }) => again(trouble, tries),
        SqlError: (error) => {
          if (isRefused(error)) return new CommitRefused({ facts: factsOf(error) })
          const trouble = troubleOf(error)
          return trouble === undefined ? error : again(trouble, tries)
        },
      }),
    )
  const again = (trouble: DatabaseTrouble, tries: number): ReturnType<typeof holdCommit> => {
    inDoubt ||= !trouble.untouched
    const delayMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
    const wait: Wait = { trouble, inDoubt, tries, waitedMs: performance.now() - startedAt, delayMs }
    if (wait.waitedMs >= patience.limitMs(wait)) return new CommitGivenUp({ trouble, inDoubt })
    patience.onWait(wait)
    return Effect.sleep(delayMs).pipe(
      Effect.raceFirst(patience.nudged),
      Effect.interruptible,
      Effect.zipRight(attempt(tries + 1)),
    )
  }
  return attempt(1)
}

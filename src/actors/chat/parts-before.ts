import { Effect } from "effect"
import type { ChatCommit } from "../../db/chats/store/commit.ts"
import { PartsHeldUp } from "./held-commit.ts"
import type { LiveChannel } from "../streams/live-channel.ts"
import type { PartLog } from "../streams/part-log.ts"

/** How long one try of a commit waits for shown text to be written. */
const PARTS_LIMIT = "2 seconds"

/**
 * What has to become of the shown text before this commit: readers get every part before the message that it is in, and the log
 * needs those parts no more. An attempt that ends without a message keeps its text, so then it is written first.
 */
export const partsBefore = (
  commit: ChatCommit,
  channel: LiveChannel,
  log: PartLog["Type"],
): Effect.Effect<void, PartsHeldUp> =>
  Effect.suspend(() => {
    if (!commit.historyChanged && commit.openAttempt === null && commit.closeAttempt === null) return Effect.void
    channel.flush()
    // Mostly there is nothing to wait for, and a limit costs more than to see that.
    if (log.unwritten(commit.chatId).length === 0) return Effect.void
    if (commit.partsBecameMessages) {
      const insertOver = log.withhold(commit.chatId)
      if (insertOver === undefined) return Effect.void
      return insertOver.pipe(Effect.interruptible, Effect.timeoutOption(PARTS_LIMIT), Effect.asVoid)
    }
    return log.settle(commit.chatId).pipe(
      Effect.interruptible,
      Effect.timeoutFail({
        duration: PARTS_LIMIT,
        onTimeout: () => new PartsHeldUp({ trouble: log.trouble() ?? { kind: "overloaded", untouched: true } }),
      }),
    )
  })

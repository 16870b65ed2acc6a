import { useQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import { attemptsQuery } from "../api/queries.ts"
import { attemptKey, type ChatStream, turnGoesOn } from "../stream/state.ts"
import { useStream } from "../stream/store.ts"
import { useHost } from "./reading-along.ts"
import { isShown, resultsOf, timelineRows } from "./rows.ts"
import { type TimelineRow, turnRows } from "./turns.ts"

const NO_ATTEMPTS: ReadonlyArray<never> = []

const episodeKey = ({ episode }: ChatStream): string | undefined =>
  episode === undefined ? undefined : attemptKey(episode.historyVersion, episode.attempt)

/** The rows of the chat. Not made anew while text streams, nor are they when other text does. */
export const useTimelineRows = (
  chatId: string,
  allLoaded: boolean,
  unfolded: ReadonlySet<string>,
): ReadonlyArray<TimelineRow> => {
  const messages = useStream(({ stream }) => stream.messages)
  // With each, there is one more attempt to read, or one that says how its turn ended.
  const ended = useStream(({ stream }) => stream.lostPreviews + stream.stops)
  const previewed = useStream(({ stream }) => (stream.preview.length === 0 ? undefined : episodeKey(stream)))
  const preview = useStream(({ stream }) => (stream.preview.some(isShown) ? episodeKey(stream) : undefined))
  const running = useStream(({ stream }) => turnGoesOn(stream))
  const writtenBy = useStream(({ stream }) => stream.writtenBy)
  const enabled = useHost() === undefined
  const { data } = useQuery({ ...attemptsQuery(chatId, ended), enabled, placeholderData: (held) => held })
  const attempts = data?.attempts ?? NO_ATTEMPTS
  const rows = useMemo(() => timelineRows(messages, attempts, previewed), [messages, attempts, previewed])
  return useMemo(
    () => turnRows(rows, { allLoaded, attempts, preview, results: resultsOf(messages), running, unfolded, writtenBy }),
    [rows, messages, allLoaded, attempts, preview, running, unfolded, writtenBy],
  )
}

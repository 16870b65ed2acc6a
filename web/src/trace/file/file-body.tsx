import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { ChevronLeft, ChevronRight } from "lucide-react"
import { useMemo } from "react"
import { messageOf } from "../../api/client.ts"
import { LostAttempt } from "../../chat/lost-attempt.tsx"
import { MessageRow } from "../../chat/message-row.tsx"
import { timelineRows } from "../../chat/rows.ts"
import { emptyStream } from "../../stream/state.ts"
import { createStreamStore, StreamStoreContext } from "../../stream/store.ts"
import { IconButton } from "../../ui/button.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import { atVersionQuery, attemptTextsQuery, stepsQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import { attemptsAt } from "../why/attempts-at.ts"
import { useJournalAround } from "../why/use-journal.ts"
import { WhyLine } from "../why/why-line.tsx"
import { clock } from "../why/words.ts"

/** Versions that stand in the list above and below the one that is shown. */
const AROUND = 50

const Conversation = ({ version }: { readonly version: number }) => {
  const { source } = useTraceView()
  const { data, error } = useQuery({ ...atVersionQuery(source, version), placeholderData: keepPreviousData })
  const { data: texts } = useQuery(attemptTextsQuery(source))
  const { data: steps } = useQuery(stepsQuery(source))
  const messages = data?.messages
  const store = useMemo(() => createStreamStore({ ...emptyStream, messages: messages ?? [] }), [messages])
  const lost = texts === undefined || steps === undefined ? [] : attemptsAt(texts, steps, version)
  if (data === undefined || messages === undefined || error !== null) {
    return <p className="p-4 text-sm text-ink-soft">{error === null ? "Loading…" : messageOf(error)}</p>
  }
  return (
    <StreamStoreContext value={store}>
      <div className="flex flex-col gap-5 p-4">
        {timelineRows(messages, lost).map((row) =>
          row.kind === "message" ? (
            <MessageRow key={row.key} message={row.message} />
          ) : (
            <LostAttempt key={row.key} id={row.key} attempt={row.attempt} open={false} />
          ),
        )}
        {data.queued_messages.length > 0 && (
          <p className="text-xs text-ink-faint">Queue {data.queued_messages.length}</p>
        )}
      </div>
    </StreamStoreContext>
  )
}

const Versions = ({ version }: { readonly version: number }) => {
  const { source, goTo } = useTraceView()
  const { data } = useJournalAround(source, version)
  return (
    <ol aria-label="Versions" className="text-xs tabular-nums">
      {data
        ?.filter((row) => Math.abs(row.version - version) <= AROUND)
        .map((row) => (
          <li key={row.version}>
            <button
              type="button"
              aria-current={row.version === version || undefined}
              onClick={() => goTo(row.version)}
              className="flex h-7 w-full items-center gap-3 border-b border-line px-3 text-left hover:bg-hover aria-current:bg-selected"
            >
              <span className="w-12 shrink-0 font-mono">{row.version}</span>
              <span className="min-w-0 flex-1 truncate">{visibleText(row.event)}</span>
              <span className="min-w-0 truncate text-ink-soft">{visibleText(row.to)}</span>
              <time dateTime={row.created_at} className="shrink-0 font-mono text-ink-soft">
                {clock(row.created_at)}
              </time>
            </button>
          </li>
        ))}
    </ol>
  )
}

/** What a file holds: why, the conversation at a version, and the versions. */
export const FileBody = () => {
  const { source, version, goTo } = useTraceView()
  const { data: steps } = useQuery(stepsQuery(source))
  if (steps === undefined) return null
  const last = steps.last_version
  const shown = version ?? last
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <WhyLine />
      <div className="flex h-9 shrink-0 items-center gap-1 border-b border-line px-2 text-sm">
        <IconButton label="Version before" disabled={shown <= 1} onClick={() => goTo(shown - 1)}>
          <ChevronLeft aria-hidden />
        </IconButton>
        <IconButton label="Next version" disabled={shown >= last} onClick={() => goTo(shown + 1)}>
          <ChevronRight aria-hidden />
        </IconButton>
        <span className="tabular-nums">
          Version {shown.toLocaleString()} of {last.toLocaleString()}
        </span>
      </div>
      <div className="grid min-h-0 flex-1 grid-cols-1 md:grid-cols-2">
        <section aria-label="Conversation" tabIndex={0} className="min-h-0 overflow-y-auto border-r border-line">
          <Conversation version={shown} />
        </section>
        <section aria-label="Journal" tabIndex={0} className="min-h-0 overflow-y-auto">
          <Versions version={shown} />
        </section>
      </div>
    </div>
  )
}

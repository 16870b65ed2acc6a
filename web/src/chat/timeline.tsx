import { useQuery } from "@tanstack/react-query"
import { ArrowDown } from "lucide-react"
import { memo, useEffect, useMemo } from "react"
import type { ChatError } from "../../../src/contract/chat-error.ts"
import { attemptsQuery } from "../api/queries.ts"
import { useStream } from "../stream/store.ts"
import { useEditing } from "./editing.ts"
import { LostAttempt } from "./lost-attempt.tsx"
import { LiveStatusLine } from "./live-status-line.tsx"
import { MessageRow } from "./message-row.tsx"
import { OlderMessages } from "./older-messages.tsx"
import { Parts } from "./parts.tsx"
import { attemptKey, type Row, timelineRows } from "./rows.ts"
import { useStickToBottom } from "./stick-to-bottom.ts"

const TimelineRow = memo(({ row }: { readonly row: Row }) => {
  const { message: edited } = useEditing()
  if (row.kind === "attempt") return <LostAttempt attempt={row.attempt} />
  // An edit removes what came after the edited message.
  const goes = edited !== undefined && row.message.id > edited.id
  return (
    <div inert={goes} className={`flex flex-col transition-opacity ${goes ? "opacity-40" : ""}`}>
      <MessageRow message={row.message} />
    </div>
  )
})

/** The committed rows. Not rendered again while text streams. */
const Rows = ({ chatId }: { readonly chatId: string }) => {
  const messages = useStream(({ stream }) => stream.messages)
  const lost = useStream(({ stream }) => stream.lostPreviews)
  const previewed = useStream(({ stream: { episode, preview } }) =>
    episode === undefined || preview.length === 0 ? undefined : attemptKey(episode.historyVersion, episode.attempt),
  )
  const { data } = useQuery({ ...attemptsQuery(chatId, lost), placeholderData: (held) => held })
  const rows = useMemo(() => timelineRows(messages, data?.attempts ?? [], previewed), [messages, data, previewed])
  return rows.map((row) => <TimelineRow key={row.key} row={row} />)
}

/** The message being written. */
const Preview = () => {
  const parts = useStream(({ stream }) => stream.preview)
  return parts.some((part) => part.type !== "tool-result") ? <Parts parts={parts} live /> : null
}

const TimelineSkeleton = () => (
  <div role="status" aria-label="Loading the chat" className="reading-column flex flex-col gap-8 py-8">
    <div className="skeleton ml-auto h-11 w-3/5 rounded-composer" />
    <div className="flex flex-col gap-3">
      <div className="skeleton h-4 w-full" />
      <div className="skeleton h-4 w-11/12" />
      <div className="skeleton h-4 w-2/3" />
    </div>
  </div>
)

interface TimelineProps {
  readonly chatId: string
  readonly lastError: ChatError | undefined
  /** Counts what this reader sent: he then wants to see the end. */
  readonly sent: number
}

export const Timeline = ({ chatId, lastError, sent }: TimelineProps) => {
  const loaded = useStream(({ stream }) => stream.status !== undefined)
  const first = useStream(({ stream }) => stream.messages[0]?.id)
  const { boxRef, contentRef, atBottom, toBottom } = useStickToBottom(first)
  useEffect(toBottom, [sent, toBottom])

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={boxRef}
        data-timeline
        role="region"
        aria-label="Conversation"
        // Scrolled with the keyboard.
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <div ref={contentRef}>
          {loaded ? (
            <div className="reading-column flex flex-col gap-6 pt-8 pb-10">
              <OlderMessages chatId={chatId} />
              <Rows chatId={chatId} />
              <Preview />
              <LiveStatusLine lastError={lastError} />
            </div>
          ) : (
            <>
              <TimelineSkeleton />
              <div className="reading-column">
                <LiveStatusLine lastError={undefined} />
              </div>
            </>
          )}
        </div>
      </div>
      {!atBottom && (
        <button
          type="button"
          onClick={toBottom}
          className="appear absolute bottom-3 left-1/2 z-10 flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full border border-line-strong bg-raised px-3 text-sm text-ink-soft shadow-overlay transition-colors hover:text-ink"
        >
          <ArrowDown aria-hidden className="size-4" />
          To the end
        </button>
      )}
    </div>
  )
}

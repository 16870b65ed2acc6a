import { ArrowDown } from "lucide-react"
import { useCallback, useEffect, useEffectEvent, useState } from "react"
import type { ChatError } from "../../../src/contract/chat-error.ts"
import { useStream } from "../stream/store.ts"
import { FindBar } from "./find-bar.tsx"
import { guessHeight } from "./guess-height.ts"
import { LiveStatusLine } from "./live-status-line.tsx"
import { OlderMessages, useHistory } from "./older-messages.tsx"
import { promptAt, promptBeside } from "./prompts.ts"
import { Openings, OpeningsContext } from "./row-disclosure.tsx"
import { plainText } from "./rows.ts"
import { StickyPrompt } from "./sticky-prompt.tsx"
import { TimelineRowView } from "./timeline-row.tsx"
import { useRowWindow } from "./use-row-window.ts"
import { useTimelineRows } from "./use-timeline-rows.ts"
import "./timeline.css"

/** Room above a row that was gone to. */
const ABOVE_PX = 16

const TimelineSkeleton = () => (
  <div role="region" aria-label="Conversation" className="min-h-0 flex-1">
    <div role="status" aria-label="Loading the chat" className="reading-column flex flex-col gap-8 py-8">
      <div className="skeleton ml-auto h-11 w-3/5 rounded-composer" />
      <div className="flex flex-col gap-3">
        <div className="skeleton h-4 w-full" />
        <div className="skeleton h-4 w-11/12" />
        <div className="skeleton h-4 w-2/3" />
      </div>
    </div>
    <div className="reading-column">
      <LiveStatusLine chatId={undefined} lastError={undefined} />
    </div>
  </div>
)

interface TimelineProps {
  readonly chatId: string
  /** Whose chat it is has been said: what is asked for beside the conversation depends on it. */
  readonly known: boolean
  readonly lastError: ChatError | undefined
  /** The model that is chosen for what is sent next. */
  readonly modelId: string | undefined
  /** Counts what this reader sent: he then wants to see the end. */
  readonly sent: number
}

const LoadedTimeline = ({ chatId, lastError, modelId, sent }: Omit<TimelineProps, "known">) => {
  const history = useHistory(chatId)
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const [openings] = useState(() => new Openings())
  const rows = useTimelineRows(chatId, !history.mayHaveMore, unfolded)
  const viewport = useRowWindow(rows, guessHeight)
  const { boxRef, contentRef, listRef, rowRef, range, atBottom, target, topRow, toBottom, toRow } = viewport
  useEffect(toBottom, [sent, toBottom])

  const onToggle = useCallback(
    (fold: string) =>
      setUnfolded((held) => {
        const next = new Set(held)
        if (!next.delete(fold)) next.add(fold)
        return next
      }),
    [],
  )
  const unfold = (fold: string) => setUnfolded((held) => new Set(held).add(fold))
  const goBeside = (direction: "previous" | "next") => {
    const prompt = promptBeside(rows, target ?? (atBottom ? undefined : topRow), direction)
    if (prompt !== undefined) toRow(prompt, ABOVE_PX)
    else if (direction === "next") toBottom()
  }
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
    event.preventDefault()
    goBeside(event.key === "ArrowUp" ? "previous" : "next")
  })
  useEffect(() => {
    document.addEventListener("keydown", onKey)
    return () => document.removeEventListener("keydown", onKey)
  }, [])
  const above = promptAt(rows, topRow)

  return (
    <OpeningsContext value={openings}>
      <div className="relative min-h-0 flex-1">
        <div
          ref={boxRef}
          data-timeline
          role="region"
          aria-label="Conversation"
          // Scrolled with the keyboard.
          tabIndex={0}
          className="h-full overflow-y-auto overscroll-contain bg-canvas [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
        >
          <div ref={contentRef} className="reading-column pt-8 pb-10">
            <OlderMessages history={history} />
            <div ref={listRef}>
              <div style={{ height: range.before }} />
              {rows.slice(range.from, range.to).map((row) => (
                <TimelineRowView
                  key={row.key}
                  row={row}
                  goneTo={row.key === target}
                  rowRef={rowRef}
                  onToggle={onToggle}
                />
              ))}
              <div style={{ height: range.after }} />
            </div>
            <LiveStatusLine chatId={chatId} lastError={lastError} modelId={modelId} />
          </div>
        </div>
        {above !== undefined && (
          <StickyPrompt
            text={plainText(above.message.content)}
            onReturn={() => toRow(above.key, ABOVE_PX)}
            onPrevious={() => goBeside("previous")}
            onNext={() => goBeside("next")}
          />
        )}
        <FindBar rows={rows} history={history} boxRef={boxRef} openings={openings} onUnfold={unfold} onShow={toRow} />
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
    </OpeningsContext>
  )
}

export const Timeline = ({ known, ...props }: TimelineProps) => {
  const loaded = useStream(({ stream }) => stream.status !== undefined)
  return loaded && known ? <LoadedTimeline {...props} /> : <TimelineSkeleton />
}

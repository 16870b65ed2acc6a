import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { CloudOff } from "lucide-react"
import { useCallback, useEffect, useMemo, useState } from "react"
import type { ChatAtVersion } from "../../../../src/contract/inspection.ts"
import type { Message } from "../../../../src/contract/chats.ts"
import { messageOf } from "../../api/client.ts"
import { guessHeight } from "../../chat/guess-height.ts"
import { PastContext } from "../../chat/past.ts"
import { Openings, OpeningsContext } from "../../chat/row-disclosure.tsx"
import { resultsOf, timelineRows } from "../../chat/rows.ts"
import { TimelineRowView } from "../../chat/timeline-row.tsx"
import { turnRows } from "../../chat/turns.ts"
import { useRowWindow } from "../../chat/use-row-window.ts"
import { StateChip } from "../../chats/state-glyph.tsx"
import { isIn, isResting } from "../../chats/status.ts"
import { emptyStream } from "../../stream/state.ts"
import { createStreamStore, StreamStoreContext } from "../../stream/store.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { LoadFailed } from "../../ui/list-states.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import { counted } from "../figures.ts"
import { useShownVersion } from "../shown-version.ts"
import { atVersionQuery, attemptTextsQuery, isGone, MESSAGES_AT_ONCE, stepsQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import { attemptsAt } from "../why/attempts-at.ts"
import { QueueAt } from "./queue-at.tsx"
import "../../chat/timeline.css"

const NOTHING_WRITTEN: ReadonlyMap<number, string> = new Map()

/** What of the chat's stream the rows ask for, as it was. */
const streamOf = (at: ChatAtVersion, messages: ReadonlyArray<Message>) => ({
  ...emptyStream,
  messages,
  queue: at.queued_messages,
  status: { status: at.status, activity: at.life },
  approvals: isIn({ activity: at.life }, "requires_action.approval")
    ? at.pending_calls.map(({ id, tool_call_id, tool_name }) => ({ id, tool_call_id, tool_name, args: "", reason: "" }))
    : [],
})

const states: Readonly<Record<string, string>> = {
  planned: "not begun",
  started: "at work",
  done: "done, not in the conversation yet",
  canceled: "stopped",
}

/** Calls that had no answer yet. */
const PendingCalls = ({ at: { pending_calls: calls } }: { readonly at: ChatAtVersion }) =>
  calls.length === 0 ? null : (
    <section aria-label="Pending calls" className="w-full rounded-card border border-line px-3 py-2">
      <p className="text-xs text-ink-faint">{counted(calls.length, "call")} without an answer yet</p>
      <ul>
        {calls.map(({ id, state, tool_name }) => (
          <li key={id} className="flex items-baseline gap-2 text-xs">
            <code className="min-w-0 truncate font-mono text-ink">{visibleText(tool_name)}</code>
            <span className="ml-auto shrink-0 text-ink-soft">{states[state] ?? state}</span>
          </li>
        ))}
      </ul>
    </section>
  )

interface RowsProps {
  readonly at: ChatAtVersion
  /** Another version than this is asked for, and on its way. */
  readonly stale: boolean
}

const Rows = ({ at, stale }: RowsProps) => {
  const { source } = useTraceView()
  const [older, setOlder] = useState<{
    readonly version: number
    readonly messages: ReadonlyArray<Message>
    readonly more: boolean
  }>()
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const [openings] = useState(() => new Openings())
  const held = older?.version === at.version ? older : undefined
  const messages = useMemo(
    () => (held === undefined ? at.messages : [...held.messages, ...at.messages]),
    [held, at.messages],
  )
  const more = held === undefined ? at.has_more === true : held.more
  const { data: texts } = useQuery(attemptTextsQuery(source))
  const { data: steps } = useQuery(stepsQuery(source))
  const lost = useMemo(
    () => (texts === undefined || steps === undefined ? [] : attemptsAt(texts, steps, at.version)),
    [texts, steps, at.version],
  )
  const rows = useMemo(
    () =>
      turnRows(timelineRows(messages, lost), {
        allLoaded: !more,
        attempts: [],
        preview: undefined,
        results: resultsOf(messages),
        running: !isResting(at.status),
        unfolded,
        writtenBy: NOTHING_WRITTEN,
      }),
    [messages, lost, more, at.status, unfolded],
  )
  const store = useMemo(() => createStreamStore(streamOf(at, messages)), [at, messages])
  const { boxRef, contentRef, listRef, range, rowRef } = useRowWindow(rows, guessHeight)
  const load = useMutation({
    mutationFn: async () => {
      const [first] = messages
      if (first === undefined) return
      const page = await source.at(at.version, new AbortController().signal, {
        tail: MESSAGES_AT_ONCE * 5,
        before: first.id,
      })
      const known = held?.messages ?? []
      setOlder({ version: at.version, messages: [...page.messages, ...known], more: page.has_more === true })
    },
  })
  const onToggle = useCallback((fold: string) => {
    setUnfolded((open) => {
      const next = new Set(open)
      if (!next.delete(fold)) next.add(fold)
      return next
    })
  }, [])
  return (
    <StreamStoreContext value={store}>
      <OpeningsContext value={openings}>
        <div
          ref={boxRef}
          role="region"
          aria-label={`Conversation at version ${at.version}`}
          aria-busy={stale}
          // Scrolled with the keyboard.
          tabIndex={0}
          className={`min-h-0 flex-1 overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px] ${stale ? "trace-stale" : ""}`}
        >
          <div ref={contentRef} data-version={at.version} className="reading-column pt-3 pb-6 trace-conversation">
            {more && (
              <div className="flex justify-center pb-4">
                <Button look="quiet" busy={load.isPending} onClick={() => load.mutate()}>
                  Earlier messages
                </Button>
              </div>
            )}
            {load.isError && (
              <LoadFailed title="Earlier messages could not be read" error={load.error} onRetry={() => load.mutate()} />
            )}
            <div ref={listRef}>
              <div style={{ height: range.before }} />
              {rows.slice(range.from, range.to).map((row) => (
                <TimelineRowView key={row.key} row={row} goneTo={false} rowRef={rowRef} onToggle={onToggle} />
              ))}
              <div style={{ height: range.after }} />
            </div>
            {messages.length === 0 && <p className="text-sm text-ink-faint">No message had been taken up yet.</p>}
            <div className="flex flex-col items-start gap-2">
              <StateChip state={{ status: at.status, activity: at.life }} />
              <PendingCalls at={at} />
            </div>
          </div>
        </div>
      </OpeningsContext>
    </StreamStoreContext>
  )
}

/** Conversation, pending calls and queue as they were right after the version that is looked at; nothing of it can be changed. */
export const ConversationAt = () => {
  const { source } = useTraceView()
  const version = useShownVersion()
  const { data, error, isPaused, isPlaceholderData, refetch } = useQuery({
    ...atVersionQuery(source, version ?? 0),
    enabled: version !== undefined && version > 0,
    placeholderData: (held: ChatAtVersion | undefined) => held,
  })
  const queryClient = useQueryClient()
  // A version that is not there may be one that has come meanwhile, or of a chat that is gone.
  const notThere = isGone(error)
  useEffect(() => {
    if (notThere) void queryClient.invalidateQueries({ queryKey: stepsQuery(source).queryKey })
  }, [notThere, queryClient, source])
  if (notThere) {
    return (
      <div className="p-4">
        <Callout tone="danger" role="alert" title={`Version ${version} cannot be shown`}>
          {messageOf(error)}
        </Callout>
      </div>
    )
  }
  if (error !== null) {
    return (
      <div className="p-4">
        <LoadFailed title={`Version ${version} could not be read`} error={error} onRetry={() => void refetch()} />
      </div>
    )
  }
  // No other version in its place: it would be taken for this one.
  if (isPaused && (data === undefined || isPlaceholderData)) {
    return (
      <div className="p-4">
        <Callout tone="info" role="status" Icon={CloudOff} title={`Version ${version} was not read before`}>
          You are offline. It is shown once there is a connection.
        </Callout>
      </div>
    )
  }
  if (data === undefined) {
    return (
      <div role="status" aria-label="Loading the conversation" className="flex flex-1 flex-col gap-4 p-4">
        <div className="skeleton ml-auto h-10 w-3/5 rounded-composer" />
        <div className="skeleton h-4 w-11/12" />
        <div className="skeleton h-4 w-2/3" />
      </div>
    )
  }
  return (
    <PastContext value>
      <Rows at={data} stale={isPlaceholderData} />
      <QueueAt queue={data.queued_messages} />
    </PastContext>
  )
}

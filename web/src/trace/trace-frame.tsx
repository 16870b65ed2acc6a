import type { ReactNode } from "react"
import { useQuery } from "@tanstack/react-query"
import { StateChip } from "../chats/state-glyph.tsx"
import { isResting } from "../chats/status.ts"
import { duration } from "../chats/time.ts"
import { LoadFailed } from "../ui/list-states.tsx"
import { proseText } from "../ui/prose-text.ts"
import { useMedia } from "../ui/use-media.ts"
import { ConversationAt } from "./conversation/conversation-at.tsx"
import { counted, money } from "./figures.ts"
import { NothingKept } from "./nothing-kept.tsx"
import { narrowPanes, panes, type TracePane } from "./panes.tsx"
import { Scrubber } from "./scrubber/scrubber.tsx"
import { useVersionsAhead } from "./shown-version.ts"
import { costOf } from "./steps/waterfall.ts"
import { stepsQuery } from "./trace-queries.ts"
import { useTraceView } from "./trace-source.ts"
import { TraceTabs } from "./trace-tabs.tsx"
import { useTraceKeys } from "./use-trace-keys.ts"
import { VersionBanner } from "./version-banner.tsx"
import { WhyLine } from "./why/why-line.tsx"
import "./trace.css"

const column = "flex min-h-0 min-w-0 flex-col divide-y divide-line border-r border-line last:border-r-0"

const Column = ({ of }: { readonly of: TracePane["column"] }) => {
  const shown = panes.filter((pane) => pane.column === of)
  return shown.length === 0 ? null : (
    <div className={column}>
      {shown.map(({ id, share, Pane }) => (
        <div key={id} className={`flex min-h-0 flex-col ${share}`}>
          <Pane />
        </div>
      ))}
    </div>
  )
}

const Wide = () => {
  const { version } = useTraceView()
  return (
    <div className="trace-columns grid min-h-0 flex-1">
      <section aria-label="The chat as it was" className={column}>
        <div className="flex min-h-0 flex-1 flex-col">
          <header className="flex h-9 shrink-0 items-center justify-between px-3.5">
            <h2 className="text-sm font-semibold">Conversation</h2>
            <p className="text-xs text-ink-faint">{version === undefined ? "as it is now" : "as it was"}</p>
          </header>
          <ConversationAt />
        </div>
      </section>
      <Column of="middle" />
      <Column of="side" />
    </div>
  )
}

/** What all of the chat came to. */
const Summary = () => {
  const { source } = useTraceView()
  const { data: steps } = useQuery(stepsQuery(source))
  if (steps === undefined) return null
  const cost = costOf(steps.attempts)
  return (
    <p className="min-w-0 truncate text-xs text-ink-faint tabular-nums">
      {counted(steps.last_version, "version")} in {duration(steps.times.at(-1) ?? 0)}
      {cost !== undefined && `, ${money(cost)}`}
    </p>
  )
}

const StateNow = () => {
  const { source } = useTraceView()
  const { data: now } = useQuery({ ...stepsQuery(source), select: ({ states }) => states.at(-1) })
  return now === undefined ? null : (
    <span className="flex shrink-0 items-center gap-1.5 text-xs text-ink-faint">
      {isResting(now.status) && now.status !== "error" ? "now at rest" : "now"}
      <StateChip state={now} />
    </span>
  )
}

interface TraceFrameProps {
  readonly title: string
  /** Before the title: the way back. */
  readonly lead: ReactNode
  /** What can be done with all of it. */
  readonly actions: ReactNode
  readonly noVersion?: string | undefined
  /** Above all of it, where something is to be said of the whole. */
  readonly notice?: ReactNode
}

/** A chat over its whole life, whatever it is read from: scrubber, and what was said and done at the version it stands at. */
export const TraceFrame = ({ title, lead, actions, noVersion, notice }: TraceFrameProps) => {
  const { source } = useTraceView()
  const { data, error, refetch } = useQuery(stepsQuery(source))
  const wide = useMedia("(min-width: 1100px)")
  useTraceKeys()
  useVersionsAhead()
  return (
    <>
      <header className="flex min-h-(--h-bar) shrink-0 items-center gap-2.5 border-b border-line py-1 pr-3 pl-2 pointer-coarse:min-h-13">
        {lead}
        <div className="flex min-w-0 flex-1 items-center gap-x-3 max-sm:flex-col max-sm:items-start">
          <h1 className="max-w-full min-w-0 truncate text-md font-semibold">{proseText(title)}</h1>
          <div className="flex max-w-full min-w-0 items-center gap-3">
            <StateNow />
            <Summary />
          </div>
        </div>
        <div className="flex shrink-0 items-center gap-1.5">{actions}</div>
      </header>
      {notice}
      {data === undefined && error !== null ? (
        <div className="m-auto w-full max-w-lg p-4">
          <LoadFailed title="The life of this chat could not be read" error={error} onRetry={() => void refetch()} />
        </div>
      ) : data?.last_version === 0 ? (
        <NothingKept />
      ) : (
        <>
          <WhyLine />
          <Scrubber />
          <VersionBanner noVersion={noVersion} />
          {wide ? <Wide /> : <TraceTabs panes={narrowPanes} />}
        </>
      )}
    </>
  )
}

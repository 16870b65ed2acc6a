import { useState } from "react"
import type { ChatTransition } from "../../../src/contract/inspection.ts"
import { messageOf } from "../api/client.ts"
import { Button } from "../ui/button.tsx"
import { Fact, Facts } from "./state-facts.tsx"
import { useTransitions } from "./use-transitions.ts"
import { VersionState } from "./version-state.tsx"

const clock = (time: string): string => {
  const at = new Date(time)
  return Number.isNaN(at.getTime()) ? time : at.toLocaleTimeString(undefined, { hour12: false })
}

const milliseconds = (microseconds: number): string => `${(microseconds / 1000).toFixed(1)} ms`

interface RowProps {
  readonly chatId: string
  readonly transition: ChatTransition
  readonly open: boolean
  readonly onToggle: () => void
}

const Row = ({ chatId, transition, open, onToggle }: RowProps) => (
  <li>
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="flex w-full flex-col gap-0.5 px-4 py-2 text-left transition-colors hover:bg-hover aria-expanded:bg-selected focus-visible:outline-offset-[-2px]"
    >
      <span className="flex w-full items-baseline gap-2 text-sm">
        <span className="w-9 shrink-0 font-mono text-xs text-ink-faint tabular-nums">{transition.version}</span>
        <span className="min-w-0 flex-1 truncate font-medium">{transition.event}</span>
        <time dateTime={transition.created_at} className="shrink-0 text-xs text-ink-faint tabular-nums">
          {clock(transition.created_at)}
        </time>
      </span>
      <span className="pl-11 font-mono text-xs text-ink-soft [overflow-wrap:anywhere]">
        {transition.from === transition.to ? transition.to : `${transition.from} → ${transition.to}`}
      </span>
    </button>
    {open && (
      <div className="flex flex-col gap-3 border-y border-line bg-sunken px-4 py-3">
        <VersionState chatId={chatId} version={transition.version} />
        <Facts>
          {Object.keys(transition.detail).length > 0 && (
            <Fact name="Event">
              {Object.entries(transition.detail)
                .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
                .join(", ")}
            </Fact>
          )}
          {transition.duration_us !== undefined && <Fact name="Took">{milliseconds(transition.duration_us)}</Fact>}
          <Fact name="Owner's epoch">{transition.epoch}</Fact>
        </Facts>
      </div>
    )}
  </li>
)

/** Each step of the chat's machine, newest first, as it happens. One opens to show the chat as it was then. */
export const TransitionList = ({ chatId }: { readonly chatId: string }) => {
  const { transitions, error, hasOlder, isLoading, loadOlder, retry } = useTransitions(chatId)
  const [open, setOpen] = useState<number>()
  return (
    <section aria-label="Transitions">
      <h3 className="px-4 pt-3 pb-1.5 text-xs font-medium text-ink-faint">Transitions</h3>
      {error !== null && (
        <div role="alert" className="flex items-center gap-3 px-4 py-2 text-sm text-danger">
          <span className="min-w-0 flex-1">{messageOf(error)}</span>
          <Button onClick={retry}>Try again</Button>
        </div>
      )}
      <ol className="divide-y divide-line">
        {transitions.map((transition) => (
          <Row
            key={transition.version}
            chatId={chatId}
            transition={transition}
            open={open === transition.version}
            onToggle={() => setOpen(open === transition.version ? undefined : transition.version)}
          />
        ))}
      </ol>
      {hasOlder && (
        <div className="p-3">
          <Button className="w-full" busy={isLoading} onClick={loadOlder}>
            Older transitions
          </Button>
        </div>
      )}
    </section>
  )
}

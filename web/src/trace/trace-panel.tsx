import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { Maximize2, X } from "lucide-react"
import { useRef } from "react"
import { IconButton } from "../ui/button.tsx"
import { LoadFailed } from "../ui/list-states.tsx"
import { useMedia } from "../ui/use-media.ts"
import { sharedChatSource } from "./chat-source.ts"
import { NothingKept } from "./nothing-kept.tsx"
import { narrowPanes, panes } from "./panes.tsx"
import { Scrubber } from "./scrubber/scrubber.tsx"
import { useVersionsAhead } from "./shown-version.ts"
import { stepsQuery } from "./trace-queries.ts"
import { TraceViewProvider, useTraceView } from "./trace-source.ts"
import { TraceTabs } from "./trace-tabs.tsx"
import { useFollowedTrace } from "./use-followed-trace.ts"
import { useTraceKeys } from "./use-trace-keys.ts"
import { VersionBanner } from "./version-banner.tsx"
import { WhyLine } from "./why/why-line.tsx"
import "./trace.css"

export interface TraceBesideProps {
  readonly chatId: string
  readonly version: number | undefined
  readonly goTo: (version: number | undefined) => void
}

interface TracePanelProps extends TraceBesideProps {
  readonly onClose: () => void
}

const Panel = ({ chatId, onClose }: Pick<TracePanelProps, "chatId" | "onClose">) => {
  const { source, version } = useTraceView()
  const { data, error, refetch } = useQuery(stepsQuery(source))
  // On a small screen it covers the conversation, which is a view of it then.
  const beside = useMedia("(min-width: 1024px)")
  const box = useRef<HTMLDivElement>(null)
  useFollowedTrace(source)
  useTraceKeys({ area: box, onLeave: onClose })
  useVersionsAhead()
  return (
    <div ref={box} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-(--h-bar) shrink-0 items-center gap-1 border-b border-line pr-2 pl-4 pointer-coarse:h-13">
        <h2 className="mr-auto font-medium">Trace</h2>
        <Link
          to="/agents/$chatId/trace/{-$version}"
          params={{ chatId, version: version === undefined ? undefined : String(version) }}
          aria-label="Open Trace as a page"
          title="Open Trace as a page"
          className="flex size-7 items-center justify-center rounded-control text-ink-faint hover:bg-hover hover:text-ink pointer-coarse:size-11"
        >
          <Maximize2 aria-hidden className="size-4" />
        </Link>
        <IconButton label="Close Trace" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      {data === undefined && error !== null ? (
        <div className="p-4">
          <LoadFailed title="The life of this chat could not be read" error={error} onRetry={() => void refetch()} />
        </div>
      ) : data?.last_version === 0 ? (
        <NothingKept />
      ) : (
        <>
          <Scrubber />
          <div className="border-t border-line">
            <WhyLine />
          </div>
          <div className="border-t border-line lg:hidden">
            <VersionBanner />
          </div>
          <div className="flex min-h-0 flex-1 flex-col lg:border-t lg:border-line">
            <TraceTabs panes={beside ? panes : narrowPanes} />
          </div>
        </>
      )}
    </div>
  )
}

/** Beside the chat: its life, and what of it is wanted in one view at a time. The conversation turns with it. */
export const TracePanel = ({ chatId, version, goTo, onClose }: TracePanelProps) => (
  <TraceViewProvider value={{ source: sharedChatSource(chatId), version, goTo }}>
    <Panel chatId={chatId} onClose={onClose} />
  </TraceViewProvider>
)

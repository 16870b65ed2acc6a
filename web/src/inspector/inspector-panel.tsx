import { useQuery } from "@tanstack/react-query"
import { useMemo, useState } from "react"
import { messageOf } from "../api/client.ts"
import { machineQuery } from "../api/queries.ts"
import { chatSource } from "../trace/chat-source.ts"
import { ExportButton } from "../trace/file/export-button.tsx"
import { OpenDroppedFile } from "../trace/file/open-file.tsx"
import { TraceViewProvider } from "../trace/trace-source.ts"
import { WhyLine } from "../trace/why/why-line.tsx"
import { Fact, Facts, StateFacts } from "./state-facts.tsx"
import { TransitionList } from "./transition-list.tsx"

const Now = ({ chatId }: { readonly chatId: string }) => {
  const { data, error } = useQuery(machineQuery(chatId))
  if (data === undefined) {
    return error === null ? (
      <div role="status" aria-label="Loading the state" className="skeleton h-40" />
    ) : (
      <p role="alert" className="text-sm text-danger">
        {messageOf(error)}
      </p>
    )
  }
  return (
    <>
      <Facts>
        <Fact name="Status">{data.status}</Fact>
        <StateFacts state={data} />
        <Fact name="Version">
          {data.version}, of machine {data.machine_version}
        </Fact>
        <Fact name="Owner">
          {data.owner.instance === null ? "nobody" : data.owner.instance.slice(0, 8)}, epoch {data.owner.epoch}
        </Fact>
        {data.deadlines.map(({ name, at }) => (
          <Fact key={name} name={`Until (${name})`}>
            {at}
          </Fact>
        ))}
      </Facts>
      <h3 className="mt-3 mb-1.5 text-xs font-medium text-ink-faint">Events it takes now</h3>
      <ul className="flex flex-wrap gap-1">
        {data.accepts.map((event) => (
          <li key={event} className="rounded-small border border-line px-1.5 font-mono text-2xs text-ink-soft">
            {event}
          </li>
        ))}
      </ul>
    </>
  )
}

const State = ({ chatId }: { readonly chatId: string }) => (
  <div
    role="group"
    aria-label="State and transitions"
    // Scrolled with the keyboard.
    tabIndex={0}
    className="min-h-0 flex-1 overflow-y-auto focus-visible:outline-offset-[-2px]"
  >
    <section aria-label="State" className="border-b border-line px-4 py-3">
      <Now chatId={chatId} />
    </section>
    <TransitionList chatId={chatId} />
  </div>
)

/** What the inspector shows: why, the state now, and how it came about. */
export const InspectorPanel = ({ chatId }: { readonly chatId: string }) => {
  const [version, setVersion] = useState<number | undefined>(undefined)
  const view = useMemo(() => ({ source: chatSource(chatId), version, goTo: setVersion }), [chatId, version])
  return (
    <TraceViewProvider value={view}>
      <OpenDroppedFile />
      <WhyLine />
      <div className="flex justify-end border-b border-line p-2">
        <ExportButton />
      </div>
      <State chatId={chatId} />
    </TraceViewProvider>
  )
}

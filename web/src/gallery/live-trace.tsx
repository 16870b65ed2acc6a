import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { chatSource } from "../trace/chat-source.ts"
import { JournalPane } from "../trace/journal/journal-pane.tsx"
import { ContextDiff } from "../trace/machine/context-diff.tsx"
import { MachinePane } from "../trace/machine/machine-pane.tsx"
import { machineQuery } from "../trace/trace-queries.ts"
import { TraceViewProvider } from "../trace/trace-source.ts"

const EVERY_MS = 300

/** The panes of Trace for one chat of the server that the gallery's address is a proxy of: `/gallery.html?chat=ID`. */
export const LiveTrace = ({ chat }: { readonly chat: string }) => {
  const [source] = useState(() => chatSource(chat))
  const [version, goTo] = useState<number>()
  useQuery({ ...machineQuery(source), staleTime: 0, refetchInterval: EVERY_MS })
  return (
    <TraceViewProvider value={{ source, version, goTo }}>
      <main className="grid h-dvh grid-cols-1 overflow-y-auto bg-canvas lg:grid-cols-[minmax(0,1fr)_28rem]">
        <h1 className="sr-only">Trace</h1>
        <JournalPane />
        <div className="min-h-0 overflow-y-auto border-l border-line">
          <MachinePane />
          <ContextDiff />
        </div>
      </main>
    </TraceViewProvider>
  )
}

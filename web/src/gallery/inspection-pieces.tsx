import { type ReactNode, useState } from "react"
import { JournalPane } from "../trace/journal/journal-pane.tsx"
import { ContextDiff } from "../trace/machine/context-diff.tsx"
import { MachinePane } from "../trace/machine/machine-pane.tsx"
import { type TraceSource, TraceViewProvider } from "../trace/trace-source.ts"
import { traceFixture } from "./trace-fixture.ts"

const live = traceFixture({ key: "gallery-live", last: 96 })
const broken = traceFixture({
  key: "gallery-broken",
  last: 12,
  more: {
    life: "running.dreaming",
    machine_version: 3,
    fault: "This chat is in a state that the machine does not have.",
    accepts: ["ReconcileInvalidState"],
    refuses: [],
  },
})
const opened = traceFixture({ key: "gallery-file", last: 1_000_000, kind: "file" })

interface ViewProps {
  readonly source: TraceSource
  readonly begins: number | undefined
  readonly children: ReactNode
}

const View = ({ source, begins, children }: ViewProps) => {
  const [version, setVersion] = useState(begins)
  return <TraceViewProvider value={{ source, version, goTo: setVersion }}>{children}</TraceViewProvider>
}

const frame = "max-w-[28rem] rounded-card border border-line"

/** The machine, the journal and what differs, of a chat that goes on, of one that is broken, and of a file. */
export const InspectionPieces = () => (
  <>
    <section aria-label="Machine of a chat" className="flex min-w-0 flex-col gap-4">
      <h2 className="border-b border-line pb-1 text-xs text-ink-faint">Machine of a chat</h2>
      <View source={live} begins={undefined}>
        <div className={frame}>
          <MachinePane />
        </div>
      </View>
    </section>
    <section aria-label="Machine of a broken chat" className="flex min-w-0 flex-col gap-4">
      <h2 className="border-b border-line pb-1 text-xs text-ink-faint">Machine of a broken chat</h2>
      <View source={broken} begins={undefined}>
        <div className={frame}>
          <MachinePane label="Machine with a fault" />
        </div>
      </View>
    </section>
    <section aria-label="Journals" className="flex min-w-0 flex-col gap-4">
      <h2 className="border-b border-line pb-1 text-xs text-ink-faint">Journal, and one of a million versions</h2>
      <View source={live} begins={41}>
        <div className="h-96 rounded-card border border-line">
          <JournalPane />
        </div>
        <div className={frame}>
          <ContextDiff />
        </div>
      </View>
      <View source={opened} begins={500_000}>
        <div className="h-72 rounded-card border border-line">
          <JournalPane label="Journal of a file" />
        </div>
      </View>
    </section>
  </>
)

import { useQuery } from "@tanstack/react-query"
import { X } from "lucide-react"
import { messageOf } from "../api/client.ts"
import { machineQuery } from "../api/queries.ts"
import { IconButton } from "../ui/button.tsx"
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

interface InspectorPanelProps {
  readonly chatId: string
  readonly onClose: () => void
}

/** For developers: the chat's state machine as it is, and each step it made. */
export const InspectorPanel = ({ chatId, onClose }: InspectorPanelProps) => (
  <aside
    aria-label="Inspector"
    className="absolute inset-0 z-20 flex flex-col border-l border-line bg-canvas lg:static lg:w-96 lg:shrink-0"
  >
    <div className="flex h-12 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
      <h2 className="font-medium">Inspector</h2>
      <IconButton label="Close the inspector" onClick={onClose}>
        <X aria-hidden />
      </IconButton>
    </div>
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
  </aside>
)

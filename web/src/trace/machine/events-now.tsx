import { useState } from "react"
import { shortText } from "../short-text.ts"
import type { Shown } from "../shown-state.ts"
import { useTraceView } from "../trace-source.ts"
import { SendEvent } from "./send-event.tsx"
import { sendableOf } from "./sendable.ts"

const heading = "text-xs text-ink-soft"
const MOST_EVENTS = 60

const chip = "inline-flex h-6 max-w-full items-center rounded-control border px-2 text-xs"

/** What the machine would take, and what it would not, with the reason. What a person may send from here is a button, and only now. */
export const EventsNow = ({ shown }: { readonly shown: Shown }) => {
  const { source } = useTraceView()
  const [sending, setSending] = useState<string>()
  const { machine, state, isNow } = shown
  const { accepts, refuses = [] } = state
  const canSend = isNow && source.kind === "chat"
  const sendable = sending === undefined ? undefined : sendableOf(sending)
  return (
    <div className="flex flex-col gap-1.5">
      <h3 className={heading}>{isNow ? "Possible now" : `Possible at version ${state.version}`}</h3>
      {accepts === undefined ? (
        <p className="text-xs text-ink-faint">It is not known which events were taken: the file does not have it.</p>
      ) : (
        <ul aria-label="Possible events" className="flex flex-wrap gap-1.5">
          {accepts.slice(0, MOST_EVENTS).map((event) => (
            <li key={event} className="max-w-full">
              {canSend && sendableOf(event) !== undefined ? (
                <button
                  type="button"
                  aria-haspopup="dialog"
                  onClick={() => setSending(event)}
                  className={`${chip} border-line-strong bg-raised font-medium text-ink hover:bg-selected pointer-coarse:h-11`}
                >
                  {event}
                </button>
              ) : (
                <span className={`${chip} border-dashed border-line-strong text-ink-soft`}>
                  <span className="truncate">{shortText(event)}</span>
                </span>
              )}
            </li>
          ))}
          {accepts.length === 0 && <li className="text-xs text-ink-faint">None.</li>}
        </ul>
      )}
      {refuses.length > 0 && (
        <>
          <h3 className={`mt-1.5 ${heading}`}>Refused, and why</h3>
          <ul aria-label="Refused events" className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-xs">
            {refuses.slice(0, MOST_EVENTS).map(({ event, reason }) => (
              <li key={event} className="col-span-2 grid grid-cols-subgrid">
                <s className="max-w-44 truncate text-ink-faint">{shortText(event)}</s>
                <span className="text-ink-soft [overflow-wrap:anywhere]">{shortText(reason, 400)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {sending !== undefined && sendable !== undefined && (
        <SendEvent
          chatId={source.chatId}
          sourceKey={source.key}
          event={sending}
          sendable={sendable}
          machine={machine}
          onClose={() => setSending(undefined)}
        />
      )}
    </div>
  )
}

import { ChevronRight, Radio, Square } from "lucide-react"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { visibleText } from "../ui/visible-text.ts"
import type { ApiReference, Stream } from "./api-document.ts"
import { CodeTabs } from "./code-tabs.tsx"
import { JsonText } from "./json-text.tsx"
import { prettyJson } from "./json-tokens.ts"
import { type HeardEvent, type Listening, useListening } from "./listening.ts"
import { RequestForm } from "./request-form.tsx"
import { addressOf, curlStreamText, socketText } from "./request-text.ts"
import { useExample } from "./use-example.ts"

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" })

const HeardRow = ({ event }: { readonly event: HeardEvent }) => (
  <li className="px-3 font-mono text-xs leading-5">
    <details className="group">
      <summary className="flex min-h-8 items-center gap-3 pointer-coarse:min-h-11">
        <ChevronRight
          aria-hidden
          className="size-3.5 shrink-0 text-ink-faint transition-transform group-open:rotate-90"
        />
        <span className="shrink-0 text-ink-faint tabular-nums">{clock.format(event.at)}</span>
        <span className="max-w-1/2 shrink-0 truncate font-semibold">{visibleText(event.name)}</span>
        <span dir="ltr" className="min-w-0 truncate text-ink-faint">
          {visibleText(event.text.slice(0, 200))}
        </span>
      </summary>
      <pre dir="ltr" className="pb-2 whitespace-pre-wrap text-ink-soft [overflow-wrap:anywhere]">
        <JsonText text={prettyJson(event.text)} />
      </pre>
    </details>
  </li>
)

const WORDS: Readonly<Record<Listening["state"], string>> = {
  idle: "Nothing is listened to.",
  connecting: "Connecting…",
  open: "Listening.",
  ended: "The stream has ended.",
}

/** What a stream has said so far, newest first. */
export const HeardEvents = ({ listening }: { readonly listening: Listening }) => (
  <div className="flex flex-col gap-2">
    <p role="status" className="text-xs text-ink-faint tabular-nums">
      {`${WORDS[listening.state]} ${listening.count.toLocaleString()} ${listening.count === 1 ? "event" : "events"}${
        listening.count > listening.events.length ? `, the newest ${listening.events.length} are shown` : ""
      }.`}
    </p>
    {listening.ended !== undefined && listening.state === "ended" && (
      <Callout tone="info" title="The stream has ended">
        {visibleText(listening.ended)}
      </Callout>
    )}
    {listening.events.length > 0 && (
      <div
        role="group"
        aria-label="Events"
        tabIndex={0}
        className="max-h-96 overflow-y-auto rounded-card border border-line bg-sunken"
      >
        <ol className="divide-y divide-line">
          {listening.events.map((event) => (
            <HeardRow key={event.id} event={event} />
          ))}
        </ol>
      </div>
    )}
  </div>
)

interface ListenPanelProps {
  readonly stream: Stream
  readonly reference: ApiReference
}

/** A stream as a command, and its live events. */
export const ListenPanel = ({ stream, reference }: ListenPanelProps) => {
  const example = useExample(stream, reference)
  const { listening, listen, stop } = useListening()
  const address = addressOf({ ...stream, method: "GET" }, example.values)
  const goesOn = listening.state === "connecting" || listening.state === "open"
  const isOfChat = stream.parameters.some((parameter) => parameter.in === "path")
  return (
    <section aria-label={`Example: ${stream.summary}`} className="flex flex-col gap-4">
      <RequestForm operation={stream} example={example} />
      <div className="flex items-center gap-3">
        {goesOn ? (
          <Button onClick={stop}>
            <Square aria-hidden className="size-3.5" />
            Stop listening
          </Button>
        ) : (
          <Button
            look="primary"
            disabled={address.includes("{") || example.pending || example.lacking.length > 0}
            onClick={() => listen(address)}
          >
            <Radio aria-hidden className="size-3.5" />
            Listen
          </Button>
        )}
        <p className="text-xs text-ink-faint">Opens the stream as a WebSocket, with the session of this page.</p>
      </div>
      {listening.state !== "idle" || listening.count > 0 ? <HeardEvents listening={listening} /> : null}
      <CodeTabs
        texts={[
          // Only the stream of one chat comes as server-sent events.
          ...(isOfChat ? [{ title: "curl", text: curlStreamText(address) }] : []),
          { title: "JavaScript", text: socketText(address) },
        ]}
      />
    </section>
  )
}

import { memo, type RefCallback } from "react"
import type { Part } from "../../../src/contract/parts.ts"
import { useStream } from "../stream/store.ts"
import { useEditing } from "./editing.ts"
import { LostAttempt } from "./lost-attempt.tsx"
import { AgentMessage, MessageRow } from "./message-row.tsx"
import { TurnEnd } from "./turn-end.tsx"
import { TurnFold } from "./turn-fold.tsx"
import type { TimelineRow } from "./turns.ts"

/** Room below a row: little within a turn, more where one ends. */
const spacing: Record<TimelineRow["kind"], string> = {
  prompt: "pb-5",
  boundary: "pb-6",
  fold: "pb-4",
  attempt: "pb-2",
  agent: "pb-2",
  end: "pb-7",
}

const NOTHING: ReadonlyArray<Part> = []

/** A step: one and the same while it is written and when it is a message. */
const AgentRow = ({ row }: { readonly row: Extract<TimelineRow, { readonly kind: "agent" }> }) => {
  const { from, key, message, running, to } = row
  const preview = useStream(({ stream }) => (message === undefined ? stream.preview : NOTHING))
  const broken = useStream(({ stream }) => message === undefined && stream.status?.status === "error")
  return (
    <AgentMessage
      content={message?.content ?? preview}
      id={key}
      finishReason={message?.finish_reason}
      writing={message === undefined && running}
      running={running}
      broken={broken}
      from={from}
      to={to}
    />
  )
}

interface ContentProps {
  readonly row: TimelineRow
  readonly onToggle: (fold: string) => void
}

const Content = ({ row, onToggle }: ContentProps) => {
  switch (row.kind) {
    case "prompt":
    case "boundary":
      return <MessageRow message={row.message} />
    case "fold":
      return <TurnFold turn={row.turn} open={row.open} onToggle={() => onToggle(row.id)} />
    case "attempt":
      return <LostAttempt attempt={row.attempt} id={row.key} open={row.open} />
    case "agent":
      return <AgentRow row={row} />
    case "end":
      return <TurnEnd messageId={row.messageId} text={row.text} stopped={row.stopped} at={row.at} />
    default:
      return row satisfies never
  }
}

/** The message that goes with the row when the conversation is cut; a text that is being written goes with any. */
const messageIdOf = (row: TimelineRow): number => {
  switch (row.kind) {
    case "prompt":
    case "boundary":
      return row.message.id
    case "fold":
    case "end":
      return row.messageId
    case "agent":
      return row.message?.id ?? Infinity
    case "attempt":
      return 0
    default:
      return row satisfies never
  }
}

interface TimelineRowProps extends ContentProps {
  /** It was gone to, and is shown to be the one. */
  readonly goneTo: boolean
  readonly rowRef: RefCallback<HTMLElement>
}

const isSameRow = (a: TimelineRow, b: TimelineRow): boolean =>
  (Object.keys(a) as ReadonlyArray<keyof TimelineRow>).every((field) => Object.is(a[field], b[field])) &&
  Object.keys(a).length === Object.keys(b).length

/** A row in its place. Rendered again only when it says something else: the rows are made anew with each message. */
export const TimelineRowView = memo(
  ({ row, goneTo, rowRef, onToggle }: TimelineRowProps) => {
    const { message: edited } = useEditing()
    // An edit removes what came after the edited message.
    const goes = edited !== undefined && messageIdOf(row) > edited.id
    return (
      <div
        ref={rowRef}
        data-row={row.key}
        data-gone-to={goneTo || undefined}
        inert={goes}
        className={`flex flex-col transition-opacity ${spacing[row.kind]} ${goes ? "opacity-40" : ""}`}
      >
        <Content row={row} onToggle={onToggle} />
      </div>
    )
  },
  (before, after) =>
    isSameRow(before.row, after.row) &&
    before.goneTo === after.goneTo &&
    before.rowRef === after.rowRef &&
    before.onToggle === after.onToggle,
)

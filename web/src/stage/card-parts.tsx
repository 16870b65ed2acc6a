import type { ReactNode } from "react"
import type { ChatBoard } from "../../../src/contract/board.ts"
import type { Chat } from "../../../src/contract/chats.ts"
import { nextAttempt, retryTitle, secondsUntil } from "../chat/live-status.ts"
import { hasPlanToRead, isIn } from "../chats/status.ts"
import { clockTime } from "../chats/time.ts"
import { Kbd } from "../ui/kbd.tsx"
import { proseText } from "../ui/prose-text.ts"
import type { AskedCall } from "../approvals/asked-calls.ts"
import type { Question } from "./asks.ts"
import { useClock } from "./use-time.ts"

const HOUR = 3_600_000

/** `0:42`, `12 min`, `3 h`, `2 d`: by the second only as long as somebody counts seconds. */
export const waitedFor = (ms: number): string => {
  if (ms < HOUR / 6) return clockTime(ms)
  if (ms < HOUR) return `${Math.floor(ms / 60_000)} min`
  return ms < 24 * HOUR ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / (24 * HOUR))} d`
}

/** Hidden from screen readers, which would read each second of it. */
export const CardTimer = ({ since }: { readonly since: string }) => {
  const began = Date.parse(since)
  return (
    <time aria-hidden dateTime={since} className="text-xs whitespace-nowrap tabular-nums">
      {useClock((now) => waitedFor(Math.max(0, now - began)))}
    </time>
  )
}

const NextTry = ({ at }: { readonly at: string }) => {
  const instant = Date.parse(at)
  const left = useClock((now) => secondsUntil(instant, now))
  return (
    <span aria-hidden className="text-xs whitespace-nowrap tabular-nums">
      {left === undefined ? "now" : `next in ${clockTime(left * 1000)}`}
    </span>
  )
}

export const CardClock = ({ look, since }: { readonly look: ChatBoard | undefined; readonly since: string }) =>
  look?.retry === undefined ? <CardTimer since={since} /> : <NextTry at={look.retry.retrying_at} />

/** Words with what they end with as code, where that is a command or a name. */
const Line = ({ line, object }: Pick<ChatBoard, "line" | "object">) =>
  object !== undefined && line.endsWith(object) ? (
    <>
      {line.slice(0, -object.length)}
      <code className="font-mono text-ink">{object}</code>
    </>
  ) : (
    line
  )

const statusOf = ({ status_code }: { readonly status_code?: number | undefined }): string =>
  status_code === undefined ? "" : ` (${status_code})`

interface ActLineProps {
  readonly chat: Chat
  readonly look: ChatBoard | undefined
  /** What the state is called, where nothing more is known. */
  readonly words: string
}

/** What the chat does, asks or failed with. */
export const ActLine = ({ chat, look, words }: ActLineProps) => {
  if (hasPlanToRead(chat)) return "A plan is ready"
  if (look?.retry !== undefined) {
    return `${retryTitle(look.retry.kind, look.retry)}${statusOf(look.retry)}, ${nextAttempt(look.retry).toLowerCase()}`
  }
  if (chat.last_error !== undefined && isIn(chat, "error")) return proseText(chat.last_error.message)
  if (look?.queue_position !== undefined) return `Place ${look.queue_position}. ${look.line}`
  return look === undefined ? words : <Line {...look} />
}

interface AskedCallsProps {
  readonly calls: ReadonlyArray<AskedCall>
  /** How many are not among them. */
  readonly more: number
}

/** The calls that wait, whole. */
export const AskedCalls = ({ calls, more }: AskedCallsProps) => (
  <ul className="flex flex-col gap-1 rounded-control bg-sunken px-2.5 py-1.5">
    {calls.map(({ approval, notes, whole }) => (
      <li key={approval.id} className="relative pl-3">
        <i aria-hidden className="absolute top-1.75 left-0 size-1 rounded-full bg-s-approval" />
        <code className="font-mono text-2xs whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">{whole}</code>
        {notes.length > 0 && (
          <span className="ml-1.5 text-2xs text-warning [overflow-wrap:anywhere]">{notes.join(", ")}</span>
        )}
      </li>
    ))}
    {more > 0 && <li className="pl-3 text-2xs text-ink-faint">and {more} more</li>}
  </ul>
)

/** The last lines that are written, by the model or by a tool. */
export const Output = ({ lines }: { readonly lines: ReadonlyArray<string> }) =>
  lines.length === 0 ? null : (
    <div className="rounded-control bg-sunken px-2.5 py-1.5 font-mono text-2xs leading-4.5 text-ink-soft">
      {lines.map((line, index) => (
        <p key={index} className="truncate">
          {line}
        </p>
      ))}
    </div>
  )

/** On the card that has the focus, and only there. */
export const KeyHint = ({ keys }: { readonly keys: string }) => (
  <span
    aria-hidden
    className="hidden pointer-coarse:hidden! group-focus-within/card:inline-flex [[data-primary]_&_kbd]:border-current/45 [[data-primary]_&_kbd]:bg-transparent [[data-primary]_&_kbd]:text-inherit"
  >
    <Kbd keys={keys} />
  </span>
)

interface QuestionOptionsProps {
  readonly question: Question
  readonly busy: boolean
  readonly tabIndex: number
  readonly onAnswer: (text: string) => void
  readonly onWrite: () => void
}

const Option = ({ at, children }: { readonly at: number; readonly children: ReactNode }) => (
  <>
    <span className="grid size-4.5 shrink-0 place-items-center rounded-small border border-line-strong bg-canvas text-2xs text-ink-soft">
      {at}
    </span>
    <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
  </>
)

const optionClass =
  "flex w-full items-start gap-2 rounded-control border border-line px-1.5 py-1 text-left text-xs transition-colors hover:bg-hover disabled:opacity-55 pointer-coarse:min-h-11 pointer-coarse:items-center"

/** What can be answered, each with its key; the last of them in one's own words. */
export const QuestionOptions = ({ question, busy, tabIndex, onAnswer, onWrite }: QuestionOptionsProps) => (
  <ul aria-label="Answers" className="flex flex-col gap-1">
    {question.options.map((option, index) => (
      <li key={index}>
        <button
          type="button"
          tabIndex={tabIndex}
          disabled={busy}
          onClick={() => onAnswer(option)}
          className={optionClass}
        >
          <Option at={index + 1}>{proseText(option)}</Option>
        </button>
      </li>
    ))}
    <li>
      <button
        type="button"
        tabIndex={tabIndex}
        disabled={busy}
        onClick={onWrite}
        className={`${optionClass} text-ink-soft`}
      >
        <Option at={question.options.length + 1}>Answer in own words</Option>
      </button>
    </li>
  </ul>
)

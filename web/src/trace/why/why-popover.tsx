import { useQuery } from "@tanstack/react-query"
import { type RefObject, useContext, useMemo } from "react"
import { messageOf } from "../../api/client.ts"
import { Popover } from "../../ui/popover.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import { chatSource } from "../chat-source.ts"
import { aboutQuery, stepsQuery } from "../trace-queries.ts"
import { TraceContext } from "../trace-source.ts"
import { messageWhy, type Subject, versionOf } from "./message-why.ts"
import { useJournalAround, useReader } from "./use-journal.ts"

interface WhyPopoverProps {
  readonly subject: Subject
  /** Of the message, where no Trace is around it that says where to read from. */
  readonly chatId: string
  readonly button: RefObject<HTMLButtonElement | null>
  readonly align: "start" | "end"
  readonly close: () => void
}

const NO_TRANSITIONS: ReadonlyArray<never> = []

const Reasons = ({ subject, chatId }: Pick<WhyPopoverProps, "subject" | "chatId">) => {
  const view = useContext(TraceContext)
  const source = useMemo(() => view?.source ?? chatSource(chatId), [view?.source, chatId])
  const steps = useQuery(stepsQuery(source))
  const about = useQuery(aboutQuery(source))
  const version = steps.data === undefined ? undefined : versionOf(steps.data, subject)
  const journal = useJournalAround(source, version)
  const { id: me } = useReader(source)
  if (steps.data === undefined) {
    return steps.error === null ? (
      <div role="status" aria-label="Loading the reason" className="skeleton h-12" />
    ) : (
      <p role="alert" className="text-sm text-ink-soft">
        {messageOf(steps.error)}
      </p>
    )
  }
  const input = { steps: steps.data, transitions: journal.data ?? NO_TRANSITIONS, about: about.data, me }
  const { reasons, version: came } = messageWhy(subject, input)
  return (
    <>
      <ol className="flex flex-col gap-1">
        {reasons.map(({ text, fact, words }, index) => (
          <li key={index} className="text-sm">
            <p className="flex items-baseline gap-4">
              <span className="min-w-0 text-ink-soft [overflow-wrap:anywhere]">{visibleText(text)}</span>
              {fact !== undefined && (
                <span className="ml-auto shrink-0 text-ink tabular-nums">{visibleText(fact)}</span>
              )}
            </p>
            {words !== undefined && (
              <p className="font-mono text-xs text-ink-faint [overflow-wrap:anywhere]">“{visibleText(words)}”</p>
            )}
          </li>
        ))}
      </ol>
      {came !== undefined && <p className="mt-2 text-xs text-ink-faint">Came with version {came}.</p>}
    </>
  )
}

/** Why a message or a tool call is there, and how it came there. */
export const WhyPopover = ({ subject, chatId, button, align, close }: WhyPopoverProps) => (
  <Popover
    button={button}
    label="Why"
    close={close}
    side="bottom"
    align={align}
    className="w-80 max-w-[calc(100vw-1rem)]"
  >
    <div
      role="group"
      aria-label="Reasons"
      // Nothing else in here takes the focus, and Esc closes it.
      tabIndex={-1}
      data-first-focus
      className="max-h-[60dvh] overflow-y-auto p-3 outline-none"
    >
      <h2 className="mb-1.5 text-xs font-semibold text-ink-faint">Why</h2>
      <Reasons subject={subject} chatId={chatId} />
    </div>
  </Popover>
)

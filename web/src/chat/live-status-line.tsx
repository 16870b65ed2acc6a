import { Hourglass, ShieldQuestion } from "lucide-react"
import { useEffect, useState } from "react"
import type { ChatError, RetryState } from "../../../src/contract/chat-error.ts"
import { useStream } from "../stream/store.ts"
import { Callout } from "../ui/callout.tsx"
import { proseText } from "../ui/prose-text.ts"
import { visibleText } from "../ui/visible-text.ts"
import { toolActivity, writingActivity } from "./activity.ts"
import { ActivityLine } from "./activity-line.tsx"
import {
  errorTitle,
  failedAttempts,
  nextAttempt,
  type Phase,
  phaseOf,
  retryAnnouncement,
  retryTitle,
  secondsUntil,
  tryingAgain,
} from "./live-status.ts"
import { useHost } from "./reading-along.ts"
import { statusPageOf } from "./provider-status.ts"
import { RetryTurn } from "./retry-turn.tsx"

const COUNTDOWN_POLL_MS = 100
const SLOW_AFTER_MS = 15_000

const useCountdown = (instant: number): number | undefined => {
  const [seconds, setSeconds] = useState(() => secondsUntil(instant, Date.now()))
  useEffect(() => {
    const timer = setInterval(() => setSeconds(secondsUntil(instant, Date.now())), COUNTDOWN_POLL_MS)
    return () => clearInterval(timer)
  }, [instant])
  return seconds
}

/** Hidden from screen readers: a number that changes each second would be read each second. */
const Countdown = ({ instant }: { readonly instant: number }) => (
  <>
    {" "}
    <span aria-hidden className="whitespace-nowrap tabular-nums">
      {tryingAgain(useCountdown(instant))}
    </span>
  </>
)

const Thinking = () => {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  return <ActivityLine activity={slow ? "Still thinking. This takes longer than usual…" : "Thinking…"} />
}

interface WordsProps {
  readonly sentence: string
  readonly failure: Pick<ChatError | RetryState, "detail" | "kind" | "provider" | "status_code">
}

/** `detail` is the provider's own words. */
const Words = ({ sentence, failure }: WordsProps) => {
  const { detail, status_code: status } = failure
  const page = statusPageOf(failure)
  return (
    <>
      <p>
        {sentence}
        {status !== undefined && <span className="text-ink-faint"> (HTTP {status})</span>}
        {page !== undefined && (
          <>
            {" "}
            <a href={page.url} target="_blank" rel="noopener noreferrer" className="underline underline-offset-2">
              Status of {page.name}
            </a>
          </>
        )}
      </p>
      {detail !== undefined && <p className="mt-1.5 font-mono text-xs text-ink-faint">{visibleText(detail)}</p>}
    </>
  )
}

interface RetryProps {
  readonly chatId: string | undefined
  /** The model that is chosen for what is sent next. */
  readonly modelId?: string | undefined
}

const Failed = ({ error, chatId, modelId }: RetryProps & { readonly error: ChatError }) => (
  <Callout
    tone="danger"
    title={errorTitle(error)}
    actions={chatId !== undefined && <RetryTurn chatId={chatId} modelId={modelId} />}
  >
    <Words sentence={error.message} failure={error} />
    {error.attempts !== undefined && <p className="mt-1.5">{failedAttempts(error.attempts)}</p>}
  </Callout>
)

/** What a screen reader is told when the phase changes. Not per token: while text streams this stays the same. */
const announcement = (phase: Phase, host: string | undefined): string => {
  switch (phase.phase) {
    case "retrying":
      return `${retryAnnouncement(phase.retry.kind, phase.retry)} ${nextAttempt(phase.retry)}.`
    case "failed":
      return `${errorTitle(phase.error)}. ${phase.error.message}`
    case "reconnecting":
      return "The connection is lost. Connecting again."
    case "stopping":
      return "Stopping."
    case "queued":
      return "Waiting to start."
    case "backing off":
      return "Waiting to try again."
    case "thinking":
      return "Thinking."
    case "executing":
      return "Running tools."
    case "compacting":
      return "Compacting the conversation."
    case "streaming":
      return "Answering."
    case "action":
      return `Waiting for an answer from outside: ${phase.tools.join(", ")}.`
    case "approval":
      return host === undefined ? `Waiting for your approval: ${phase.tools.join(", ")}.` : `Waiting for ${host}.`
    case "idle":
      return "Done."
    case "loading":
      return ""
    default:
      return phase satisfies never
  }
}

const Shown = ({ phase, ...retry }: RetryProps & { readonly phase: Phase }) => {
  const host = useHost()
  switch (phase.phase) {
    case "retrying":
      return (
        <Callout
          tone={phase.retry.kind === undefined || phase.retry.kind === "generic" ? "info" : "warning"}
          title={retryTitle(phase.retry.kind, phase.retry)}
          actions={retry.chatId !== undefined && <RetryTurn chatId={retry.chatId} modelId={retry.modelId} waits />}
        >
          <Words sentence={phase.retry.error} failure={phase.retry} />
          <p className="mt-1.5">
            {nextAttempt(phase.retry)}.
            <Countdown instant={Date.parse(phase.retry.retrying_at)} />
          </p>
        </Callout>
      )
    case "failed":
      return <Failed error={phase.error} {...retry} />
    case "reconnecting":
      return (
        <Callout tone="info" title="The connection is lost">
          What you see is kept. This page catches up as soon as the server can be reached.
          {phase.retryAt !== undefined && <Countdown instant={phase.retryAt} />}
        </Callout>
      )
    case "stopping":
      return <ActivityLine activity="Stopping…" />
    case "queued":
      return <ActivityLine activity="Waiting to start…" icon={<Hourglass aria-hidden className="size-4" />} />
    case "compacting":
      return <ActivityLine activity="Compacting the conversation…" />
    case "backing off":
      return <ActivityLine activity="Waiting to try again…" icon={<Hourglass aria-hidden className="size-4" />} />
    case "thinking":
      return <Thinking />
    case "streaming":
      return <ActivityLine activity={({ stream }) => writingActivity(stream)} />
    case "executing":
      return <ActivityLine activity={({ stream }) => toolActivity(stream)} />
    case "action":
      return (
        <Callout tone="warning" title="Waiting for an answer from outside">
          The agent called {phase.tools.length > 1 ? "tools" : "a tool"} of the program that started this chat. It goes
          on when that program answers.
          {phase.tools.length > 0 && (
            <ul aria-label="Tools waited for" className="mt-1.5 flex flex-wrap gap-1.5">
              {phase.tools.map((tool, index) => (
                <li key={index} className="rounded-small border border-line-strong px-1.5 font-mono text-xs">
                  {tool}
                </li>
              ))}
            </ul>
          )}
        </Callout>
      )
    case "approval":
      return (
        <ActivityLine
          activity={
            host !== undefined
              ? `Waiting for ${proseText(host)} to decide what tools may do`
              : phase.tools.length > 1
                ? `Waiting for your approval, ${phase.tools.length} calls`
                : "Waiting for your approval"
          }
          icon={<ShieldQuestion aria-hidden className="size-4 text-s-approval-ink" />}
        />
      )
    default:
      return null
  }
}

const samePhase = (a: Phase, b: Phase): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Streamed text alone does not change the phase, and so renders nothing. */
const usePhase = (lastError: ChatError | undefined): Phase =>
  useStream((context) => phaseOf(context, lastError), samePhase)

interface LiveStatusLineProps extends RetryProps {
  readonly lastError: ChatError | undefined
}

/** The foot of the timeline: what goes on, what is waited for, what failed, a lost connection. */
export const LiveStatusLine = ({ lastError, ...retry }: LiveStatusLineProps) => {
  const phase = usePhase(lastError)
  const host = useHost()
  return (
    <>
      <p role="status" className="sr-only">
        {announcement(phase, host)}
      </p>
      <Shown phase={phase} {...retry} />
    </>
  )
}

import { RotateCw } from "lucide-react"
import { useEffect, useState } from "react"
import { ApprovalsWaiting } from "../approvals/approvals-waiting.tsx"
import type { ChatError } from "../../../src/contract/chat-error.ts"
import { useStream } from "../stream/store.ts"
import { Callout } from "../ui/callout.tsx"
import { Disclosure } from "../ui/disclosure.tsx"
import {
  errorTitle,
  failedAttempts,
  type Phase,
  phaseOf,
  retryAnnouncement,
  retryTitle,
  secondsUntil,
  tryingAgain,
} from "./live-status.ts"

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
  return <p className="shimmer w-fit text-sm">{slow ? "Still thinking. This takes longer than usual…" : "Thinking…"}</p>
}

const Failed = ({ error }: { readonly error: ChatError }) => (
  <Callout tone="danger" title={errorTitle(error.kind)}>
    <p>
      {error.message}
      {error.status_code !== undefined && <span className="text-ink-faint"> (HTTP {error.status_code})</span>}
    </p>
    {error.detail !== undefined && <p className="mt-1.5 font-mono text-xs text-ink-faint">{error.detail}</p>}
  </Callout>
)

/** What a screen reader is told when the phase changes. Not per token: while text streams this stays the same. */
const announcement = (phase: Phase): string => {
  switch (phase.phase) {
    case "retrying":
      return retryAnnouncement(phase.retry.kind)
    case "failed":
      return `${errorTitle(phase.error.kind)}. ${phase.error.message}`
    case "reconnecting":
      return "The connection is lost. Connecting again."
    case "stopping":
      return "Stopping."
    case "queued":
      return "Waiting to start."
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
      return `Waiting for your approval: ${phase.tools.join(", ")}.`
    case "idle":
      return "Done."
    case "loading":
      return ""
    default:
      return phase satisfies never
  }
}

const Shown = ({ phase }: { readonly phase: Phase }) => {
  switch (phase.phase) {
    case "retrying":
      return (
        <Callout
          tone={phase.retry.kind === undefined || phase.retry.kind === "generic" ? "info" : "warning"}
          title={retryTitle(phase.retry.kind)}
        >
          {phase.retry.error}
          <Countdown instant={Date.parse(phase.retry.retrying_at)} />
          <Disclosure icon={<RotateCw aria-hidden />} label="Attempts so far">
            {failedAttempts(phase.retry.attempt)}
          </Disclosure>
        </Callout>
      )
    case "failed":
      return <Failed error={phase.error} />
    case "reconnecting":
      return (
        <Callout tone="info" title="The connection is lost">
          What you see is kept. This page catches up as soon as the server can be reached.
          {phase.retryAt !== undefined && <Countdown instant={phase.retryAt} />}
        </Callout>
      )
    case "stopping":
      return <p className="text-sm text-ink-faint">Stopping…</p>
    case "queued":
      return <p className="shimmer w-fit text-sm">Waiting to start…</p>
    case "compacting":
      return <p className="shimmer w-fit text-sm">Compacting the conversation…</p>
    case "thinking":
      return <Thinking />
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
      return <ApprovalsWaiting />
    default:
      return null
  }
}

const samePhase = (a: Phase, b: Phase): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Streamed text alone does not change the phase, and so renders nothing. */
const usePhase = (lastError: ChatError | undefined): Phase =>
  useStream((context) => phaseOf(context, lastError), samePhase)

/** The foot of the timeline: thinking, waiting, failed, lost connection. */
export const LiveStatusLine = ({ lastError }: { readonly lastError: ChatError | undefined }) => {
  const phase = usePhase(lastError)
  return (
    <>
      <p role="status" className="sr-only">
        {announcement(phase)}
      </p>
      <Shown phase={phase} />
    </>
  )
}

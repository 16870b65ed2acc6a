import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { KeyRound } from "lucide-react"
import { Fragment } from "react"
import { messageOf } from "../../api/client.ts"
import { statusPageOf } from "../../chat/provider-status.ts"
import { RetryButtons } from "../../chat/retry-turn.tsx"
import { StateGlyph } from "../../chats/state-glyph.tsx"
import { isResting, statusOfActivity } from "../../chats/status.ts"
import { buttonClass } from "../../ui/button.tsx"
import { visibleText } from "../../ui/visible-text.ts"
import { aboutQuery, machineQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import type { ChainLink } from "./chain.ts"
import type { Failure } from "./failure.ts"
import { useReader } from "./use-journal.ts"
import { useWhy } from "./use-why.ts"
import { clock, counted, shortened } from "./words.ts"

/** Characters of somebody's words: a server keeps as many, and a file may hold more. */
const LONGEST_WORDS = 500

const Chain = ({ links }: { readonly links: ReadonlyArray<ChainLink> }) => {
  const { goTo } = useTraceView()
  return (
    <p className="text-xs text-ink-soft tabular-nums [overflow-wrap:anywhere]">
      {links.map(({ text, version }, index) => (
        <Fragment key={index}>
          {index > 0 && <span className="text-ink-faint"> › </span>}
          {version === undefined ? (
            visibleText(text)
          ) : (
            <button
              type="button"
              title={`Version ${version}`}
              onClick={() => goTo(version)}
              className={`rounded-small text-left hover:text-ink hover:underline ${index === links.length - 1 ? "text-ink" : ""}`}
            >
              {visibleText(text)}
            </button>
          )}
        </Fragment>
      ))}
    </p>
  )
}

/** Failures that somebody with the right to change providers can mend. */
const OF_SETTINGS = new Set(["auth", "config", "missing_key", "provider_disabled"])

interface RemediesProps {
  readonly failure: Failure
  /** The turn waits to be tried again by itself. */
  readonly waits: boolean
}

/** What can be done: by the chat's owner, who may try again, and by administrators, who have the keys. */
const Remedies = ({ failure, waits }: RemediesProps) => {
  const { source } = useTraceView()
  const { data: machine } = useQuery(machineQuery(source))
  const { data: about } = useQuery(aboutQuery(source))
  const { id: me, administers } = useReader(source)
  const page = statusPageOf({ kind: failure.kind, provider: failure.provider })
  const mended = failure.kind !== undefined && OF_SETTINGS.has(failure.kind)
  const canRetry = machine?.accepts.includes("Retry") === true && me !== undefined && me === about?.ownerId
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2 empty:hidden">
      {canRetry && <RetryButtons chatId={source.chatId} waits={waits} />}
      {mended && administers && (
        <Link to="/settings/models" className={buttonClass()}>
          <KeyRound aria-hidden className="size-4" />
          Providers and keys
        </Link>
      )}
      {mended && !administers && (
        <span className="text-sm text-ink-soft">An administrator can mend it in the settings of the provider.</span>
      )}
      {page !== undefined && (
        <a href={page.url} target="_blank" rel="noopener noreferrer" className={buttonClass("quiet")}>
          Status of {page.name}
        </a>
      )}
    </div>
  )
}

interface FailureFactsProps extends RemediesProps {
  /** It is so now, and not only at a version that has gone by. */
  readonly actsNow: boolean
}

/** What failed, when, how often it was tried, in whose words, and what can be done about it. */
const FailureFacts = ({ failure, waits, actsNow }: FailureFactsProps) => (
  <div className="mt-1.5 border-l-2 border-s-error pl-3">
    <dl className="flex flex-wrap gap-x-5 text-xs text-ink-soft tabular-nums [&_dt]:inline [&_dt]:text-ink-faint [&>div]:flex [&>div]:gap-1.5 [&_dd]:inline">
      <div>
        <dt>Failed</dt>
        <dd>{clock(failure.at)}</dd>
      </div>
      <div>
        <dt>After</dt>
        <dd>{counted(failure.tries, "attempt")}</dd>
      </div>
      {failure.provider !== undefined && (
        <div>
          <dt>Provider</dt>
          <dd>{visibleText(failure.provider)}</dd>
        </div>
      )}
      {failure.retryAt !== undefined && (
        <div>
          <dt>It wants to be asked again from</dt>
          <dd>{clock(failure.retryAt)}</dd>
        </div>
      )}
    </dl>
    {failure.detail !== undefined && (
      <p className="mt-1 font-mono text-xs text-ink-soft [overflow-wrap:anywhere]">
        “{visibleText(shortened(failure.detail, LONGEST_WORDS))}”
      </p>
    )}
    {actsNow && <Remedies failure={failure} waits={waits} />}
  </div>
)

/** Why the chat is as it is shown: the cause in a sentence, and beneath it the chain that led there. */
export const WhyLine = ({ label = "Why" }: { readonly label?: string }) => {
  const { source } = useTraceView()
  const { why, now, error } = useWhy()
  if (why === undefined) {
    return (
      <section aria-label={label} className="flex min-h-15 items-center border-b border-line px-4 py-2">
        {error === null ? (
          <div role="status" aria-label="Loading the reason" className="skeleton h-4 w-2/3" />
        ) : (
          <p role="alert" className="text-sm text-ink-soft">
            {messageOf(error)}
          </p>
        )}
      </section>
    )
  }
  const { activity, sentence, chain, failure } = why
  const status = statusOfActivity(activity)
  return (
    <section aria-label={label} className="flex min-h-15 gap-3 border-b border-line px-4 py-2">
      {status !== undefined && <StateGlyph live chat={{ status, activity }} className="mt-0.5 size-5" />}
      <div className="min-w-0 flex-1">
        <p className="text-md text-ink-soft [overflow-wrap:anywhere]">
          {!now && <span className="mr-1.5 text-ink-faint">Then:</span>}
          {sentence.map(({ text, strong }, index) =>
            strong === true ? (
              <strong key={index} className="font-semibold text-ink">
                {visibleText(text)}
              </strong>
            ) : (
              <Fragment key={index}>{visibleText(text)}</Fragment>
            ),
          )}
        </p>
        <Chain links={chain} />
        {failure !== undefined && (
          <FailureFacts failure={failure} waits={!isResting(status)} actsNow={now && source.kind === "chat"} />
        )}
      </div>
    </section>
  )
}

import { X } from "lucide-react"
import type { ReactNode } from "react"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import { duration } from "../../chats/time.ts"
import { IconButton } from "../../ui/button.tsx"
import { exactClock } from "../exact-clock.ts"
import { shortText } from "../short-text.ts"
import { tookText } from "./journal-row.tsx"

const MOST_LETTERS = 4000
const MOST_ITEMS = 100

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <>
    <dt className="text-ink-faint">{name}</dt>
    <dd className="min-w-0 text-ink [overflow-wrap:anywhere]">{children}</dd>
  </>
)

/** Millionths of a unit of money: as many places as it takes. */
const money = (micros: number): string => (micros / 1e6).toFixed(micros % 10_000 === 0 ? 2 : 4)

const between = (from: string | undefined, to: string | undefined): string => {
  const ms = Date.parse(to ?? "") - Date.parse(from ?? "")
  return Number.isFinite(ms) && ms >= 0 ? duration(ms) : ""
}

const attemptText = ({ since, until, first_token, usage, cost_micros, end }: NonNullable<ChatTransition["attempt"]>) =>
  [
    end ?? "goes on",
    `began ${exactClock(since)}`,
    first_token === undefined ? "" : `first token after ${between(since, first_token)}`,
    until === undefined ? "" : `took ${between(since, until)}`,
    usage === undefined ? "" : `${usage.input_tokens ?? 0} → ${usage.output_tokens ?? 0} tokens`,
    cost_micros === undefined ? "" : `cost ${money(cost_micros)}`,
  ]
    .filter((words) => words !== "")
    .join(", ")

const callText = ({
  tool_name,
  state,
  since,
  until,
  approval,
  is_error,
}: NonNullable<ChatTransition["calls"]>[number]) =>
  [
    shortText(tool_name),
    is_error === true ? "failed" : state,
    approval ?? "",
    since === undefined ? "never begun" : `began ${exactClock(since)}`,
    between(since, until),
  ]
    .filter((words) => words !== "")
    .join(", ")

const valueText = (value: unknown): string => {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "")
  return shortText(text, MOST_LETTERS)
}

interface JournalDetailProps {
  readonly transition: ChatTransition
  readonly who: string
  readonly onClose: () => void
}

/** All that the journal has of one transition. */
export const JournalDetail = ({ transition, who, onClose }: JournalDetailProps) => {
  const { version, event, from, to, detail, attempt, calls = [], messages = [], duration_us } = transition
  return (
    <section
      aria-label={`Version ${version}`}
      tabIndex={0}
      className="relative max-h-[45%] shrink-0 overflow-y-auto border-t border-line-strong bg-sunken px-4 py-3 text-xs focus-visible:outline-offset-[-2px]"
    >
      <IconButton label="Close the payload" size="small" className="absolute top-2 right-2" onClick={onClose}>
        <X aria-hidden />
      </IconButton>
      <h3 className="pr-8 text-sm font-semibold [overflow-wrap:anywhere]">
        {version} {shortText(event)}
      </h3>
      <dl className="mt-1.5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5">
        <Fact name="State">
          {shortText(from)} → {shortText(to)}
        </Fact>
        <Fact name="By">
          {shortText(who)}, owner's epoch {transition.epoch}
          {transition.instance !== undefined && `, server ${transition.instance.slice(0, 8)}`}
        </Fact>
        <Fact name="At">
          <time dateTime={transition.created_at}>{shortText(transition.created_at, 40)}</time>
          {duration_us !== undefined && `, committed ${tookText(duration_us)} after it arrived`}
        </Fact>
        {attempt !== undefined && <Fact name="Attempt">{attemptText(attempt)}</Fact>}
        {calls.length > 0 && (
          <Fact name="Calls">
            <ul>
              {calls.slice(0, MOST_ITEMS).map((call) => (
                <li key={call.id}>{callText(call)}</li>
              ))}
            </ul>
          </Fact>
        )}
        {messages.length > 0 && <Fact name="Messages">{messages.slice(0, MOST_ITEMS).join(", ")}</Fact>}
        {Object.entries(detail)
          .slice(0, MOST_ITEMS)
          .map(([name, value]) => (
            <Fact key={name} name={shortText(name)}>
              <code className="font-mono">{valueText(value)}</code>
            </Fact>
          ))}
        <Fact name="Machine">version {transition.machine_version}</Fact>
      </dl>
    </section>
  )
}

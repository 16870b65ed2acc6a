import {
  CircleDashed,
  CircleSlash,
  CircleStop,
  type LucideIcon,
  ShieldCheck,
  ShieldQuestion,
  ShieldX,
  TriangleAlert,
} from "lucide-react"
import { useQueryClient } from "@tanstack/react-query"
import { type ReactNode, use, useMemo } from "react"
import type { ToolCallPart, ToolResultPart } from "../../../src/contract/parts.ts"
import { meQuery } from "../api/queries.ts"
import { isIn } from "../chats/status.ts"
import { duration } from "../chats/time.ts"
import { PastContext } from "../chat/past.ts"
import { useHost } from "../chat/reading-along.ts"
import { RowDisclosure } from "../chat/row-disclosure.tsx"
import { resultsOf } from "../chat/rows.ts"
import { WhyButton } from "../chat/why-button.tsx"
import { ShowInTrace } from "../chat/show-in-trace.tsx"
import { turnGoesOn } from "../stream/state.ts"
import { type StreamContext, useStream } from "../stream/store.ts"
import { Spinner } from "../ui/spinner.tsx"
import { visibleText } from "../ui/visible-text.ts"
import { generic } from "./generic.tsx"
import { rendererOf } from "./registry.ts"
import { errorText, stoppedBy, toolCall, type ToolState } from "./tool-call.ts"

/** A result stands in a later message than its call, or is still streamed. */
const resultOf = ({ stream }: StreamContext, id: string): ToolResultPart | undefined => {
  for (const part of stream.preview) if (part.type === "tool-result" && part.tool_call_id === id) return part
  return resultsOf(stream.messages).get(id)
}

/** Nothing where a person was asked first, as far as this page knows: the time he took is not the call's. */
const elapsed = (
  part: ToolCallPart,
  result: ToolResultPart | undefined,
  state: ToolState,
  decided: boolean,
): string | undefined => {
  if (decided || (state !== "done" && state !== "failed")) return undefined
  const ms = Date.parse(result?.created_at ?? "") - Date.parse(part.created_at ?? "")
  return ms >= 1000 ? duration(ms) : undefined
}

const badge = (Icon: LucideIcon, text: string, look = "") => (
  <span className={`flex items-center gap-1 ${look}`}>
    <Icon aria-hidden className="size-3.5" />
    {text}
  </span>
)

/** By whom, where it was this call alone. */
const Stopped = ({ by }: { readonly by: string | undefined }) => {
  const me = useQueryClient().getQueryData(meQuery.queryKey)
  const who = by !== undefined && by === me?.username ? "you" : by
  return badge(CircleStop, who === undefined ? "Stopped" : `Stopped by ${who}`)
}

const badges: Record<Exclude<ToolState, "interrupted">, ReactNode> = {
  writing: <Spinner className="text-accent" />,
  asked: badge(ShieldQuestion, "Needs approval", "text-warning"),
  running: <Spinner className="text-accent" />,
  done: null,
  failed: badge(TriangleAlert, "Failed", "text-danger"),
  denied: badge(ShieldX, "Denied"),
  stopped: badge(CircleSlash, "No result"),
}

/** The verb in the words of the page, what it is done to as code. */
const Title = ({ title, object }: { readonly title: string; readonly object: string | undefined }) =>
  object !== undefined && object !== "" && title.endsWith(object) ? (
    <>
      {title.slice(0, -object.length)}
      <code className="font-mono text-xs text-ink">{object}</code>
    </>
  ) : (
    title
  )

interface ToolCallRowProps {
  readonly part: ToolCallPart
  /** It belongs to the turn that goes on. */
  readonly running: boolean
}

/** One tool call: what it does, how it went, and its details on demand. */
export const ToolCallRow = ({ part, running }: ToolCallRowProps) => {
  const result = useStream((context) => resultOf(context, part.tool_call_id))
  const turnRuns = useStream(({ stream }) => turnGoesOn(stream))
  const waits = useStream(({ stream }) => stream.approvals.some((asked) => asked.tool_call_id === part.tool_call_id))
  const verdict = useStream(({ verdicts }) => verdicts.get(part.tool_call_id))
  const approved = verdict === "approve"
  // Approved, while other calls of the step still wait for their answer.
  const ready = useStream(({ stream }) => approved && result === undefined && stream.approvals.length > 0)
  const past = use(PastContext)
  const reads = useHost() !== undefined
  // Who reads along is not told which calls wait: while one does, none of its step runs.
  const held = useStream(
    ({ stream }) => reads && result === undefined && isIn(stream.status, "requires_action.approval"),
  )
  const chatId = useStream(({ stream }) => stream.messages[0]?.chat_id)
  const renderer = rendererOf(part.tool_name)
  const asked = waits || ready || held
  const denied = verdict === "deny"
  const call = useMemo(
    () => toolCall(part, { result, turnRuns, asked, denied }, renderer),
    [part, result, turnRuns, asked, denied, renderer],
  )
  const { Icon } = renderer
  const atWork = call.state === "running" || call.state === "writing"
  const hasBody = renderer.hasBody(call) && !((past || reads) && atWork)
  const { Body } = hasBody ? renderer : generic
  const failure = call.state === "failed" || call.state === "denied" ? errorText(call.result) : undefined
  const failureLook = call.state === "failed" ? "text-danger" : "text-ink-soft"
  const notes = [
    renderer.note?.(call),
    approved ? "approved" : undefined,
    elapsed(part, result, call.state, verdict !== undefined),
  ]
  const shownNotes = notes.filter((note) => note !== undefined)
  const object = renderer.object?.(call)

  return (
    <div className="group/call flex items-start">
      <div className="min-w-0 flex-1">
        <RowDisclosure
          id={part.tool_call_id}
          icon={<Icon aria-hidden />}
          label={
            <Title
              title={visibleText(renderer.title(call))}
              object={object === undefined ? undefined : visibleText(object)}
            />
          }
          wraps={!hasBody}
          // The sheet shows what it would do.
          open={renderer.opens === true && running && !waits && !held && !past}
          aside={
            <>
              {shownNotes.length > 0 && <span className="tabular-nums">{shownNotes.join(" · ")}</span>}
              {ready ? (
                <ShieldCheck aria-hidden className="size-3.5 text-success" />
              ) : call.state === "interrupted" ? (
                <Stopped by={stoppedBy(call.result)} />
              ) : past && atWork ? (
                badge(CircleDashed, "no result yet")
              ) : (
                badges[call.state]
              )}
            </>
          }
        >
          {hasBody || failure !== undefined ? (
            <div className="flex flex-col gap-2">
              {failure !== undefined && <p className={`text-sm [overflow-wrap:anywhere] ${failureLook}`}>{failure}</p>}
              {hasBody && <Body call={call} />}
              {part.created_at !== undefined && (
                <div className="-mt-1 self-end">
                  <ShowInTrace what={{ call: part.tool_call_id }} />
                </div>
              )}
            </div>
          ) : undefined}
        </RowDisclosure>
      </div>
      {chatId !== undefined && (
        <span className="mt-0.5 opacity-0 transition-opacity focus-within:opacity-100 group-hover/call:opacity-100 [@media(hover:none)]:opacity-100">
          <WhyButton subject={{ kind: "call", id: part.tool_call_id }} chatId={chatId} label="Why this call" />
        </span>
      )}
    </div>
  )
}

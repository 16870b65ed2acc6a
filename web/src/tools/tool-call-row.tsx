import { CircleSlash, TriangleAlert } from "lucide-react"
import type { ReactNode } from "react"
import type { ToolCallPart, ToolResultPart } from "../../../src/contract/parts.ts"
import { duration } from "../chats/time.ts"
import { resultsOf } from "../chat/rows.ts"
import { turnGoesOn } from "../stream/state.ts"
import { type StreamContext, useStream } from "../stream/store.ts"
import { Disclosure } from "../ui/disclosure.tsx"
import { Spinner } from "../ui/spinner.tsx"
import { rendererOf } from "./registry.ts"
import { errorText, toolCall, type ToolState } from "./tool-call.ts"

/** A result stands in a later message than its call, or is still streamed. */
const resultOf = ({ stream }: StreamContext, id: string): ToolResultPart | undefined => {
  for (const part of stream.preview) if (part.type === "tool-result" && part.tool_call_id === id) return part
  return resultsOf(stream.messages).get(id)
}

const elapsed = (part: ToolCallPart, result: ToolResultPart | undefined): string | undefined => {
  const ms = Date.parse(result?.created_at ?? "") - Date.parse(part.created_at ?? "")
  return ms >= 1000 ? duration(ms) : undefined
}

const badges: Record<ToolState, ReactNode> = {
  writing: <Spinner className="text-accent" />,
  running: <Spinner className="text-accent" />,
  done: null,
  failed: (
    <span className="flex items-center gap-1 text-danger">
      <TriangleAlert aria-hidden className="size-3.5" />
      Failed
    </span>
  ),
  stopped: (
    <span className="flex items-center gap-1">
      <CircleSlash aria-hidden className="size-3.5" />
      No result
    </span>
  ),
}

interface ToolCallRowProps {
  readonly part: ToolCallPart
  readonly live: boolean
}

/** One tool call: what it does, how it went, and its details on demand. */
export const ToolCallRow = ({ part, live }: ToolCallRowProps) => {
  const result = useStream((context) => resultOf(context, part.tool_call_id))
  const running = useStream(({ stream }) => turnGoesOn(stream))
  const renderer = rendererOf(part.tool_name)
  const call = toolCall(part, result, running, renderer)
  const { Icon, Body } = renderer
  const failure = call.state === "failed" ? errorText(call.result) : undefined
  const notes = [renderer.note?.(call), elapsed(part, result)].filter((note) => note !== undefined)

  return (
    <Disclosure
      icon={<Icon aria-hidden />}
      label={renderer.title(call)}
      defaultOpen={renderer.opens === true && (live || call.state === "running")}
      aside={
        <>
          {notes.length > 0 && <span className="tabular-nums">{notes.join(" · ")}</span>}
          {badges[call.state]}
        </>
      }
    >
      {renderer.hasBody(call) || failure !== undefined ? (
        <div className="flex flex-col gap-2">
          {failure !== undefined && <p className="text-sm text-danger [overflow-wrap:anywhere]">{failure}</p>}
          {renderer.hasBody(call) && <Body call={call} />}
        </div>
      ) : undefined}
    </Disclosure>
  )
}

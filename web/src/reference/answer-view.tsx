import { useMemo } from "react"
import { Callout } from "../ui/callout.tsx"
import { Tag } from "../ui/tag.tsx"
import { visibleText } from "../ui/visible-text.ts"
import { JsonText } from "./json-text.tsx"
import { prettyJson } from "./json-tokens.ts"
import type { Reply } from "./run-request.ts"
import { TextBlock } from "./text-block.tsx"

interface AnswerViewProps {
  readonly reply: Reply
  /** It holds a secret that is given once. */
  readonly secret: boolean
}

const toneOf = (status: number) => (status < 300 ? "good" : status < 500 ? "bad" : "danger")

/** What a request was answered: status, time, the headers that say something, and the body. */
export const AnswerView = ({ reply, secret }: AnswerViewProps) => {
  const text = useMemo(() => prettyJson(reply.text), [reply.text])
  const named = `${reply.status} ${reply.statusText}`.trim()
  return (
    <div role="group" aria-label="Answer" className="flex flex-col gap-2.5">
      <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <Tag tone={toneOf(reply.status)}>{named}</Tag>
        <span className="text-ink-faint tabular-nums">
          {`${reply.ms.toLocaleString()} ms, ${reply.text.length.toLocaleString()} characters`}
        </span>
      </p>
      {secret && reply.status < 300 && (
        <Callout tone="warning" title="This answer holds a secret">
          It is given once. This page keeps nothing of it: copy it now if you need it.
        </Callout>
      )}
      {reply.cut && (
        <Callout tone="info" title="Only the first 4 MiB were read">
          The answer goes on. Ask for less, or use the command below.
        </Callout>
      )}
      {reply.text === "" ? (
        <p className="text-sm text-ink-faint">The answer has no body.</p>
      ) : (
        <TextBlock label="Body of the answer" text={reply.text} tall wraps>
          <JsonText text={text} />
        </TextBlock>
      )}
      {reply.headers.length > 0 && (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 font-mono text-xs">
          {reply.headers.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-faint">{name}</dt>
              <dd className="min-w-0 text-ink-soft [overflow-wrap:anywhere]">{visibleText(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

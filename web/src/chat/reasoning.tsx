import { Lightbulb } from "lucide-react"
import type { ReasoningPart } from "../../../src/contract/parts.ts"
import { duration } from "../chats/time.ts"
import { Markdown } from "./markdown.tsx"
import { RowDisclosure } from "./row-disclosure.tsx"

const label = ({ created_at: start, completed_at: end }: ReasoningPart): string => {
  const ms = start === undefined || end === undefined ? Number.NaN : Date.parse(end) - Date.parse(start)
  return ms > 0 ? `Thought for ${duration(ms)}` : "Thoughts"
}

interface ReasoningProps {
  readonly part: ReasoningPart
  readonly id: string
  readonly writing: boolean
}

/** Open while it is written, folded once it is done, unless the reader opened or closed it. */
export const Reasoning = ({ part, id, writing }: ReasoningProps) => (
  <RowDisclosure
    id={id}
    icon={<Lightbulb aria-hidden />}
    label={writing ? <span className="shimmer">Thinking</span> : label(part)}
    open={writing}
  >
    <div className="ml-2 border-l border-line pl-4.5 text-ink-soft">
      <Markdown text={part.text} streaming={writing} quiet />
    </div>
  </RowDisclosure>
)

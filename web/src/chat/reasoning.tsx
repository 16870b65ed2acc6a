import { Lightbulb } from "lucide-react"
import type { ReasoningPart } from "../../../src/contract/parts.ts"
import { duration } from "../chats/time.ts"
import { Disclosure } from "../ui/disclosure.tsx"
import { Markdown } from "./markdown.tsx"

const label = ({ created_at: start, completed_at: end }: ReasoningPart): string => {
  const ms = start === undefined || end === undefined ? Number.NaN : Date.parse(end) - Date.parse(start)
  return ms > 0 ? `Thought for ${duration(ms)}` : "Thoughts"
}

/** Open while it is written, folded once it is done. */
export const Reasoning = ({ part, live }: { readonly part: ReasoningPart; readonly live: boolean }) => (
  <Disclosure
    icon={<Lightbulb aria-hidden />}
    label={live ? <span className="shimmer">Thinking</span> : label(part)}
    defaultOpen={live}
  >
    <div className="ml-2 border-l border-line pl-4.5 text-ink-soft">
      <Markdown text={part.text} streaming={live} quiet />
    </div>
  </Disclosure>
)

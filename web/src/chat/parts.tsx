import { ExternalLink } from "lucide-react"
import { memo } from "react"
import type { Part, SourcePart } from "../../../src/contract/parts.ts"
import { proseText } from "../ui/prose-text.ts"
import { ToolCallRow } from "../tools/tool-call-row.tsx"
import { FilePartView } from "./file-part.tsx"
import { Markdown } from "./markdown.tsx"
import { Reasoning } from "./reasoning.tsx"

const isWeb = (url: string): boolean => /^https?:\/\//i.test(url)

const Source = ({ part }: { readonly part: SourcePart }) =>
  isWeb(part.url) ? (
    <a
      href={part.url}
      target="_blank"
      rel="noopener noreferrer"
      className="inline-flex w-fit max-w-full items-center gap-1.5 text-sm text-accent"
    >
      <ExternalLink aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{proseText(part.title ?? part.url)}</span>
    </a>
  ) : null

interface PartViewProps {
  readonly part: Part
  /** Names the part among all of the timeline. */
  readonly id: string
  /** It is still growing. */
  readonly writing: boolean
  /** It belongs to the turn that goes on. */
  readonly running: boolean
}

const PartView = memo(({ part, id, writing, running }: PartViewProps) => {
  switch (part.type) {
    case "text":
      return part.text.trim() === "" ? null : <Markdown text={part.text} streaming={writing} />
    case "reasoning":
      return part.text.trim() === "" ? null : <Reasoning part={part} id={id} writing={writing} />
    case "tool-call":
      return <ToolCallRow part={part} running={running} />
    case "source":
      return <Source part={part} />
    case "file":
    case "file-reference":
      return <FilePartView part={part} />
    case "tool-result":
      return null
    default:
      return part satisfies never
  }
})

interface PartsProps {
  readonly parts: ReadonlyArray<Part>
  /** Names whose parts they are. */
  readonly id: string
  /** The message is being written: its last part may grow. */
  readonly writing?: boolean
  readonly running?: boolean
  /** Those that are shown: from this one up to that. */
  readonly from?: number
  readonly to?: number
}

/** What the agent produced, in the order it came. Parts only grow at the end, so their place is their identity. */
export const Parts = ({ parts, id, writing = false, running = false, from = 0, to = Infinity }: PartsProps) => (
  <div className="flex min-w-0 flex-col gap-2">
    {parts.map((part, index) =>
      index < from || index >= to ? null : (
        <PartView
          key={index}
          part={part}
          id={`${id}.${index}`}
          writing={writing && index === parts.length - 1}
          running={running}
        />
      ),
    )}
  </div>
)

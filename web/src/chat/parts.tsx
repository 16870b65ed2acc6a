import { ExternalLink } from "lucide-react"
import { memo } from "react"
import type { Part, SourcePart } from "../../../src/contract/parts.ts"
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
      <span className="truncate">{part.title ?? part.url}</span>
    </a>
  ) : null

interface PartViewProps {
  readonly part: Part
  readonly live: boolean
  /** The last part is the one still growing. */
  readonly last: boolean
}

const PartView = memo(({ part, live, last }: PartViewProps) => {
  switch (part.type) {
    case "text":
      return part.text.trim() === "" ? null : <Markdown text={part.text} streaming={live && last} />
    case "reasoning":
      return part.text.trim() === "" ? null : <Reasoning part={part} live={live && last} />
    case "tool-call":
      return <ToolCallRow part={part} live={live} />
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

/** What the agent produced, in the order it came. Parts only grow at the end, so their place is their identity. */
export const Parts = ({ parts, live = false }: { readonly parts: ReadonlyArray<Part>; readonly live?: boolean }) => (
  <div className="flex min-w-0 flex-col gap-3">
    {parts.map((part, index) => (
      <PartView key={index} part={part} live={live} last={index === parts.length - 1} />
    ))}
  </div>
)

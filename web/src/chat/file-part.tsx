import { FileText } from "lucide-react"
import type { FilePart, FileReferencePart } from "../../../src/contract/parts.ts"
import { visibleText } from "../ui/visible-text.ts"

const describe = (part: FilePart | FileReferencePart): string => {
  if (part.type === "file") return part.name ?? part.media_type
  const lines = part.end_line > part.start_line ? `${part.start_line}–${part.end_line}` : String(part.start_line)
  return `${part.file_name}:${lines}`
}

/** A file of a message: its name is whatever somebody called it. */
export const FilePartView = ({ part }: { readonly part: FilePart | FileReferencePart }) => (
  <span className="mt-1 inline-flex max-w-full items-center gap-1.5 rounded-small border border-line px-2 py-0.5 text-xs text-ink-soft">
    <FileText aria-hidden className="size-3.5 shrink-0" />
    <span className="truncate">{visibleText(describe(part))}</span>
  </span>
)

import { Lock } from "lucide-react"
import { CopyButton } from "../ui/copy-button.tsx"
import { visibleText } from "../ui/visible-text.ts"
import type { Operation } from "./api-document.ts"
import { MethodTag } from "./method-tag.tsx"
import { Words } from "./words.tsx"

/** What an operation is: its address, what it does, and who may. */
export const OperationHead = ({ operation }: { readonly operation: Operation }) => {
  const method = operation.kind === "route" ? operation.method : "LIVE"
  return (
    <div className="flex flex-col gap-3">
      <div className="flex min-h-9 items-center gap-2 rounded-card border border-line bg-sunken py-1 pr-1 pl-3">
        <MethodTag method={method} />
        <code className="min-w-0 flex-1 font-mono text-xs [overflow-wrap:anywhere]">{visibleText(operation.path)}</code>
        <CopyButton label="Copy the path" text={operation.path} />
      </div>
      {operation.description.map((paragraph) => (
        <p key={paragraph} className="leading-6 text-ink-soft">
          <Words text={paragraph} />
        </p>
      ))}
      <p className="flex items-start gap-2 text-sm text-ink-soft">
        <Lock aria-hidden className="mt-0.5 size-3.5 shrink-0 text-ink-faint" />
        <span>
          <span className="text-ink-faint">Who may: </span>
          {operation.whoMay}
        </span>
      </p>
    </div>
  )
}

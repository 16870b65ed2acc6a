import { CopyButton } from "../ui/copy-button.tsx"

interface CodeBlockProps {
  readonly code: string
  readonly language: string | undefined
}

export const CodeBlock = ({ code, language }: CodeBlockProps) => (
  <div className="code-block">
    <div className="flex h-8 items-center justify-between border-b border-line pr-1 pl-3.5 text-xs text-ink-faint">
      <span>{language ?? "text"}</span>
      <CopyButton label="Copy the code" text={code} />
    </div>
    <pre role="group" aria-label="Code" tabIndex={0}>
      <code>{code}</code>
    </pre>
  </div>
)

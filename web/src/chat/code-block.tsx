import { useEffect, useState } from "react"
import { CopyButton } from "../ui/copy-button.tsx"
import type { HighlightedLine } from "./highlighter.ts"
import { ScrollHint } from "./scroll-hint.tsx"

/** Longer code stays plain: colouring it would hold up the page. */
const MAX_COLOURED_CHARACTERS = 50_000

interface CodeBlockProps {
  readonly code: string
  readonly language: string | undefined
  /** More of it may come. */
  readonly writing: boolean
}

interface Coloured {
  readonly code: string
  readonly lines: ReadonlyArray<HighlightedLine> | undefined
}

/** Colours the code once it is complete. Undefined while it is not, and for languages that are not known. */
const useColours = ({ code, language, writing }: CodeBlockProps): Coloured["lines"] => {
  const [coloured, setColoured] = useState<Coloured>()
  useEffect(() => {
    if (writing || language === undefined || code.length > MAX_COLOURED_CHARACTERS) return
    let wanted = true
    void (async () => {
      const { highlight } = await import("./highlighter.ts")
      const lines = await highlight(code, language)
      if (wanted) setColoured({ code, lines })
    })()
    return () => {
      wanted = false
    }
  }, [code, language, writing])
  return coloured?.code === code ? coloured.lines : undefined
}

const ColouredCode = ({ lines }: { readonly lines: ReadonlyArray<HighlightedLine> }) =>
  lines.map((line, row) => (
    <span key={row}>
      {line.map((token) => (
        <span key={token.offset} style={token.htmlStyle}>
          {token.content}
        </span>
      ))}
      {"\n"}
    </span>
  ))

export const CodeBlock = (props: CodeBlockProps) => {
  const { code, language } = props
  const lines = useColours(props)
  return (
    <div dir="ltr" className="code-block">
      <div className="flex h-8 items-center justify-between border-b border-line pr-1 pl-3.5 text-xs text-ink-faint">
        <span>{language ?? "text"}</span>
        <CopyButton label="Copy the code" text={code} />
      </div>
      <ScrollHint label="Code" className="max-h-[30rem] overflow-y-auto focus-visible:outline-offset-[-2px]">
        <pre>
          <code>{lines === undefined ? code : <ColouredCode lines={lines} />}</code>
        </pre>
      </ScrollHint>
    </div>
  )
}

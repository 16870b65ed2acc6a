import { useEffect, useMemo, useState } from "react"
import type { HighlightedLine } from "../chat/highlighter.ts"
import type { FileChange } from "./changes.ts"
import type { DiffLine } from "./diff-lines.ts"
import { languageOf } from "./file-name.ts"
import { Output } from "./output.tsx"

const signs = { added: "+", removed: "−", same: " ", gap: "" } as const

/** The wash is behind the line; the sign says the same to who does not see it. */
const looks = { added: "bg-success-fill", removed: "bg-danger-fill", same: "", gap: "text-ink-faint" } as const
const signLooks = { added: "text-success", removed: "text-danger", same: "", gap: "" } as const

/** Longer changes stay plain: colouring them would hold up the page. */
const MAX_COLOURED_CHARACTERS = 50_000

type Side = "before" | "after"

const isOn = (side: Side, { kind }: DiffLine): boolean => kind !== (side === "before" ? "added" : "removed")

/** Colours come by the whole of a side: what a line means may be said lines above it. */
const useColours = ({ lines, path }: FileChange): ReadonlyMap<DiffLine, HighlightedLine> => {
  const [coloured, setColoured] = useState<ReadonlyMap<DiffLine, HighlightedLine>>(new Map())
  const language = languageOf(path)
  useEffect(() => {
    const size = lines.reduce((sum, { text }) => sum + text.length, 0)
    if (language === undefined || size > MAX_COLOURED_CHARACTERS) return
    let wanted = true
    void (async () => {
      const { highlight } = await import("../chat/highlighter.ts")
      const found = new Map<DiffLine, HighlightedLine>()
      for (const side of ["before", "after"] as const) {
        const shown = lines.filter((line) => isOn(side, line))
        const tokens = await highlight(shown.map(({ text }) => text).join("\n"), language)
        for (const [index, line] of shown.entries()) {
          const colours = tokens?.[index]
          if (colours !== undefined) found.set(line, colours)
        }
      }
      if (wanted) setColoured(found)
    })()
    return () => {
      wanted = false
    }
  }, [lines, language])
  return coloured
}

interface LineProps {
  readonly line: DiffLine
  readonly colours: HighlightedLine | undefined
  readonly numbered: boolean
}

const Number = ({ value }: { readonly value: number | undefined }) => (
  <span aria-hidden className="w-[4ch] shrink-0 text-right text-ink-faint select-none">
    {value}
  </span>
)

const Line = ({ line, colours, numbered }: LineProps) => (
  <span className={`flex min-w-full gap-3 px-3 ${looks[line.kind]}`}>
    {numbered && (
      <>
        <Number value={line.before} />
        <Number value={line.after} />
      </>
    )}
    <span className={`w-[1ch] shrink-0 ${signLooks[line.kind]}`}>{signs[line.kind]}</span>
    <span className="pr-3 whitespace-pre">
      {line.kind === "gap"
        ? "⋯"
        : colours === undefined
          ? line.text || " "
          : colours.map((token) => (
              <span key={token.offset} style={token.htmlStyle}>
                {token.content}
              </span>
            ))}
    </span>
  </span>
)

/** A change to a file: line numbers before and after, signs, and the colours of its language. */
export const Diff = ({ change, titled }: { readonly change: FileChange; readonly titled: boolean }) => {
  const colours = useColours(change)
  const numbered = useMemo(
    () => change.lines.some(({ before, after }) => before !== undefined || after !== undefined),
    [change],
  )
  return (
    <Output
      label={`Changes${change.path === undefined ? "" : ` in ${change.path}`}`}
      wide
      title={
        titled && (
          <span className="flex gap-3">
            <span className="min-w-0 flex-1">{change.path}</span>
            <span className="tabular-nums">
              <span className="text-success">+{change.added}</span>{" "}
              <span className="text-danger">−{change.removed}</span>
            </span>
          </span>
        )
      }
    >
      <span className="flex w-max min-w-full flex-col">
        {change.lines.map((line, index) => (
          <Line key={index} line={line} colours={colours.get(line)} numbered={numbered} />
        ))}
      </span>
    </Output>
  )
}

import { type CSSProperties, memo, useState } from "react"
import { type TerminalLine, TerminalReader, type TerminalSpan } from "./terminal-lines.ts"
import type { TerminalColour, TerminalStyle } from "./terminal-style.ts"
import "./terminal.css"

/** A colour of the theme, or one that the theme makes readable. */
const cssOf = (colour: TerminalColour): string => (typeof colour === "number" ? `var(--ansi-${colour})` : colour)

const isPlain = (style: TerminalStyle): boolean => Object.keys(style).length === 0

/** Turned around: what was behind the text is its colour. A wash stands for what is behind it, so that both can be read. */
const turned = ({ colour, background, inverse, ...style }: TerminalStyle) =>
  inverse === true
    ? { ...style, colour: background, background: colour ?? ("inverse" as const) }
    : { ...style, colour, background }

const Span = ({ text, style }: TerminalSpan) => {
  if (isPlain(style)) return text
  const { colour, background, bold, dim, italic, underline, struck } = turned(style)
  const css: Record<`--${string}`, string> = {}
  if (colour !== undefined) css["--term-ink"] = cssOf(colour)
  if (background !== undefined && background !== "inverse") css["--term-back"] = cssOf(background)
  const marks = [
    colour !== undefined && (typeof colour === "number" ? "term-ink" : "term-ink-any"),
    background !== undefined && "term-back",
    bold === true && "font-bold",
    dim === true && "term-dim",
    italic === true && "italic",
    underline === true && "underline",
    struck === true && "line-through",
  ]
  return (
    <span className={marks.filter((mark) => mark !== false).join(" ")} style={css satisfies CSSProperties}>
      {text}
    </span>
  )
}

const Line = memo(({ line, ends }: { readonly line: TerminalLine; readonly ends: boolean }) => (
  <>
    {line.map((span, at) => (
      <Span key={at} {...span} />
    ))}
    {ends && "\n"}
  </>
))

/** Some lines of a terminal; `from` is the number of the first, which keeps its place on the page when there are more. */
export const TerminalLines = ({
  lines,
  from = 0,
}: {
  readonly lines: ReadonlyArray<TerminalLine>
  readonly from?: number
}) => lines.map((line, at) => <Line key={from + at} line={line} ends={at < lines.length - 1} />)

const sameStyle = (a: TerminalStyle, b: TerminalStyle): boolean => a === b || (isPlain(a) && isPlain(b))

const breakAfter: TerminalSpan = { text: "\n", style: {} }

/** One text where the style stays: a page of output is then a handful of nodes, and not one for each line. */
const joined = (lines: ReadonlyArray<TerminalLine>): ReadonlyArray<TerminalSpan> => {
  const spans: Array<TerminalSpan> = []
  for (const span of lines.flatMap((line, at) => (at < lines.length - 1 ? [...line, breakAfter] : line))) {
    const last = spans.at(-1)
    const goesOn = last !== undefined && (span === breakAfter || sameStyle(last.style, span.style))
    if (goesOn) spans[spans.length - 1] = { ...last, text: last.text + span.text }
    else spans.push(span)
  }
  return spans
}

/** The whole output of a program that has ended, in its colours. */
export const TerminalText = ({ text }: { readonly text: string }) => {
  const [reader] = useState(() => new TerminalReader())
  return joined(reader.read(text)).map((span, at) => <Span key={at} {...span} />)
}

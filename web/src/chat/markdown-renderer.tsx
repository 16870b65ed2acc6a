import { memo, useState } from "react"
import { proseText } from "../ui/prose-text.ts"
import { BlockReader, hasFootnotes } from "./blocks.ts"
import { MarkdownNodes } from "./markdown-nodes.tsx"
import { asIfWhole } from "./markdown-tree.ts"
import { usePacedText } from "./use-paced-text.ts"

/** A longer block stays plain text until it is whole: it is parsed anew with each frame. Code costs next to nothing. */
const MAX_WRITING_BLOCK = 8_000

interface BlockProps {
  readonly text: string
  readonly writing: boolean
}

/** The browser lays out only the piece that grows. */
const PIECE = 2000

const PlainBlock = ({ text }: { readonly text: string }) => (
  <div dir="auto" className="whitespace-pre-wrap">
    {Array.from({ length: Math.ceil(text.length / PIECE) }, (_, index) => (
      <span key={index}>{text.slice(index * PIECE, (index + 1) * PIECE)}</span>
    ))}
  </div>
)

const isCode = (text: string): boolean => /^\s*(?:`{3}|~{3})/.test(text)

/** Parsed once, unless it is the one that is being written. */
const Block = memo(({ text, writing }: BlockProps) => {
  const shown = proseText(text)
  return writing && text.length > MAX_WRITING_BLOCK && !isCode(text) ? (
    <PlainBlock text={shown} />
  ) : (
    <div dir="auto" className="markdown-block">
      <MarkdownNodes text={writing ? asIfWhole(shown) : shown} writing={writing} />
    </div>
  )
})

/** Looked at again only when one more is whole. */
const DoneBlocks = memo(({ blocks }: { readonly blocks: ReadonlyArray<string> }) =>
  blocks.map((text, index) => <Block key={index} text={text} writing={false} />),
)

interface MarkdownRendererProps {
  readonly text: string
  readonly streaming: boolean
  readonly className: string
}

export const MarkdownRenderer = ({ text, streaming, className }: MarkdownRendererProps) => {
  const shown = usePacedText(text, streaming)
  const [reader] = useState(() => new BlockReader())
  const blocks = reader.read(shown)
  return (
    <div className={className}>
      {!streaming && hasFootnotes(text) ? (
        <Block text={text} writing={false} />
      ) : (
        <>
          <DoneBlocks blocks={blocks.done} />
          <Block key={blocks.done.length} text={shown.slice(blocks.from)} writing={streaming} />
        </>
      )}
    </div>
  )
}

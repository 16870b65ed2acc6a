import { type ComponentProps, memo, useState } from "react"
import { type Components, defaultRehypePlugins, defaultRemarkPlugins, type ExtraProps, Streamdown } from "streamdown"
import { proseText } from "../ui/prose-text.ts"
import { BlockReader, hasFootnotes } from "./blocks.ts"
import { CodeBlock } from "./code-block.tsx"
import { ScrollHint } from "./scroll-hint.tsx"
import { usePacedText } from "./use-paced-text.ts"

interface TreeNode {
  type: string
  children?: Array<TreeNode>
}

const showHtmlAsText = (node: TreeNode): void => {
  if (node.type === "html") node.type = "text"
  for (const child of node.children ?? []) showHtmlAsText(child)
}

/** HTML in a model's text is shown as it was written and never becomes elements. */
const htmlAsText = () => showHtmlAsText

const isSafeLink = (href: string | undefined): href is string => /^(https?:|mailto:)/i.test(href ?? "")

const ModelLink = ({ href, children }: ComponentProps<"a"> & ExtraProps) =>
  isSafeLink(href) ? (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ) : (
    <span>{children}</span>
  )

/** An image's address can carry what the model has read to a stranger's server, so it is only loaded when asked for. */
const ModelImage = ({ src, alt }: ComponentProps<"img"> & ExtraProps) => (
  <ModelLink href={typeof src === "string" ? src : undefined}>{alt || "Image"}</ModelLink>
)

type TreeElement = NonNullable<ExtraProps["node"]>
type TreeContent = TreeElement | TreeElement["children"][number]

const textOf = (node: TreeContent): string => {
  if (node.type === "text") return node.value
  return node.type === "element" ? node.children.map(textOf).join("") : ""
}

const languageOf = (code: TreeContent | undefined): string | undefined => {
  const names = code?.type === "element" ? code.properties["className"] : undefined
  const name = Array.isArray(names) ? names.map(String).find((item) => item.startsWith("language-")) : undefined
  return name?.slice("language-".length)
}

const ModelCode = ({ node }: ExtraProps) =>
  node === undefined ? null : (
    <CodeBlock code={textOf(node).replace(/\n$/, "")} language={languageOf(node.children[0])} />
  )

const ModelInlineCode = ({ children }: ComponentProps<"code"> & ExtraProps) => <code>{children}</code>

const ModelTable = ({ children }: ComponentProps<"table"> & ExtraProps) => (
  <ScrollHint label="Table" className="markdown-table">
    <table>{children}</table>
  </ScrollHint>
)

const textTags = ["h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "strong", "em", "hr"]
const listAndTableTags = ["ul", "ol", "li", "thead", "tbody", "tr", "th", "td"]

/** Our own elements in place of the renderer's, which bring a look of their own. */
const components: Components = {
  ...Object.fromEntries([...textTags, ...listAndTableTags].map((tag) => [tag, tag])),
  a: ModelLink,
  img: ModelImage,
  pre: ModelCode,
  code: "code",
  inlineCode: ModelInlineCode,
  table: ModelTable,
}

const remarkPlugins = [...Object.values(defaultRemarkPlugins), htmlAsText]
/** Without `raw`, which would parse HTML. */
const rehypePlugins = Object.entries(defaultRehypePlugins).flatMap(([name, plugin]) => (name === "raw" ? [] : [plugin]))

const asOneBlock = (text: string): Array<string> => [text]

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

/** Parsed once, unless it is the one that is being written. */
const Block = memo(({ text, writing }: BlockProps) =>
  writing && text.length > MAX_WRITING_BLOCK && !/^\s*(?:`{3}|~{3})/.test(text) ? (
    <PlainBlock text={proseText(text)} />
  ) : (
    <Streamdown
      className="markdown-block"
      dir="auto"
      mode="streaming"
      isAnimating={writing}
      parseIncompleteMarkdown={writing}
      parseMarkdownIntoBlocksFn={asOneBlock}
      components={components}
      remarkPlugins={remarkPlugins}
      rehypePlugins={rehypePlugins}
      controls={false}
    >
      {proseText(text)}
    </Streamdown>
  ),
)

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

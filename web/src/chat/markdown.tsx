import { type ComponentType, lazy, memo, Suspense } from "react"
import { proseText } from "../ui/prose-text.ts"

interface RendererProps {
  readonly text: string
  readonly streaming: boolean
  readonly className: string
}

const PlainText = ({ text, className }: RendererProps) => (
  <div dir="auto" className={`${className} whitespace-pre-wrap`}>
    {proseText(text)}
  </div>
)

/** Where the renderer cannot be loaded, the words are still there to be read. */
const loadRenderer = async (): Promise<{ readonly default: ComponentType<RendererProps> }> => {
  try {
    return { default: (await import("./markdown-renderer.tsx")).MarkdownRenderer }
  } catch {
    return { default: PlainText }
  }
}
const Renderer = lazy(loadRenderer)

/** Loads the renderer ahead of the first text. */
export const prefetchMarkdown = (): void => void loadRenderer()

interface MarkdownProps {
  readonly text: string
  /** The text is still growing: constructs that are not closed yet are shown as if they were. */
  readonly streaming: boolean
  /** Set smaller, for text that is beside the point. */
  readonly quiet?: boolean
}

/** Markdown from a model. Until the renderer is there, the plain text. */
export const Markdown = memo(({ text, streaming, quiet = false }: MarkdownProps) => {
  const className = `markdown ${quiet ? "markdown-quiet" : ""}`
  return (
    <Suspense
      fallback={
        <div dir="auto" className={`${className} whitespace-pre-wrap`}>
          {proseText(text)}
        </div>
      }
    >
      <Renderer text={text} streaming={streaming} className={className} />
    </Suspense>
  )
})

import { type ComponentType, memo, useEffect, useSyncExternalStore } from "react"
import { proseText } from "../ui/prose-text.ts"

interface RendererProps {
  readonly text: string
  readonly streaming: boolean
  readonly className: string
}

/** The renderer is loaded once, for all texts of the page. */
type Loading =
  | { readonly state: "not-asked" | "under-way" | "failed" }
  | { readonly Renderer: ComponentType<RendererProps> }

let loading: Loading = { state: "not-asked" }
const listeners = new Set<() => void>()

const become = (next: Loading): void => {
  loading = next
  for (const listener of listeners) listener()
}

const load = async (): Promise<void> => {
  if ("Renderer" in loading || loading.state === "under-way") return
  become({ state: "under-way" })
  try {
    become({ Renderer: (await import("./markdown-renderer.tsx")).MarkdownRenderer })
  } catch {
    become({ state: "failed" })
  }
}

const nowOf = (): Loading => loading
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Loads the renderer ahead of the first text. */
export const prefetchMarkdown = (): void => void load()

interface MarkdownProps {
  readonly text: string
  /** The text is still growing: constructs that are not closed yet are shown as if they were. */
  readonly streaming: boolean
  /** Set smaller, for text that is beside the point. */
  readonly quiet?: boolean
}

/** Markdown from a model. The plain text until the renderer is there, and where it could not be loaded. */
export const Markdown = memo(({ text, streaming, quiet = false }: MarkdownProps) => {
  const now = useSyncExternalStore(subscribe, nowOf, nowOf)
  useEffect(() => {
    if (!("Renderer" in loading) && loading.state === "not-asked") void load()
  }, [])
  const className = `markdown ${quiet ? "markdown-quiet" : ""}`
  if ("Renderer" in now) return <now.Renderer text={text} streaming={streaming} className={className} />
  return (
    <>
      <div dir="auto" className={`${className} whitespace-pre-wrap`}>
        {proseText(text)}
      </div>
      {now.state === "failed" && (
        <p className="mt-1.5 text-xs text-ink-faint">
          As it was written: what sets the text could not be loaded.{" "}
          <button type="button" onClick={() => void load()} className="underline underline-offset-2 hover:text-ink">
            Try again
          </button>
        </p>
      )}
    </>
  )
})

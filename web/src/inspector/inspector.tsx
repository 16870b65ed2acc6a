import { X } from "lucide-react"
import { Component, lazy, type ReactNode, Suspense, useEffect, useEffectEvent, useRef, useState } from "react"
import { Button, IconButton } from "../ui/button.tsx"

/** A new one for each try: one that failed stays failed. */
const loadPanel = () => lazy(async () => ({ default: (await import("./inspector-panel.tsx")).InspectorPanel }))

interface PanelBoundaryProps {
  readonly onRetry: () => void
  readonly children: ReactNode
}

/** Keeps what goes wrong in the inspector from the conversation beside it. Given another key, it tries again. */
class PanelBoundary extends Component<PanelBoundaryProps, { readonly failed: boolean }> {
  override readonly state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <div role="alert" className="flex flex-col items-start gap-3 p-4 text-sm text-ink-soft">
        The inspector could not be loaded. The conversation goes on.
        <Button onClick={this.props.onRetry}>Try again</Button>
      </div>
    )
  }
}

interface InspectorProps {
  readonly chatId: string
  readonly onClose: () => void
}

/** For developers: the chat's state machine as it is, and each step it made. Loaded when it is first opened. */
export const Inspector = ({ chatId, onClose }: InspectorProps) => {
  const [tries, setTries] = useState(0)
  const [Panel, setPanel] = useState(loadPanel)
  const retry = () => {
    setPanel(loadPanel())
    setTries(tries + 1)
  }
  const box = useRef<HTMLElement>(null)
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return
    // Elsewhere on the page this key stops the turn.
    event.preventDefault()
    onClose()
  })
  useEffect(() => {
    const shown = box.current
    shown?.addEventListener("keydown", onKey)
    return () => shown?.removeEventListener("keydown", onKey)
  }, [])
  return (
    <aside
      ref={box}
      aria-label="Inspector"
      className="absolute inset-0 z-20 flex flex-col border-l border-line bg-canvas lg:static lg:w-96 lg:shrink-0"
    >
      <div className="flex h-(--h-bar) shrink-0 items-center justify-between border-b border-line pr-2 pl-4 pointer-coarse:h-13">
        <h2 className="font-medium">Inspector</h2>
        <IconButton label="Close the inspector" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      <PanelBoundary key={tries} onRetry={retry}>
        <Suspense>
          <Panel chatId={chatId} />
        </Suspense>
      </PanelBoundary>
    </aside>
  )
}

import { type KeyboardEvent, useEffect, useRef, useState } from "react"
import { Button } from "../ui/button.tsx"

interface CardFieldProps {
  readonly label: string
  /** "Steer" */
  readonly verb: string
  readonly busy: boolean
  readonly onSend: (text: string) => void
  readonly onClose: () => void
}

/** A line that is written on a card. Esc takes it back. */
export const CardField = ({ label, verb, busy, onSend, onClose }: CardFieldProps) => {
  const ref = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState("")
  useEffect(() => {
    ref.current?.focus({ preventScroll: true })
    ref.current?.parentElement?.scrollIntoView({ block: "nearest" })
  }, [])
  const send = () => {
    if (text.trim() !== "" && !busy) onSend(text)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || (event.key !== "Escape" && event.key !== "Enter")) return
    if (event.key === "Enter" && event.shiftKey) return
    event.preventDefault()
    if (event.key === "Enter") send()
    else onClose()
  }
  return (
    <div className="flex flex-col gap-1.5">
      <textarea
        ref={ref}
        aria-label={label}
        placeholder={label}
        value={text}
        rows={2}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content max-h-40 w-full resize-none rounded-control border border-control-line bg-canvas px-2 py-1.5 text-sm text-ink"
      />
      <div className="flex gap-1.5">
        <Button size="small" look="primary" busy={busy} disabled={text.trim() === ""} onClick={send}>
          {verb}
        </Button>
        <Button size="small" look="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </div>
  )
}

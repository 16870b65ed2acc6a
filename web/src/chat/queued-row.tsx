import { CornerDownRight, GripVertical, ListPlus, Pencil, SendHorizontal, X } from "lucide-react"
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react"
import type { QueuedMessage } from "../../../src/contract/chats.ts"
import { Button, IconButton } from "../ui/button.tsx"
import { visibleText } from "../ui/visible-text.ts"
import { plainText } from "./rows.ts"

const kinds = {
  steer: { name: "Steer", Icon: CornerDownRight, look: "bg-accent-fill text-accent", when: "before the next step" },
  queue: { name: "Queue", Icon: ListPlus, look: "bg-selected text-ink-soft", when: "after this turn" },
}

interface EditProps {
  readonly text: string
  readonly onText: (text: string) => void
  readonly onSave: () => void
  readonly onCancel: () => void
}

/** A message of the queue while it is rewritten, in its place. */
const EditedRow = ({ text, onText, onSave, onCancel }: EditProps) => {
  const fieldRef = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const field = fieldRef.current
    field?.focus()
    field?.setSelectionRange(field.value.length, field.value.length)
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.altKey) return
    if (event.key === "Escape") onCancel()
    else if (event.key === "Enter" && !event.shiftKey) onSave()
    else return
    event.preventDefault()
  }
  return (
    <div className="flex flex-col gap-1.5 p-2">
      <textarea
        ref={fieldRef}
        aria-label="Queued message"
        dir="auto"
        rows={2}
        value={text}
        onChange={({ target }) => onText(target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content max-h-40 w-full resize-none rounded-control border border-line-strong bg-canvas px-2.5 py-1.5 text-sm text-ink outline-none focus:border-accent"
      />
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button onClick={onSave} disabled={text.trim() === ""}>
          Save
        </Button>
      </div>
    </div>
  )
}

interface QueuedRowProps {
  readonly message: QueuedMessage
  readonly disabled: boolean
  /** There is a turn that the message could steer. */
  readonly canSteer: boolean
  /** The words as they are being rewritten. */
  readonly edit: EditProps | undefined
  readonly onEdit: () => void
  readonly onPromote: () => void
  readonly onRemove: () => void
  readonly onKind: (kind: QueuedMessage["kind"]) => void
  readonly onStep: (step: -1 | 1) => void
  /** It was let go over the message of this id. */
  readonly onDrop: (over: number) => void
  readonly listRef: RefObject<HTMLOListElement | null>
}

/** The message whose row is at this height; that of the dragged one is where it was. */
const rowAt = (list: HTMLOListElement | null, y: number, dragged: { readonly id: number; readonly by: number }) => {
  const rows = [...(list?.querySelectorAll<HTMLElement>("[data-queued]") ?? [])].map((row) => {
    const id = Number(row.dataset["queued"])
    return { id, bottom: row.getBoundingClientRect().bottom - (id === dragged.id ? dragged.by : 0) }
  })
  return (rows.find(({ bottom }) => y < bottom) ?? rows.at(-1))?.id
}

export const QueuedRow = ({ message, disabled, canSteer, edit, listRef, ...on }: QueuedRowProps) => {
  const { name, Icon, look, when } = kinds[message.kind]
  const [dragged, setDragged] = useState<{ readonly from: number; readonly by: number }>()
  const other = message.kind === "steer" ? "queue" : "steer"
  const turns = other === "queue" || canSteer
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || disabled) return
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    on.onStep(step === -1 ? -1 : 1)
  }
  /** From any control of the row. */
  const keys = { onKeyDown, "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown" }
  const drag = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (disabled || event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setDragged({ from: event.clientY, by: 0 })
    },
    onPointerMove: (event: PointerEvent) => {
      if (dragged !== undefined) setDragged({ ...dragged, by: event.clientY - dragged.from })
    },
    onPointerUp: (event: PointerEvent) => {
      if (dragged === undefined) return
      setDragged(undefined)
      const over = rowAt(listRef.current, event.clientY, { id: message.id, by: dragged.by })
      if (over !== undefined) on.onDrop(over)
    },
    onPointerCancel: () => setDragged(undefined),
  }
  if (edit !== undefined) {
    return (
      <li data-queued={message.id}>
        <EditedRow {...edit} />
      </li>
    )
  }
  return (
    <li
      data-queued={message.id}
      style={dragged === undefined ? undefined : { transform: `translateY(${dragged.by}px)` }}
      className={`flex min-h-8 items-center gap-2 pr-1 pl-1 text-sm ${dragged === undefined ? "" : "relative z-10 rounded-control bg-overlay shadow-overlay"}`}
    >
      <button
        type="button"
        aria-label="Move"
        title="Move (drag, or Alt and arrow keys)"
        {...keys}
        disabled={disabled}
        {...drag}
        className="flex size-6 pointer-coarse:size-11 shrink-0 cursor-grab touch-none items-center justify-center rounded-control text-ink-faint hover:bg-hover hover:text-ink disabled:cursor-default [&>svg]:size-4"
      >
        <GripVertical aria-hidden />
      </button>
      <button
        type="button"
        disabled={disabled || !turns}
        {...keys}
        onClick={() => on.onKind(other)}
        title={other === "steer" ? "Steer this turn with it" : "Let it wait for the end of the turn"}
        className={`flex h-5.5 pointer-coarse:h-9 shrink-0 items-center gap-1 rounded-small px-1.5 text-xs font-medium disabled:cursor-default ${look}`}
      >
        <Icon aria-hidden className="size-3.5" />
        <span className="max-sm:sr-only">{name}</span>
      </button>
      <span
        dir="auto"
        className="min-w-0 flex-1 truncate text-ink max-sm:line-clamp-2 max-sm:py-1 max-sm:whitespace-normal"
      >
        {visibleText(plainText(message.content)) || "Attachment"}
      </span>
      <span className="shrink-0 text-xs text-ink-faint max-sm:hidden">{when}</span>
      <span className="flex shrink-0">
        <IconButton size="small" label="Send now" disabled={disabled} onClick={on.onPromote} {...keys}>
          <SendHorizontal aria-hidden />
        </IconButton>
        <IconButton size="small" label="Edit" disabled={disabled} onClick={on.onEdit} {...keys}>
          <Pencil aria-hidden />
        </IconButton>
        <IconButton size="small" label="Delete from the queue" disabled={disabled} onClick={on.onRemove} {...keys}>
          <X aria-hidden />
        </IconButton>
      </span>
    </li>
  )
}

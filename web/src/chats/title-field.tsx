import { type KeyboardEvent, useEffect, useRef, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { usePatchChat } from "./use-patch-chat.ts"

/** Longer names are refused. */
const MAX_TITLE = 200

interface TitleFieldProps {
  readonly chat: Chat
  /** By keys the focus was here, and has to go somewhere. */
  readonly onDone: (byKey: boolean) => void
  readonly className?: string
}

/** The name of a chat where it stands, to be written: Enter and leaving keep it, Esc does not. */
export const TitleField = ({ chat, onDone, className = "" }: TitleFieldProps) => {
  const [title, setTitle] = useState(chat.title)
  const fieldRef = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  const patch = usePatchChat(chat.id)

  useEffect(() => {
    fieldRef.current?.focus()
    fieldRef.current?.select()
  }, [])

  const end = (keep: boolean, byKey: boolean) => {
    // Taking the field away takes the focus from it, which would end it again.
    if (done.current) return
    done.current = true
    const name = title.trim()
    if (keep && name !== "" && name !== chat.title) patch.mutate({ title: name })
    onDone(byKey)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return
    event.preventDefault()
    end(event.key === "Enter", true)
  }

  return (
    <input
      ref={fieldRef}
      aria-label="Name of the chat"
      value={title}
      maxLength={MAX_TITLE}
      autoComplete="off"
      onChange={({ target }) => setTitle(target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => end(true, false)}
      className={`min-w-0 rounded-small border border-control-line bg-raised px-1.5 text-ink ${className}`}
    />
  )
}

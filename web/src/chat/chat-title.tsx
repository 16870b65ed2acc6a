import { useEffect, useRef, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { TitleField } from "../chats/title-field.tsx"
import { proseText } from "../ui/prose-text.ts"

/** The name of the open chat. Pressed, it can be written. */
export const ChatTitle = ({ chat }: { readonly chat: Chat }) => {
  const [renaming, setRenaming] = useState(false)
  const buttonRef = useRef<HTMLButtonElement>(null)
  const focusBack = useRef(false)

  useEffect(() => {
    if (!renaming && focusBack.current) buttonRef.current?.focus()
    focusBack.current = false
  }, [renaming])

  return (
    <h1 aria-live="polite" className="flex min-w-0 text-md font-semibold">
      {renaming ? (
        <TitleField
          chat={chat}
          className="h-7 w-96 max-w-full pointer-coarse:h-11"
          onDone={(byKey) => {
            focusBack.current = byKey
            setRenaming(false)
          }}
        />
      ) : (
        <button
          ref={buttonRef}
          type="button"
          title="Rename"
          onClick={() => setRenaming(true)}
          className="-mx-1.5 min-w-0 truncate rounded-small px-1.5 text-left transition-colors hover:bg-hover pointer-coarse:min-h-11"
        >
          {proseText(chat.title) || "New chat"}
        </button>
      )}
    </h1>
  )
}

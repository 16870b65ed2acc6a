import { Link } from "@tanstack/react-router"
import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { chatLine, StateGlyph } from "../chats/state-glyph.tsx"
import { shortAge } from "../chats/time.ts"
import { TitleField } from "../chats/title-field.tsx"
import { OwnerMark } from "../sharing/owner-mark.tsx"
import { proseText } from "../ui/prose-text.ts"
import { ChatMenu } from "./chat-menu.tsx"

/** What stands at the right end makes room for the menu: on touch screens it stands beside it. */
const yieldsToMenu =
  "group-focus-within/row:invisible group-hover/row:invisible group-has-data-[state=open]/row:invisible"

interface ChatRowProps {
  readonly chat: Chat
  readonly unread: boolean
  /** Milliseconds of the epoch that the age is counted to. */
  readonly now: number
  /** How many chats have a pin: the place of the next one is after them. */
  readonly pins: number
  /** Of a chat that somebody else lets one read: who it is. It is not renamed, pinned or archived here. */
  readonly owner?: string
}

/** A chat in the list: state, title, age, and one line of what goes on or came of it. */
export const ChatRow = memo(({ chat, unread, now, pins, owner }: ChatRowProps) => {
  const [renaming, setRenaming] = useState(false)
  const linkRef = useRef<HTMLAnchorElement>(null)
  const focusBack = useRef(false)
  const line = chatLine(chat)

  useEffect(() => {
    if (!renaming && focusBack.current) linkRef.current?.focus()
    focusBack.current = false
  }, [renaming])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "F2" || owner !== undefined) return
    event.preventDefault()
    setRenaming(true)
  }

  if (renaming) {
    return (
      <div data-row className="flex items-center gap-2.25 rounded-control bg-selected px-2 py-1.5">
        <StateGlyph chat={chat} />
        <TitleField
          chat={chat}
          className="h-7 flex-1 pointer-coarse:h-11"
          onDone={(byKey) => {
            focusBack.current = byKey
            setRenaming(false)
          }}
        />
      </div>
    )
  }
  return (
    <div data-row className="group/row relative">
      <Link
        ref={linkRef}
        to="/agents/$chatId"
        params={{ chatId: chat.id }}
        data-item
        tabIndex={-1}
        draggable={false}
        onKeyDown={onKeyDown}
        className="flex items-start gap-2.25 rounded-control px-2 py-1.5 text-ink transition-colors hover:bg-hover focus-visible:-outline-offset-2 aria-[current=page]:bg-selected [@media(hover:none)]:min-h-11 [@media(hover:none)]:pr-11"
      >
        <StateGlyph chat={chat} others={owner !== undefined} className="mt-0.5" />
        <span className="min-w-0 flex-1">
          <span className={`block truncate ${unread ? "font-semibold" : ""}`}>
            {proseText(chat.title) || "New chat"}
          </span>
          {owner !== undefined && (
            <span className="block truncate text-xs text-ink-faint">
              <OwnerMark name={owner} />
            </span>
          )}
          {line !== "" && owner === undefined && (
            <span className={`block truncate text-xs ${chat.status === "error" ? "text-danger" : "text-ink-faint"}`}>
              {proseText(line)}
            </span>
          )}
        </span>
        <span
          className={`mt-px flex shrink-0 items-center gap-1.5 text-xs text-ink-faint tabular-nums ${owner === undefined ? yieldsToMenu : ""}`}
        >
          {unread && (
            <span className="size-1.5 rounded-full bg-accent">
              <span className="sr-only">Unread</span>
            </span>
          )}
          <time dateTime={chat.updated_at}>{shortAge(chat.updated_at, now)}</time>
        </span>
      </Link>
      {owner === undefined && <ChatMenu chat={chat} pins={pins} onRename={() => setRenaming(true)} />}
    </div>
  )
})

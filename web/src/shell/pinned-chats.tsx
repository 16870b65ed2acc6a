import { useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { moved } from "../chats/pins.ts"
import { usePatchAnyChat } from "../chats/use-patch-chat.ts"
import { proseText } from "../ui/prose-text.ts"
import { ChatRow } from "./chat-row.tsx"
import { usePinDrag } from "./use-pin-drag.ts"

interface PinnedChatsProps {
  readonly chats: ReadonlyArray<Chat>
  readonly openChatId: string | undefined
  readonly now: number
}

/** An order that was dropped stands at once; it is forgotten when another one comes from outside. */
interface Held {
  readonly ids: ReadonlyArray<string>
  readonly instead: string
}

const keyOf = (chats: ReadonlyArray<Chat>): string => chats.map(({ id }) => id).join()

/** The chats with a pin, in the order that the person gives them: by mouse, by finger, and by Alt with the arrow keys. */
export const PinnedChats = ({ chats, openChatId, now }: PinnedChatsProps) => {
  const [held, setHeld] = useState<Held>()
  const [said, setSaid] = useState("")
  const patch = usePatchAnyChat()
  const incoming = keyOf(chats)
  const shown =
    held?.instead === incoming ? held.ids.flatMap((id) => chats.find((chat) => chat.id === id) ?? []) : chats

  const move = (from: number, to: number) => {
    const chat = shown[from]
    if (chat === undefined || to < 0 || to >= shown.length) return
    setHeld({ ids: moved(shown, from, to).map(({ id }) => id), instead: incoming })
    setSaid(`${proseText(chat.title) || "New chat"}: place ${to + 1} of ${shown.length}`)
    patch.mutate({ chatId: chat.id, patch: { pin_order: to + 1 } }, { onSettled: () => setHeld(undefined) })
  }
  const drag = usePinDrag<HTMLUListElement>(move)

  return (
    <>
      <ul {...drag.list} className="flex flex-col">
        {shown.map((chat, index) => (
          <li
            key={chat.id}
            style={drag.dragged === undefined ? undefined : { transform: `translateY(${drag.shiftOf(index)}px)` }}
            className={
              drag.dragged === index
                ? "relative z-10 cursor-grabbing rounded-control bg-raised shadow-low select-none"
                : drag.dragged === undefined
                  ? ""
                  : "transition-transform select-none"
            }
          >
            <ChatRow chat={chat} unread={chat.has_unread && chat.id !== openChatId} now={now} pins={shown.length} />
          </li>
        ))}
      </ul>
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  )
}

import { useQuery } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { useEffect, useMemo, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { messageOf } from "../api/client.ts"
import { chatsQuery } from "../api/queries.ts"
import { isBefore } from "../chats/time.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { ChatRow } from "./chat-row.tsx"

const AGE_REFRESH_MS = 30_000
const SKELETON_ROWS = ["72%", "54%", "80%", "62%", "46%"]

const useNow = (): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), AGE_REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}

const byPinThenTime = (a: Chat, b: Chat): number => {
  if (a.pin_order !== b.pin_order && (a.pin_order > 0 || b.pin_order > 0)) {
    return (a.pin_order || Number.MAX_SAFE_INTEGER) - (b.pin_order || Number.MAX_SAFE_INTEGER)
  }
  if (isBefore(b.updated_at, a.updated_at)) return -1
  return isBefore(a.updated_at, b.updated_at) ? 1 : 0
}

interface SectionProps {
  readonly title: string
  readonly chats: ReadonlyArray<Chat>
  readonly openChatId: string | undefined
  readonly now: number
  readonly nextPin: number
}

const Section = ({ title, chats, openChatId, now, nextPin }: SectionProps) => (
  <section aria-label={title}>
    <h2 className="px-2.5 pt-1 pb-1.5 text-xs font-medium text-ink-faint">{title}</h2>
    <ul className="flex flex-col gap-px pb-2">
      {chats.map((chat) => (
        <li key={chat.id}>
          <ChatRow chat={chat} unread={chat.has_unread && chat.id !== openChatId} now={now} nextPin={nextPin} />
        </li>
      ))}
    </ul>
  </section>
)

/** The user's chats, pinned ones first, then newest first, live. */
export const ChatList = () => {
  const chats = useQuery(chatsQuery)
  const { chatId } = useParams({ strict: false })
  const now = useNow()
  const shown = useMemo(() => chats.data?.filter((chat) => !chat.archived).sort(byPinThenTime), [chats.data])

  const pinned = shown?.filter((chat) => chat.pin_order > 0) ?? []
  const others = shown?.filter((chat) => chat.pin_order === 0) ?? []
  const section = { openChatId: chatId, now, nextPin: (pinned.at(-1)?.pin_order ?? 0) + 1 }

  return (
    <nav aria-label="Chats" className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
      {chats.isPending && (
        <div role="status" aria-label="Loading chats">
          {SKELETON_ROWS.map((width) => (
            <div key={width} className="flex h-9 items-center px-2.5">
              <div className="skeleton h-3" style={{ width }} />
            </div>
          ))}
        </div>
      )}
      {chats.isError && shown === undefined && (
        <Callout
          tone="danger"
          role="alert"
          title="Chats could not be loaded"
          actions={<Button onClick={() => void chats.refetch()}>Try again</Button>}
        >
          {messageOf(chats.error)}
        </Callout>
      )}
      {shown?.length === 0 && (
        <p className="px-2.5 py-1 text-sm text-ink-faint">None yet. What you start will be listed here.</p>
      )}
      {pinned.length > 0 && <Section title="Pinned" chats={pinned} {...section} />}
      {others.length > 0 && <Section title={pinned.length > 0 ? "Others" : "Chats"} chats={others} {...section} />}
    </nav>
  )
}

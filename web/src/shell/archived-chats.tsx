import { useInfiniteQuery } from "@tanstack/react-query"
import { ChevronRight } from "lucide-react"
import { useState } from "react"
import { archivedChatsQuery } from "../api/queries.ts"
import { allChats } from "../chats/chat-pages.ts"
import { archivedOf } from "../chats/groups.ts"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { ChatRow } from "./chat-row.tsx"
import { MoreChats } from "./more-chats.tsx"

interface ArchivedChatsProps {
  readonly now: number
  readonly pins: number
}

const Opened = ({ now, pins }: ArchivedChatsProps) => {
  const archived = useInfiniteQuery({ ...archivedChatsQuery, select: allChats })
  const chats = archivedOf(archived.data ?? [])
  if (archived.isPending) return <LoadingRows label="Loading archived chats" rows={3} rowClass="h-12" />
  if (archived.isError && archived.data === undefined) {
    return (
      <LoadFailed
        title="The archived chats could not be loaded"
        error={archived.error}
        retrying={archived.isFetching}
        onRetry={() => void archived.refetch()}
      />
    )
  }
  return (
    <>
      {chats.length === 0 && <p className="px-2 py-1.5 text-sm text-ink-faint">No chat is archived.</p>}
      <ul className="flex flex-col">
        {chats.map((chat) => (
          <li key={chat.id} className="chat-row">
            <ChatRow chat={chat} unread={false} now={now} pins={pins} />
          </li>
        ))}
      </ul>
      {archived.hasNextPage && (
        <MoreChats
          loading={archived.isFetchingNextPage}
          error={archived.isFetchNextPageError ? archived.error : null}
          onLoad={archived.fetchNextPage}
        />
      )}
    </>
  )
}

/** The last group of the list. It is read when it is opened. */
export const ArchivedChats = (props: ArchivedChatsProps) => {
  const [open, setOpen] = useState(false)
  return (
    <div role="group" aria-label="Archived" className="pt-2">
      <h2 data-row>
        <button
          type="button"
          data-item
          tabIndex={-1}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex h-7 w-full items-center gap-1 rounded-control px-2 text-xs text-ink-faint transition-colors hover:bg-hover hover:text-ink pointer-coarse:h-11"
        >
          Archived
          <ChevronRight aria-hidden className={`size-3.5 transition-transform ${open ? "rotate-90" : ""}`} />
        </button>
      </h2>
      {open && <Opened {...props} />}
    </div>
  )
}

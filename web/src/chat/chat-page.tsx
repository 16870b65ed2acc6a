import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Link, useParams } from "@tanstack/react-router"
import { RotateCw } from "lucide-react"
import { useEffect, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { ApiError, messageOf } from "../api/client.ts"
import { chatQuery, chatsQuery } from "../api/queries.ts"
import { followChat } from "../stream/connection.ts"
import { createStreamStore, StreamStoreContext } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { ChatComposer } from "./chat-composer.tsx"
import { prefetchMarkdown } from "./markdown.tsx"
import { Timeline } from "./timeline.tsx"

prefetchMarkdown()

const isGone = (error: unknown): boolean => error instanceof ApiError && (error.status === 404 || error.status === 400)

const ChatGone = () => (
  <div className="flex flex-1 flex-col items-center justify-center gap-2 p-6 text-center">
    <h1 className="text-lg font-semibold">This chat is not here</h1>
    <p className="max-w-md text-ink-soft">It does not exist, or it is not shared with you.</p>
    <Link to="/agents" className="mt-1 font-medium text-accent underline underline-offset-4">
      Start a new chat
    </Link>
  </div>
)

const ChatHeader = ({ chat }: { readonly chat: Chat | undefined }) => (
  <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line pr-4 pl-12 md:pl-5">
    {chat === undefined ? (
      <>
        <h1 className="sr-only">Chat</h1>
        <div className="skeleton h-4 w-44" />
      </>
    ) : (
      <h1 aria-live="polite" className="min-w-0 truncate font-medium">
        {chat.title || "New chat"}
      </h1>
    )}
  </header>
)

/** The server marks the chat as read when its stream opens; the list need not wait to hear of it. */
const useMarkRead = (chatId: string): void => {
  const queryClient = useQueryClient()
  useEffect(() => {
    queryClient.setQueryData(chatsQuery.queryKey, (chats) =>
      chats?.map((chat) => (chat.id === chatId && chat.has_unread ? { ...chat, has_unread: false } : chat)),
    )
  }, [chatId, queryClient])
}

const Conversation = ({ chatId }: { readonly chatId: string }) => {
  const [store] = useState(createStreamStore)
  const [sent, setSent] = useState(0)
  const { data: chat, error, refetch } = useQuery(chatQuery(chatId))
  const gone = isGone(error)
  useMarkRead(chatId)

  useEffect(() => (gone ? undefined : followChat(chatId, store)), [chatId, store, gone])

  useEffect(() => {
    document.title = `${chat?.title || "Chat"} · Troupe`
  }, [chat?.title])

  if (gone) return <ChatGone />
  if (error !== null && chat === undefined) {
    return (
      <div className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-center">
        <h1 className="text-lg font-semibold">The chat could not be loaded</h1>
        <p role="alert" className="max-w-md text-ink-soft">
          {messageOf(error)}
        </p>
        <Button onClick={() => void refetch()}>
          <RotateCw aria-hidden className="size-4" />
          Try again
        </Button>
      </div>
    )
  }
  return (
    <StreamStoreContext value={store}>
      <ChatHeader chat={chat} />
      <Timeline chatId={chatId} lastError={chat?.last_error} sent={sent} />
      <ChatComposer chatId={chatId} chat={chat} onSent={() => setSent((count) => count + 1)} />
    </StreamStoreContext>
  )
}

export const ChatPage = () => {
  const { chatId } = useParams({ from: "/signed-in/agents/$chatId" })
  return <Conversation key={chatId} chatId={chatId} />
}

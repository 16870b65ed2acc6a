import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Link, useParams } from "@tanstack/react-router"
import { ChartNoAxesGantt, RotateCw } from "lucide-react"
import { type RefObject, useEffect, useEffectEvent, useMemo, useRef, useState } from "react"
import type { Chat, Message } from "../../../src/contract/chats.ts"
import { ApiError, messageOf } from "../api/client.ts"
import { chatQuery, chatsQuery, meQuery, promptsQuery } from "../api/queries.ts"
import { ChatApprovals } from "../approvals/chat-approvals.tsx"
import { changeChats } from "../chats/chat-pages.ts"
import { StateChip } from "../chats/state-glyph.tsx"
import { useModelChoice } from "../composer/model-choice.ts"
import { followChat } from "../stream/connection.ts"
import { createStreamStore, StreamStoreContext, useStream } from "../stream/store.ts"
import { Button, IconButton } from "../ui/button.tsx"
import { LazyPart } from "../ui/lazy-part.tsx"
import { proseText } from "../ui/prose-text.ts"
import { ChatComposer } from "./chat-composer.tsx"
import { ChatTitle } from "./chat-title.tsx"
import { ContextMenu } from "./context-menu.tsx"
import { EditComposer } from "./edit-composer.tsx"
import { EditingContext } from "./editing.ts"
import { prefetchMarkdown } from "./markdown.tsx"
import { Timeline } from "./timeline.tsx"

prefetchMarkdown()

const loadTrace = async () => (await import("../trace/trace-panel.tsx")).TracePanel
const loadPast = async () => (await import("../trace/past-chat.tsx")).PastChat

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

/** What goes on in the chat, beside its name. */
const LiveState = () => {
  const state = useStream(({ stream }) => stream.status)
  return state === undefined ? null : <StateChip state={state} />
}

interface ChatHeaderProps {
  readonly chat: Chat | undefined
  readonly tracing: boolean
  readonly onTrace: () => void
  readonly traceRef: RefObject<HTMLButtonElement | null>
}

const ChatHeader = ({ chat, tracing, onTrace, traceRef }: ChatHeaderProps) => (
  <header className="flex h-(--h-bar) shrink-0 items-center gap-3 border-b border-line pr-2 pl-12 pointer-coarse:h-13 md:pl-4">
    {chat === undefined ? (
      <>
        <h1 className="sr-only">Chat</h1>
        <div className="skeleton h-4 w-44" />
      </>
    ) : (
      <ChatTitle chat={chat} />
    )}
    <LiveState />
    <IconButton
      ref={traceRef}
      label="Trace"
      aria-pressed={tracing}
      onClick={onTrace}
      className="ml-auto aria-pressed:bg-selected aria-pressed:text-ink"
    >
      <ChartNoAxesGantt aria-hidden />
    </IconButton>
    {chat !== undefined && !chat.archived && <ContextMenu chatId={chat.id} />}
  </header>
)

/** The server marks the chat as read when its stream opens; the list need not wait to hear of it. */
const useMarkRead = (chatId: string): void => {
  const queryClient = useQueryClient()
  useEffect(() => {
    changeChats(queryClient, chatsQuery.queryKey, (chats) =>
      chats.map((chat) => (chat.id === chatId && chat.has_unread ? { ...chat, has_unread: false } : chat)),
    )
  }, [chatId, queryClient])
}

/** What was asked is read anew once it is another list: sent here or elsewhere, taken from the queue, or edited away. */
const FreshPrompts = ({ chatId }: { readonly chatId: string }) => {
  const queryClient = useQueryClient()
  const newest = useStream(({ stream }) => stream.messages.findLast(({ role }) => role === "user")?.id)
  useEffect(() => {
    if (newest !== undefined) void queryClient.invalidateQueries({ queryKey: promptsQuery(chatId).queryKey })
  }, [chatId, newest, queryClient])
  return null
}

const Conversation = ({ chatId }: { readonly chatId: string }) => {
  const [store] = useState(createStreamStore)
  const [sent, setSent] = useState(0)
  const { data: chat, error, refetch } = useQuery(chatQuery(chatId))
  const { data: me } = useQuery(meQuery)
  const [tracing, setTracing] = useState(false)
  /** The version that is looked at beside Trace; undefined for now. */
  const [version, setVersion] = useState<number>()
  const traceRef = useRef<HTMLButtonElement>(null)
  const [edited, setEdited] = useState<Message>()
  const gone = isGone(error)
  const archived = chat?.archived === true
  const model = useModelChoice(chat?.last_model_config_id)
  const onSent = () => setSent((count) => count + 1)
  useMarkRead(chatId)

  // Tells a chat that was deleted, or is no longer shared, from a server that cannot be reached.
  const onLost = useEffectEvent(() => void refetch())
  useEffect(() => (gone ? undefined : followChat(chatId, store, onLost)), [chatId, store, gone])

  useEffect(() => {
    document.title = `${proseText(chat?.title ?? "") || "Chat"} · Troupe`
  }, [chat?.title])

  const editing = useMemo(
    () => ({
      message: archived ? undefined : edited,
      canEdit: (message: Message) => !archived && me !== undefined && message.created_by === me.id,
      start: setEdited,
    }),
    [archived, edited, me],
  )

  const closeTrace = () => {
    setTracing(false)
    setVersion(undefined)
    traceRef.current?.focus()
  }

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
      <FreshPrompts chatId={chatId} />
      <ChatHeader
        chat={chat}
        tracing={tracing}
        onTrace={() => (tracing ? closeTrace() : setTracing(true))}
        traceRef={traceRef}
      />
      <div className="relative flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          {version === undefined ? (
            <>
              <EditingContext value={editing}>
                <Timeline chatId={chatId} lastError={chat?.last_error} modelId={model.chosen?.id} sent={sent} />
              </EditingContext>
              <ChatApprovals chatId={chatId} chat={chat}>
                {editing.message === undefined ? (
                  <ChatComposer chatId={chatId} chat={chat} model={model} onSent={onSent} />
                ) : (
                  <EditComposer
                    key={editing.message.id}
                    chatId={chatId}
                    message={editing.message}
                    lastModel={chat?.last_model_config_id}
                    onClose={(sentAnew) => {
                      setEdited(undefined)
                      if (sentAnew) onSent()
                    }}
                  />
                )}
              </ChatApprovals>
            </>
          ) : (
            <LazyPart load={loadPast} props={{ chatId, version, goTo: setVersion }} name="The conversation of then" />
          )}
        </div>
        {tracing && (
          <aside
            aria-label="Trace"
            className="absolute inset-0 z-20 flex flex-col border-l border-line bg-canvas lg:static lg:w-104 lg:shrink-0 xl:w-120"
          >
            <LazyPart
              load={loadTrace}
              props={{ chatId, version, goTo: setVersion, onClose: closeTrace }}
              name="Trace"
            />
          </aside>
        )}
      </div>
    </StreamStoreContext>
  )
}

export const ChatPage = () => {
  const { chatId } = useParams({ from: "/signed-in/chats-layout/agents/$chatId" })
  return <Conversation key={chatId} chatId={chatId} />
}

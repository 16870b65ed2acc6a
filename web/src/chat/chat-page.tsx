import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { ChartNoAxesGantt, RotateCw } from "lucide-react"
import { type RefObject, useEffect, useEffectEvent, useMemo, useRef, useState } from "react"
import type { Chat, Message } from "../../../src/contract/chats.ts"
import { ApiError, messageOf } from "../api/client.ts"
import { chatQuery, chatsQuery, meQuery, promptsQuery } from "../api/queries.ts"
import { ChatApprovals } from "../approvals/chat-approvals.tsx"
import { isOwner } from "../auth/roles.ts"
import { changeChats } from "../chats/chat-pages.ts"
import { ownerName } from "../chats/owner.ts"
import { StateChip } from "../chats/state-glyph.tsx"
import { useModelChoice } from "../composer/model-choice.ts"
import { OwnerMark } from "../sharing/owner-mark.tsx"
import { chatGone, preloadReading, readingNotice } from "../sharing/parts.ts"
import { followChat } from "../stream/connection.ts"
import { createStreamStore, StreamStoreContext, useStream } from "../stream/store.ts"
import { Button, IconButton } from "../ui/button.tsx"
import { LazyPart } from "../ui/lazy-part.tsx"
import { proseText } from "../ui/prose-text.ts"
import { ChatComposer } from "./chat-composer.tsx"
import { ChatTitle } from "./chat-title.tsx"
import { ComposerDock } from "./composer-dock.tsx"
import { ContextMenu } from "./context-menu.tsx"
import { EditComposer } from "./edit-composer.tsx"
import { EditingContext } from "./editing.ts"
import { prefetchMarkdown } from "./markdown.tsx"
import { HostContext, useHost } from "./reading-along.ts"
import { Timeline } from "./timeline.tsx"

prefetchMarkdown()

const loadTrace = async () => (await import("../trace/trace-panel.tsx")).TracePanel
const loadSign = async () => (await import("../sharing/shared-sign.tsx")).SharedSign
const loadPast = async () => (await import("../trace/past-chat.tsx")).PastChat

const isGone = (error: unknown): boolean => error instanceof ApiError && (error.status === 404 || error.status === 400)

/** What goes on in the chat, beside its name. */
const LiveState = () => {
  const state = useStream(({ stream }) => stream.status)
  const others = useHost() !== undefined
  return state === undefined ? null : <StateChip state={state} others={others} />
}

interface ChatHeaderProps {
  readonly chat: Chat | undefined
  /** Whose chat it is, where it is not one's own. */
  readonly host: string | undefined
  readonly canTrace: boolean
  readonly tracing: boolean
  readonly onTrace: () => void
  readonly traceRef: RefObject<HTMLButtonElement | null>
}

const ChatHeader = ({ chat, host, canTrace, tracing, onTrace, traceRef }: ChatHeaderProps) => (
  <header className="flex h-(--h-bar) shrink-0 items-center gap-3 border-b border-line pr-2 pl-12 pointer-coarse:h-13 md:pl-4">
    {chat === undefined ? (
      <>
        <h1 className="sr-only">Chat</h1>
        <div className="skeleton h-4 w-44" />
      </>
    ) : host === undefined ? (
      <ChatTitle chat={chat} />
    ) : (
      <>
        <h1 aria-live="polite" className="min-w-0 truncate text-md font-semibold">
          {proseText(chat.title) || "New chat"}
        </h1>
        <span className="min-w-12 text-xs text-ink-soft">
          <span className="sr-only">Shared by </span>
          <OwnerMark name={host} />
        </span>
      </>
    )}
    <LiveState />
    <span className="ml-auto flex shrink-0 items-center gap-1">
      {chat?.shared === true && host === undefined && (
        <LazyPart load={loadSign} props={{ chatId: chat.id }} name="Sharing" fallback={<span className="w-10" />} />
      )}
      {canTrace && (
        <IconButton
          ref={traceRef}
          label="Trace"
          aria-pressed={tracing}
          onClick={onTrace}
          className="aria-pressed:bg-selected aria-pressed:text-ink"
        >
          <ChartNoAxesGantt aria-hidden />
        </IconButton>
      )}
      {chat !== undefined && !chat.archived && host === undefined && <ContextMenu chatId={chat.id} />}
    </span>
  </header>
)

/** Whose chat it is says who may write in it. As high as the message box that most often comes. */
const ComposerSkeleton = () => (
  <ComposerDock>
    <div className="skeleton h-24 rounded-composer" />
  </ComposerDock>
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
  const host = chat === undefined || me === undefined || chat.owner_id === me.id ? undefined : ownerName(chat)
  // Not of those who were let in: an owner of the deployment may look behind every chat.
  const administers = me !== undefined && isOwner(me)
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
      canEdit: (message: Message) =>
        !archived && host === undefined && me !== undefined && message.created_by === me.id,
      start: setEdited,
    }),
    [archived, edited, host, me],
  )

  useEffect(() => {
    if (host !== undefined) preloadReading()
  }, [host])

  const closeTrace = () => {
    setTracing(false)
    setVersion(undefined)
    traceRef.current?.focus()
  }

  if (gone) return <chatGone.Component chatId={chatId} host={host} />
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
  const composer =
    editing.message === undefined ? (
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
    )
  return (
    <StreamStoreContext value={store}>
      <HostContext value={host}>
        <FreshPrompts chatId={chatId} />
        <ChatHeader
          chat={chat}
          host={host}
          canTrace={chat !== undefined && (host === undefined || administers)}
          tracing={tracing}
          onTrace={() => (tracing ? closeTrace() : setTracing(true))}
          traceRef={traceRef}
        />
        <div className="relative flex min-h-0 flex-1">
          <div className="flex min-w-0 flex-1 flex-col">
            {version === undefined ? (
              <>
                <EditingContext value={editing}>
                  <Timeline
                    chatId={chatId}
                    known={chat !== undefined}
                    lastError={chat?.last_error}
                    modelId={model.chosen?.id}
                    sent={sent}
                  />
                </EditingContext>
                {chat === undefined && <ComposerSkeleton />}
                {chat !== undefined && host === undefined && (
                  <ChatApprovals chatId={chatId} chat={chat}>
                    {composer}
                  </ChatApprovals>
                )}
                {host !== undefined && (
                  <ComposerDock>
                    <readingNotice.Component host={host} archived={archived} administers={administers} />
                  </ComposerDock>
                )}
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
      </HostContext>
    </StreamStoreContext>
  )
}

export const ChatPage = () => {
  const { chatId } = useParams({ from: "/signed-in/chats-layout/agents/$chatId" })
  return <Conversation key={chatId} chatId={chatId} />
}

import { Link, Outlet, useParams } from "@tanstack/react-router"
import { ChevronLeft, MessageSquare, Search } from "lucide-react"
import { useEffect } from "react"
import { useMayChat } from "../auth/may-chat.ts"
import { buttonClass } from "../ui/button.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { ChatList } from "./chat-list.tsx"
import { ListResizer } from "./list-resizer.tsx"
import { openPalette } from "./overlays.ts"
import { Page } from "./page.tsx"

const Find = () => (
  <button
    type="button"
    onClick={openPalette}
    className="mx-2.5 mt-2 mb-0.5 flex h-7.5 shrink-0 items-center gap-2 rounded-control border border-line bg-raised px-2 text-sm text-ink-faint transition-colors hover:text-ink pointer-coarse:h-11"
  >
    <Search aria-hidden className="size-4" />
    Find a chat
    <span className="ml-auto [@media(hover:none)]:hidden">
      <Kbd keys="/" />
    </span>
  </button>
)

/** The list of chats with the open one beside it; on phones one of the two. */
export const ChatsLayout = () => {
  const { chatId } = useParams({ strict: false })
  const open = chatId !== undefined
  // The list is the page where no chat is open.
  const Title = open ? "h2" : "h1"
  return (
    <Page row>
      <section
        aria-label="Chat list"
        className={`relative flex min-w-0 flex-col border-line bg-[color-mix(in_oklab,var(--rail)_45%,var(--canvas))] md:w-(--w-list) md:shrink-0 md:border-r md:[[data-list=hidden]_&]:hidden ${open ? "max-md:hidden" : "max-md:flex-1"}`}
      >
        <div className="flex h-(--h-bar) shrink-0 items-center border-b border-line px-4 pointer-coarse:h-13">
          <Title className="text-md font-semibold">Chats</Title>
        </div>
        <Find />
        <ChatList />
        <ListResizer />
      </section>
      <div className={`relative flex min-w-0 flex-1 ${open ? "" : "max-md:hidden"}`}>
        {open && (
          <Link
            to="/chats"
            aria-label="Back to the chats"
            className="absolute top-0.5 left-0.5 z-20 flex size-11 items-center justify-center rounded-control text-ink-soft md:hidden"
          >
            <ChevronLeft aria-hidden className="size-5" />
          </Link>
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <Outlet />
        </div>
      </div>
    </Page>
  )
}

/** Beside the list while no chat is open. */
export const NoChatOpen = () => {
  const mayChat = useMayChat()
  useEffect(() => {
    document.title = "Chats · Troupe"
  }, [])
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-center text-ink-faint">
      <MessageSquare aria-hidden className="size-6" />
      <h2 className="text-md font-semibold text-ink">Choose a chat</h2>
      <p className="max-w-sm">
        {mayChat
          ? "Open one from the list, or start another. Whatever runs goes on while you look elsewhere."
          : "Open one from the list to read along."}
      </p>
      {mayChat && (
        <Link to="/agents" className={buttonClass()}>
          Start a chat
        </Link>
      )}
    </div>
  )
}

import { Link, useLocation } from "@tanstack/react-router"
import { PanelLeftClose, PanelLeftOpen, Plus, Search } from "lucide-react"
import { useChatAccess } from "../chats/chat-access.ts"
import { Logo } from "../ui/logo.tsx"
import { toggleList, useListHidden } from "./list-pane.ts"
import { NeedsYouCount } from "./needs-you-count.tsx"
import { openPalette } from "./overlays.ts"
import { chatsSection, here, sectionsFor } from "./sections.ts"
import { UserMenu } from "./user-menu.tsx"

const item =
  "relative flex w-16.5 flex-col items-center gap-0.5 rounded-card pt-1.5 pb-1 text-2xs text-ink-faint transition-colors hover:bg-hover hover:text-ink data-[current=true]:bg-selected data-[current=true]:text-ink [&>svg]:size-4.5"

/** Shows and puts away the chat list, where there is one. */
const ListToggle = () => {
  const hidden = useListHidden()
  const Icon = hidden ? PanelLeftOpen : PanelLeftClose
  const label = hidden ? "Show the chat list" : "Hide the chat list"
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-expanded={!hidden}
      onClick={toggleList}
      className={item}
    >
      <Icon aria-hidden />
      List
    </button>
  )
}

/** The sections of the app, at the left edge. */
export const Rail = () => {
  const { pathname } = useLocation()
  const { mayChat, readsShared } = useChatAccess()
  const inChats = chatsSection.holds(pathname)
  return (
    <div className="flex w-(--w-rail) shrink-0 flex-col items-center gap-0.5 overflow-y-auto border-r border-line bg-rail py-2.5 max-md:hidden">
      <Logo className="mb-2 size-6.5 shrink-0" />
      <nav aria-label="Main" className="flex flex-col gap-0.5">
        {mayChat && (
          <Link to="/agents" aria-label="New chat" className={item}>
            <Plus aria-hidden className="rounded-full bg-primary p-0.5 text-on-primary" />
            New
          </Link>
        )}
        {sectionsFor(mayChat, readsShared).map(({ to, title, Icon, holds }) => (
          <Link key={to} to={to} {...here(holds(pathname))} className={item}>
            <Icon aria-hidden />
            {title}
            {to === "/agents" && <NeedsYouCount />}
          </Link>
        ))}
      </nav>
      <div className="mt-auto flex flex-col items-center gap-0.5 pt-2">
        {inChats && <ListToggle />}
        <button type="button" onClick={openPalette} aria-label="Search and commands" className={item}>
          <Search aria-hidden />
          Ctrl K
        </button>
        <UserMenu />
      </div>
    </div>
  )
}

import { Link } from "@tanstack/react-router"
import { SlidersHorizontal, SquarePen } from "lucide-react"
import { Logo } from "../ui/logo.tsx"
import { ChatList } from "./chat-list.tsx"
import { UserMenu } from "./user-menu.tsx"

const item =
  "flex h-9 items-center gap-2.5 rounded-control px-2.5 text-ink-soft transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-selected aria-[current=page]:text-ink [&>svg]:size-4"

export const Sidebar = () => (
  <div className="flex h-full flex-col">
    <div className="flex h-12 shrink-0 items-center gap-2 px-4">
      <Logo className="size-5.5" />
      <span className="font-semibold tracking-tight">Troupe</span>
    </div>
    <nav aria-label="Main" className="flex shrink-0 flex-col gap-0.5 px-2 pb-3">
      <Link to="/agents" activeOptions={{ exact: true }} className={item}>
        <SquarePen aria-hidden />
        New chat
      </Link>
      <Link to="/settings/models" className={item}>
        <SlidersHorizontal aria-hidden />
        Models
      </Link>
    </nav>
    <ChatList />
    <div className="shrink-0 border-t border-line p-2">
      <UserMenu />
    </div>
  </div>
)

import { Link, useLocation } from "@tanstack/react-router"
import { Plus } from "lucide-react"
import { useChatAccess } from "../chats/chat-access.ts"
import { NeedsYouCount } from "./needs-you-count.tsx"
import { here, sectionsFor } from "./sections.ts"

const item =
  "relative flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-2xs text-ink-faint data-[current=true]:font-semibold data-[current=true]:text-ink [&>svg]:size-5"

/**
 * The sections of the app at the foot of a phone. Not in a chat, whose composer stands there, and not while something is
 * written: the keyboard leaves no room.
 */
export const PhoneBar = () => {
  const { pathname } = useLocation()
  const { mayChat, readsShared } = useChatAccess()
  if (/^\/agents\/./.test(pathname)) return null
  const [first, second, ...rest] = sectionsFor(mayChat, readsShared).map(({ to, title, Icon, holds }) => (
    <Link key={to} to={to} {...here(holds(pathname))} className={item}>
      <Icon aria-hidden />
      {title}
      {to === "/agents" && <NeedsYouCount />}
    </Link>
  ))
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 border-t border-line bg-rail pb-[env(safe-area-inset-bottom)] md:hidden pointer-coarse:[body:has(input:focus,textarea:focus)_&]:hidden"
    >
      {first}
      {second}
      {mayChat && (
        <Link to="/agents" aria-label="New chat" className={item}>
          <Plus aria-hidden className="size-6! rounded-full bg-primary p-1 text-on-primary" />
          New
        </Link>
      )}
      {rest}
    </nav>
  )
}

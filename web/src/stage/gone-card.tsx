import { Link } from "@tanstack/react-router"
import type { Chat } from "../../../src/contract/chats.ts"
import { proseText } from "../ui/prose-text.ts"

interface GoneCardProps {
  readonly chat: Chat
  readonly current: boolean
}

/** In place of a card whose chat was archived while it was looked at. */
export const GoneCard = ({ chat, current }: GoneCardProps) => (
  <article
    data-card={chat.id}
    tabIndex={current ? 0 : -1}
    aria-label={proseText(chat.title) || "New chat"}
    className="rounded-card border border-dashed border-line-strong px-3 py-2.5 text-ink-soft focus-visible:outline-offset-0"
  >
    <h3 className="line-clamp-2 font-semibold">{proseText(chat.title) || "New chat"}</h3>
    <p className="text-xs">
      Archived meanwhile. Nothing of it runs.{" "}
      <Link
        to="/agents/$chatId"
        params={{ chatId: chat.id }}
        tabIndex={current ? 0 : -1}
        className="underline underline-offset-2 hover:text-ink"
      >
        Open it
      </Link>
    </p>
  </article>
)

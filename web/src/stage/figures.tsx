import { useInfiniteQuery } from "@tanstack/react-query"
import { chatsQuery } from "../api/queries.ts"
import { allChats, type ChatPages } from "../chats/chat-pages.ts"
import { columnOf } from "../chats/status.ts"
import { waitedFor } from "./card-parts.tsx"
import { useClock } from "./use-time.ts"

interface Capacity {
  readonly atWork: number
  readonly waiting: number
  /** Of the one that waits the longest, RFC 3339. */
  readonly since: string | undefined
}

const capacityOf = (pages: ChatPages): Capacity => {
  const live = allChats(pages).filter(({ archived }) => !archived)
  const waiting = live.filter((chat) => columnOf(chat) === "queued")
  return {
    atWork: live.filter((chat) => columnOf(chat) === "at work").length,
    waiting: waiting.length,
    since: waiting.map(({ updated_at }) => updated_at).sort()[0],
  }
}

/** How many of one's chats are at work, and how many wait until they may be. */
export const Figures = () => {
  const { data } = useInfiniteQuery({ ...chatsQuery, select: capacityOf })
  const since = Date.parse(data?.since ?? "")
  const longest = useClock((now) => (Number.isNaN(since) ? undefined : waitedFor(Math.max(0, now - since))))
  if (data === undefined) return null
  const { atWork, waiting } = data
  const all = atWork + waiting
  return (
    <dl className="flex w-full max-w-75 flex-col gap-1 justify-self-end text-xs max-md:hidden">
      <div className="flex justify-between gap-3">
        <dt className="text-ink-faint">At work</dt>
        <dd className="font-semibold tabular-nums">{atWork}</dd>
      </div>
      <div aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-full bg-selected">
        {all > 0 && <i style={{ flexGrow: atWork }} className="basis-0 bg-s-generating" />}
        {waiting > 0 && <i style={{ flexGrow: waiting }} className="basis-0 bg-s-pending" />}
      </div>
      <div className="flex justify-between gap-3">
        <dt className="text-ink-faint">Wait for a slot</dt>
        <dd className="tabular-nums">
          {waiting}
          {longest !== undefined && (
            <span aria-hidden className="text-ink-faint">
              , longest {longest}
            </span>
          )}
        </dd>
      </div>
    </dl>
  )
}

import { useInfiniteQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import {
  CircleCheck,
  CircleDashed,
  LoaderCircle,
  type LucideIcon,
  ShieldQuestionMark,
  TriangleAlert,
} from "lucide-react"
import { memo, useEffect, useMemo, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { chatsQuery } from "../api/queries.ts"
import { allChats } from "../chats/chat-pages.ts"
import type { BoardColumn } from "../chats/status.ts"
import { useNow } from "../chats/use-now.ts"
import { LoadFailed } from "../ui/list-states.tsx"
import { proseText } from "../ui/prose-text.ts"
import { useBoardKeys } from "./board-keys.ts"
import { Card } from "./card.tsx"
import { COLUMNS, columnsOf, type Placed } from "./columns.ts"
import { GoneCard } from "./gone-card.tsx"
import type { Looks } from "./looks.ts"
import { RestingRow } from "./resting-row.tsx"
import { useBoard } from "./use-board.ts"

interface Head {
  readonly title: string
  readonly Icon: LucideIcon
  readonly look: string
  /** Where there is none. */
  readonly empty: string
}

const heads: Readonly<Record<BoardColumn, Head>> = {
  "needs you": {
    title: "Needs you",
    Icon: ShieldQuestionMark,
    look: "text-s-approval",
    empty: "Nobody waits for you.",
  },
  "at work": { title: "Running", Icon: LoaderCircle, look: "text-s-generating", empty: "Nothing runs." },
  queued: { title: "Queued", Icon: CircleDashed, look: "text-s-pending", empty: "Nothing waits for a slot." },
  failed: { title: "Failed", Icon: TriangleAlert, look: "text-s-error", empty: "Nothing has failed." },
  resting: { title: "Resting", Icon: CircleCheck, look: "text-s-waiting", empty: "Nothing rests." },
}

/** Rows of chats that rest: the others are in the list of chats. */
const RESTING = 60

interface ColumnProps {
  readonly column: BoardColumn
  readonly placed: ReadonlyArray<Placed>
  readonly looks: Looks
  /** The card that has the focus, or had it last, where it is in this column. */
  readonly focused: string | undefined
  /** On a phone, where one column is shown. */
  readonly chosen: boolean
  readonly now: number
}

const Column = memo(({ column, placed, looks, focused, chosen, now }: ColumnProps) => {
  const { title, Icon, look, empty } = heads[column]
  const rests = column === "resting"
  // Each column is one stop of the Tab key.
  const current = focused ?? placed[0]?.chat.id
  return (
    <section
      data-column={column}
      aria-label={title}
      className={`flex min-h-0 min-w-0 flex-col border-line md:not-last:border-r ${column === "failed" ? "md:max-[85rem]:border-t" : ""} ${column === "needs you" ? "md:bg-linear-to-b from-[color-mix(in_oklab,var(--s-approval)_7%,transparent)] to-transparent to-80" : ""} ${chosen ? "max-md:flex-1" : "max-md:hidden"}`}
    >
      <header className="flex h-10 shrink-0 items-center gap-2 px-3.25 max-md:hidden">
        <Icon aria-hidden className={`size-4 shrink-0 ${look}`} />
        <h2 className="font-semibold">{title}</h2>
        <span className="text-ink-faint tabular-nums">{placed.filter(({ gone }) => !gone).length}</span>
        {rests && (
          <Link to="/chats" className="ml-auto text-2xs text-ink-faint hover:text-ink">
            All chats
          </Link>
        )}
      </header>
      <div
        className={`flex min-h-0 flex-1 flex-col overflow-y-auto pt-px pb-4 max-md:pt-0.75 ${rests ? "px-1.5" : "gap-2 px-3"}`}
      >
        {placed.length === 0 && <p className="px-1.5 py-2 text-xs text-ink-faint">{empty}</p>}
        {placed.slice(0, rests ? RESTING : undefined).map(({ chat, gone }) => {
          if (gone) return <GoneCard key={chat.id} chat={chat} current={current === chat.id} />
          if (rests) return <RestingRow key={chat.id} chat={chat} current={current === chat.id} now={now} />
          return <Card key={chat.id} chat={chat} looks={looks} current={current === chat.id} />
        })}
      </div>
    </section>
  )
})

interface ChipsProps {
  readonly counts: Readonly<Record<BoardColumn, number>>
  readonly chosen: BoardColumn
  readonly onChoose: (column: BoardColumn) => void
}

/** On a phone the columns are one at a time. */
const Chips = ({ counts, chosen, onChoose }: ChipsProps) => (
  <div role="group" aria-label="Columns" className="flex shrink-0 gap-2 overflow-x-auto px-3.5 py-2.5 md:hidden">
    {COLUMNS.map((column) => {
      const { title, Icon, look } = heads[column]
      return (
        <button
          key={column}
          type="button"
          aria-pressed={column === chosen}
          onClick={() => onChoose(column)}
          className="flex h-9 shrink-0 items-center gap-1.5 rounded-full border border-line-strong px-3 text-ink-soft aria-pressed:border-transparent aria-pressed:bg-selected aria-pressed:font-semibold aria-pressed:text-ink pointer-coarse:h-11"
        >
          <Icon aria-hidden className={`size-4 ${look}`} />
          {title} <span className="tabular-nums">{counts[column]}</span>
        </button>
      )
    })}
  </div>
)

const NONE: ReadonlyArray<Chat> = []

interface Newcomers {
  readonly known: ReadonlySet<string> | undefined
  readonly words: string
}

const idsOf = (placed: ReadonlyArray<Placed>): ReadonlySet<string> => new Set(placed.map(({ chat }) => chat.id))

/** Who has come to need somebody since the board is looked at, the last of them; for screen readers. */
const useNewcomer = (asking: ReadonlyArray<Placed>, ready: boolean): string => {
  const [{ known, words }, set] = useState<Newcomers>({ known: undefined, words: "" })
  const fresh = known === undefined ? [] : asking.filter(({ chat }) => !known.has(chat.id))
  if (ready && (known === undefined || fresh.length > 0 || known.size !== asking.length)) {
    const newest = fresh.at(-1)?.chat
    set({
      known: idsOf(asking),
      words: newest === undefined ? words : `${proseText(newest.title) || "A chat"} needs you.`,
    })
  }
  return words
}

/** All chats by what goes on in them, live. Each column scrolls by itself. */
export const Board = () => {
  const { data: listed = NONE } = useInfiniteQuery({ ...chatsQuery, select: allChats })
  const { looks, query } = useBoard()
  const now = useNow()
  const keys = useBoardKeys()
  const [choice, setChoice] = useState<BoardColumn>()
  const [shown] = useState(() => new Map<string, BoardColumn>())
  const read = query.data ?? NONE
  const columns = useMemo(() => columnsOf([read, listed], shown), [read, listed, shown])
  useEffect(() => {
    for (const column of COLUMNS) for (const { chat, gone } of columns[column]) if (!gone) shown.set(chat.id, column)
  }, [columns, shown])
  const newcomer = useNewcomer(columns["needs you"], query.data !== undefined)
  const countOf = (column: BoardColumn) => columns[column].filter(({ gone }) => !gone).length
  const chosen = choice ?? COLUMNS.find((column) => countOf(column) > 0) ?? "needs you"
  return (
    <div className="flex min-h-0 flex-1 flex-col border-line md:border-t">
      <p role="status" className="sr-only">
        {newcomer}
      </p>
      {query.isError && query.data === undefined && (
        <div className="p-3">
          <LoadFailed
            title="What your chats do could not be loaded"
            error={query.error}
            retrying={query.isFetching}
            onRetry={() => void query.refetch()}
          />
        </div>
      )}
      <Chips
        counts={Object.fromEntries(COLUMNS.map((column) => [column, countOf(column)])) as Record<BoardColumn, number>}
        chosen={chosen}
        onChoose={setChoice}
      />
      <div {...keys.props} className="board-columns min-h-0 flex-1 max-md:flex max-md:flex-col">
        {COLUMNS.map((column) => (
          <Column
            key={column}
            column={column}
            placed={columns[column]}
            looks={looks}
            focused={columns[column].some(({ chat }) => chat.id === keys.focused) ? keys.focused : undefined}
            chosen={column === chosen}
            now={now}
          />
        ))}
      </div>
    </div>
  )
}

import { type KeyboardEvent, type RefObject, useEffect, useEffectEvent, useId, useRef } from "react"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import { JournalCells } from "./journal-row.tsx"
import type { Room, RowBox } from "./use-row-box.ts"
import { type People, whoOf } from "./who.ts"

export interface JournalRow {
  readonly version: number
  readonly transition: ChatTransition | null | undefined
  readonly before: ChatTransition | null | undefined
}

interface JournalGridProps {
  readonly boxRef: RefObject<HTMLDivElement | null>
  readonly box: RowBox
  readonly count: number
  readonly rowAt: (index: number) => JournalRow
  /** Where a version stands, or would stand. */
  readonly indexOf: (version: number) => number
  /** The version that is shown, which a live chat moves on. */
  readonly shown: number
  readonly isNow: boolean
  /** The row that the keys are on. */
  readonly active: number
  readonly onActive: (version: number) => void
  readonly onGo: (version: number) => void
  readonly onPayload: () => void
  readonly people: People
}

const columns: Readonly<Record<Room, string>> = {
  narrow: "grid-cols-[2.75rem_minmax(0,1fr)] content-center gap-y-0.5",
  normal: "grid-cols-[3.25rem_minmax(0,1fr)_minmax(0,1fr)_4rem_5.75rem_4rem] items-center",
  wide: "grid-cols-[3.5rem_minmax(0,1.2fr)_minmax(0,1.4fr)_5rem_6rem_4.5rem_4rem] items-center",
}

const heads = ["v", "Event", "State", "By", "At", "Since", "Took"]

/** Where a key leads from a row; undefined for keys that mean nothing here. */
const next = (key: string, index: number, count: number, page: number): number | undefined => {
  const within = (row: number) => Math.max(0, Math.min(count - 1, row))
  switch (key) {
    case "ArrowDown":
      return within(index + 1)
    case "ArrowUp":
      return within(index - 1)
    case "PageDown":
      return within(index + page)
    case "PageUp":
      return within(index - page)
    case "Home":
      return 0
    case "End":
      return within(count - 1)
    default:
      return undefined
  }
}

/** One stop of the Tab key: arrows go through the rows, Enter to the version, Space to its payload. */
export const JournalGrid = (props: JournalGridProps) => {
  const { boxRef, box, count, rowAt, indexOf, shown, isNow, active, onActive, onGo, onPayload, people } = props
  const id = useId()
  const { room, rowHeight, window: seen } = box
  const wasAtEnd = useRef(true)
  // Where one looks, the row is seen. Somebody who reads further up is not moved by what is new.
  const follow = useEffectEvent(() => {
    if (!isNow || wasAtEnd.current) box.show(indexOf(shown))
  })
  const isEmpty = count === 0
  useEffect(() => follow(), [shown, isNow, room, isEmpty])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const index = indexOf(active)
    const row = next(event.key, index, count, box.page)
    if (row !== undefined) {
      onActive(rowAt(row).version)
      box.show(row)
    } else if (event.key === "Enter") onGo(active)
    else if (event.key === " ") onPayload()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const rows = Array.from({ length: seen.count }, (_, offset) => ({
    index: seen.from + offset,
    ...rowAt(seen.from + offset),
  }))
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {room !== "narrow" && (
        <div
          aria-hidden
          className={`grid ${columns[room]} shrink-0 gap-x-2 border-b border-line px-4 py-1 text-xs text-ink-faint`}
        >
          {heads.slice(0, room === "wide" ? 7 : 6).map((head, index) => (
            <span key={head} className={index > 4 ? "text-right" : ""}>
              {head}
            </span>
          ))}
        </div>
      )}
      <div
        ref={boxRef}
        role="grid"
        aria-label="Journal"
        aria-rowcount={count}
        aria-activedescendant={rows.some(({ version }) => version === active) ? `${id}-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const row = target instanceof Element ? target.closest("[data-row-version]") : null
          const version = Number(row?.getAttribute("data-row-version") ?? Number.NaN)
          if (Number.isNaN(version)) return
          onActive(version)
          onGo(version)
        }}
        onScroll={() => {
          wasAtEnd.current = box.atEnd()
        }}
        className="min-h-0 flex-1 overflow-y-auto text-xs focus-visible:outline-offset-[-2px]"
      >
        <div role="presentation" style={{ height: seen.height }} className="relative overflow-hidden">
          <div role="rowgroup" style={{ transform: `translateY(${seen.top}px)` }}>
            {rows.map(({ index, version, transition, before }) => (
              <div
                key={version}
                id={`${id}-${version}`}
                role="row"
                aria-rowindex={index + 1}
                aria-selected={version === shown}
                data-active={version === active}
                data-after={version > shown}
                data-row-version={version}
                style={{ height: rowHeight }}
                className={`grid ${columns[room]} cursor-pointer gap-x-2 overflow-hidden border-b border-line px-4 whitespace-nowrap text-ink-soft hover:bg-hover aria-selected:bg-selected aria-selected:text-ink aria-selected:shadow-[inset_3px_0_0_var(--accent)] data-[active=true]:outline data-[active=true]:-outline-offset-1 data-[active=true]:outline-line-strong data-[after=true]:text-ink-faint`}
              >
                <JournalCells
                  version={version}
                  transition={transition}
                  before={before}
                  who={transition === undefined || transition === null ? "" : whoOf(transition, people)}
                  room={room}
                />
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  )
}

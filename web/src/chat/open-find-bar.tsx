import { ChevronDown, ChevronUp, X } from "lucide-react"
import {
  type KeyboardEvent as ReactKeyboardEvent,
  type RefObject,
  useDeferredValue,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from "react"
import { messageOf } from "../api/client.ts"
import { useStream } from "../stream/store.ts"
import { IconButton } from "../ui/button.tsx"
import { findMatches, type Match, placeOf } from "./find.ts"
import { clearMarks, markFound } from "./found-marks.ts"
import type { History } from "./older-messages.tsx"
import type { Openings } from "./row-disclosure.tsx"
import { resultsOf } from "./rows.ts"
import type { TimelineRow } from "./turns.ts"

/** How far below the upper edge a row that was found is put: below the bar and the prompt. */
const ABOVE_PX = 96

export interface FindBarProps {
  readonly rows: ReadonlyArray<TimelineRow>
  readonly history: History
  readonly boxRef: RefObject<HTMLDivElement | null>
  readonly openings: Openings
  readonly onUnfold: (fold: string) => void
  readonly onShow: (row: string, offset: number) => void
}

/** Reads what is not loaded as long as the bar is open. Says how far it is; undefined once all is there. */
const useWholeHistory = (history: History): string | undefined => {
  const [progress, setProgress] = useState(history.mayHaveMore ? "Reading older messages…" : undefined)
  const readAll = useEffectEvent(history.readAll)
  const mayHaveMore = useEffectEvent(() => history.mayHaveMore)
  useEffect(() => {
    if (!mayHaveMore()) return
    const leaving = new AbortController()
    readAll(
      (count) => setProgress(`Reading older messages, ${count.toLocaleString("en")} so far…`),
      leaving.signal,
    ).then(
      () => setProgress(undefined),
      (error: unknown) => {
        if (!leaving.signal.aborted) setProgress(`Only what is loaded is searched. ${messageOf(error)}`)
      },
    )
    return () => leaving.abort()
  }, [])
  return progress
}

/** Goes to a match once its row is there: a fold above it is opened first. `visit` names the going: each is done once. */
const useShowMatch = (
  match: Match | undefined,
  visit: string,
  { rows, openings, onUnfold, onShow }: FindBarProps,
): string | undefined => {
  const shown = useRef("")
  const place = match && placeOf(rows, match)
  const isFolded = place?.kind === "fold" && !place.open
  const show = useEffectEvent(() => {
    if (match === undefined || place === undefined || shown.current === visit) return
    if (place.kind === "fold") return isFolded ? onUnfold(place.id) : undefined
    shown.current = visit
    if (match.inside === "call" && match.toolCallId !== undefined) openings.set(match.toolCallId, true)
    if (match.inside === "thoughts") openings.set(`${place.key}.${match.part}`, true)
    onShow(place.key, ABOVE_PX)
  })
  useEffect(() => show(), [visit, place?.key, isFolded])
  return place?.key
}

/** Marks what is on the page, and what comes onto it. */
const useMarks = (boxRef: FindBarProps["boxRef"], words: string, row: string | undefined): void => {
  useEffect(() => {
    const box = boxRef.current
    if (box === null) return
    let frame: number | undefined
    const mark = () => {
      frame = undefined
      markFound(box, words, row)
    }
    const changes = new MutationObserver(() => {
      frame ??= requestAnimationFrame(mark)
    })
    changes.observe(box, { childList: true, subtree: true, characterData: true })
    mark()
    return () => {
      changes.disconnect()
      if (frame !== undefined) cancelAnimationFrame(frame)
      clearMarks()
    }
  }, [boxRef, words, row])
}

interface OpenFindBarProps extends FindBarProps {
  readonly fieldRef: RefObject<HTMLInputElement | null>
  readonly onClose: () => void
}

/** Words that are looked for, and where they are. */
export const OpenFindBar = (props: OpenFindBarProps) => {
  const { boxRef, fieldRef, history, onClose } = props
  const [words, setWords] = useState("")
  const wanted = useDeferredValue(words)
  const [chosen, setChosen] = useState(0)
  const messages = useStream(({ stream }) => stream.messages)
  const progress = useWholeHistory(history)
  const matches = useMemo(() => findMatches(messages, resultsOf(messages), wanted), [messages, wanted])
  // The newest comes first: it is nearest to where one reads.
  const index =
    matches.length === 0 ? -1 : matches.length - 1 - (((chosen % matches.length) + matches.length) % matches.length)
  const match = matches[index]
  const row = useShowMatch(match, `${wanted}/${match?.messageId}.${match?.part}/${chosen}`, props)
  useMarks(boxRef, wanted, row)

  useEffect(() => fieldRef.current?.focus(), [fieldRef])

  const onKeyDown = (event: ReactKeyboardEvent) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) setChosen(chosen + (event.shiftKey ? -1 : 1))
    else if (event.key === "Escape") onClose()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const count = wanted.trim() === "" ? "" : matches.length === 0 ? "Nothing found" : `${index + 1} of ${matches.length}`

  return (
    <search
      aria-label="Find in this chat"
      className="absolute top-2 right-4 left-4 z-20 ml-auto flex max-w-md flex-col rounded-card border border-line-strong bg-raised px-2 py-1.5 shadow-overlay"
    >
      <div className="flex items-center gap-1">
        <input
          ref={fieldRef}
          type="text"
          aria-label="Find"
          placeholder="Find in this chat"
          value={words}
          onChange={({ target }) => {
            setWords(target.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
          className="h-7 min-w-0 flex-1 bg-transparent px-1.5 text-sm text-ink outline-none"
        />
        <span role="status" className="shrink-0 px-1 text-xs text-ink-faint tabular-nums">
          {count}
        </span>
        <IconButton label="Previous (Enter)" size="small" disabled={index === -1} onClick={() => setChosen(chosen + 1)}>
          <ChevronUp aria-hidden />
        </IconButton>
        <IconButton
          label="Next (Shift+Enter)"
          size="small"
          disabled={index === -1}
          onClick={() => setChosen(chosen - 1)}
        >
          <ChevronDown aria-hidden />
        </IconButton>
        <IconButton label="Close (Esc)" size="small" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      {progress !== undefined && <p className="px-1.5 pb-0.5 text-xs text-ink-faint">{progress}</p>}
    </search>
  )
}

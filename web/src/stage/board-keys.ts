import { type FocusEvent, type KeyboardEvent, useCallback, useLayoutEffect, useRef, useState } from "react"

/**
 * Each column is one stop of the Tab key. J, K and the arrows go through the cards of a column, left and right to the next one that
 * has any, Home and End to its ends. What has the focus within a card keeps its own keys.
 */

const cardsOf = (column: Element): ReadonlyArray<HTMLElement> => [
  ...column.querySelectorAll<HTMLElement>("[data-card]"),
]

const columnsWithCards = (board: Element): ReadonlyArray<Element> =>
  [...board.querySelectorAll("[data-column]")].filter((column) => column.querySelector("[data-card]") !== null)

const STEPS: Readonly<Record<string, { readonly rows: number } | { readonly columns: number }>> = {
  j: { rows: 1 },
  k: { rows: -1 },
  arrowdown: { rows: 1 },
  arrowup: { rows: -1 },
  home: { rows: Number.NEGATIVE_INFINITY },
  end: { rows: Number.POSITIVE_INFINITY },
  arrowright: { columns: 1 },
  arrowleft: { columns: -1 },
}

const within = (index: number, count: number): number => Math.min(Math.max(index, 0), count - 1)

/** The card that a key leads to; undefined where it leads nowhere. */
const target = (board: Element, card: HTMLElement, key: string): HTMLElement | undefined => {
  const step = STEPS[key.toLowerCase()]
  const column = card.closest("[data-column]")
  if (step === undefined || column === null) return undefined
  const cards = cardsOf(column)
  const row = cards.indexOf(card)
  if ("rows" in step) return cards[within(row + step.rows, cards.length)]
  const columns = columnsWithCards(board)
  const next = columns[within(columns.indexOf(column) + step.columns, columns.length)]
  if (next === undefined || next === column) return undefined
  const others = cardsOf(next)
  return others[within(row, others.length)]
}

const isWriting = (element: Element): boolean =>
  element.closest("input, textarea, select, [contenteditable], dialog") !== null

const idOf = (card: Element | null | undefined): string | undefined =>
  card instanceof HTMLElement ? card.dataset["card"] : undefined

/** @returns which card has the focus, or had it last, and what makes an element the board */
export const useBoardKeys = () => {
  const board = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<string>()
  /** Where the focus was: what stands there next has it once its card is gone. */
  const place = useRef<{ readonly column: Element; readonly row: number } | undefined>(undefined)

  useLayoutEffect(() => {
    const shown = board.current
    if (shown === null) return
    const held = place.current
    const lost = held !== undefined && (document.activeElement === document.body || document.activeElement === null)
    if (lost) {
      const cards = held.column.isConnected ? cardsOf(held.column) : []
      const next = cards[within(held.row, cards.length)] ?? shown.querySelector<HTMLElement>("[data-card]")
      place.current = undefined
      next?.focus({ preventScroll: true })
    }
  })

  const onFocus = useCallback(({ target: element }: FocusEvent) => {
    const card = element.closest<HTMLElement>("[data-card]")
    const column = card?.closest("[data-column]")
    if (card === null || column === null || column === undefined) return
    place.current = { column, row: cardsOf(column).indexOf(card) }
    setFocused(idOf(card))
  }, [])
  const onBlur = useCallback(({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && board.current?.contains(relatedTarget) === false) place.current = undefined
  }, [])
  const onKeyDown = useCallback((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    if (event.nativeEvent.isComposing || !(event.target instanceof Element) || isWriting(event.target)) return
    const card = event.target.closest<HTMLElement>("[data-card]")
    if (board.current === null || card === null) return
    const next = target(board.current, card, event.key)
    if (next === undefined) return
    event.preventDefault()
    next.focus()
    next.scrollIntoView({ block: "nearest", inline: "nearest" })
  }, [])

  return { focused, props: { ref: board, onFocus, onBlur, onKeyDown } }
}

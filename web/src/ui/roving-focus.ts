import { type FocusEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef } from "react"

/**
 * A list that is one stop of the Tab key. Arrow keys go through its items, Home and End to the ends, letters to the next item
 * that begins with them; ArrowRight goes on to the actions of an item, ArrowLeft back. Items carry `data-item`, their actions
 * `data-item-action` within the same `data-row`, all of them with `tabIndex={-1}`: which of them Tab reaches is kept in the
 * page itself, so that moving renders nothing.
 */

/** Letters typed within this time belong together. */
export const TYPING_MS = 700

const itemsOf = (list: HTMLElement): ReadonlyArray<HTMLElement> => [
  ...list.querySelectorAll<HTMLElement>("[data-item]"),
]

/** Where the focus goes from the item at `index`; undefined for keys that mean nothing here. */
export const nextIndex = (key: string, index: number, count: number): number | undefined => {
  switch (key) {
    case "ArrowDown":
      return Math.min(index + 1, count - 1)
    case "ArrowUp":
      return Math.max(index - 1, 0)
    case "Home":
      return 0
    case "End":
      return count - 1
    default:
      return undefined
  }
}

/** The next item after `index`, around the end, whose text begins so. One letter again and again goes through its items. */
export const matchOf = (texts: ReadonlyArray<string>, index: number, typed: string): number | undefined => {
  const same = new Set(typed).size === 1
  const wanted = (same ? typed.slice(0, 1) : typed).toLocaleLowerCase()
  const from = same ? index + 1 : index
  for (let step = 0; step < texts.length; step += 1) {
    const at = (from + step) % texts.length
    if (texts[at]?.trim().toLocaleLowerCase().startsWith(wanted)) return at
  }
  return undefined
}

const isLetter = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean =>
  !ctrlKey && !altKey && !metaKey && /^[\p{L}\p{N}]$/u.test(key)

/** Whatever came or went: one item can be reached, the one it was if it is still there, else the open one, else the first. */
const keepOneStop = (list: HTMLElement | null): void => {
  const items = list === null ? [] : itemsOf(list)
  const kept =
    items.find((item) => item.tabIndex === 0) ?? items.find((item) => item.ariaCurrent === "page") ?? items[0]
  for (const item of items) item.tabIndex = item === kept ? 0 : -1
}

export const useRovingFocus = <E extends HTMLElement>() => {
  const ref = useRef<E>(null)
  const typed = useRef({ text: "", at: 0 })

  useLayoutEffect(() => keepOneStop(ref.current))
  // Rows also come and go by themselves: one that is renamed is no item meanwhile.
  useEffect(() => {
    const list = ref.current
    if (list === null) return
    const changes = new MutationObserver(() => keepOneStop(list))
    changes.observe(list, { childList: true, subtree: true })
    return () => changes.disconnect()
  }, [])

  const onFocus = ({ target }: FocusEvent) => {
    const item = target.closest("[data-row]")?.querySelector<HTMLElement>("[data-item]")
    if (ref.current === null || item === null || item === undefined) return
    for (const other of itemsOf(ref.current)) other.tabIndex = other === item ? 0 : -1
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const list = ref.current
    const row = event.target instanceof Element ? event.target.closest("[data-row]") : null
    const item = row?.querySelector<HTMLElement>("[data-item]")
    if (list === null || row === null || item === null || item === undefined) return
    const go = (element: HTMLElement | null | undefined) => {
      if (element === null || element === undefined) return
      event.preventDefault()
      element.focus()
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return
    if (event.key === "ArrowRight") return go(row.querySelector<HTMLElement>("[data-item-action]"))
    if (event.key === "ArrowLeft") return go(item)
    const items = itemsOf(list)
    const index = items.indexOf(item)
    const next = nextIndex(event.key, index, items.length)
    if (next !== undefined) return go(items[next])
    if (!isLetter(event)) return
    const { text, at } = typed.current
    typed.current = { text: (event.timeStamp - at < TYPING_MS ? text : "") + event.key, at: event.timeStamp }
    const texts = items.map((each) => each.textContent)
    const match = matchOf(texts, index, typed.current.text) ?? matchOf(texts, index, event.key)
    if (match !== undefined) go(items[match])
  }

  return { ref, onFocus, onKeyDown }
}

import { useInfiniteQuery } from "@tanstack/react-query"
import { useEffect } from "react"
import { chatsQuery } from "../api/queries.ts"
import { allChats, type ChatPages } from "../chats/chat-pages.ts"
import { needsYou } from "../chats/status.ts"

/** How many chats wait for a person: on the rail, in the title of the page and on its icon. */

const countOf = (pages: ChatPages): number => allChats(pages).filter(needsYou).length

export const useNeedsYou = (): number => useInfiniteQuery({ ...chatsQuery, select: countOf }).data ?? 0

/** The app's icon with a dot that says how many, drawn here: it asks the network for nothing. */
export const iconWith = (count: number): string => {
  const words = count > 9 ? "9+" : String(count)
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1d1f26"/><path d="M8 9.5h16M16 9.5v14" stroke="#fff" stroke-width="3" stroke-linecap="round"/><circle cx="9.5" cy="20.5" r="2.5" fill="#8ea2ff"/><circle cx="22" cy="22" r="10" fill="#d99a2b" stroke="#1d1f26" stroke-width="1.5"/><text x="22" y="26.5" font-family="sans-serif" font-size="${words.length > 1 ? 11 : 13}" font-weight="700" text-anchor="middle" fill="#1d1f26">${words}</text></svg>`
  return `data:image/svg+xml,${encodeURIComponent(drawn)}`
}

/** Pages name themselves as they come; the number goes before whatever name they have. */
const showInTitle = (count: number): (() => void) => {
  const prefix = count === 0 ? "" : `(${count}) `
  let shown = ""
  let name = document.title
  const show = () => {
    if (document.title !== shown) name = document.title
    shown = prefix + name
    if (document.title !== shown) document.title = shown
  }
  show()
  const changes = new MutationObserver(show)
  changes.observe(document.head, { childList: true, subtree: true, characterData: true })
  return () => {
    changes.disconnect()
    if (document.title === shown) document.title = name
  }
}

const showOnIcon = (count: number): (() => void) => {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  if (link === null || count === 0) return () => undefined
  const plain = link.href
  link.href = iconWith(count)
  return () => {
    link.href = plain
  }
}

/** Says on every page of the app how many chats wait, while the calling component is shown. */
export const useShowNeedsYou = (): void => {
  const count = useNeedsYou()
  useEffect(() => {
    const ends = [showInTitle(count), showOnIcon(count)]
    return () => ends.forEach((end) => end())
  }, [count])
}

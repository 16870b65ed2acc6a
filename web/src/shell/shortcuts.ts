import { useEffect } from "react"
import { showOverlay } from "./overlays.ts"

/** What the keys do that are pressed outside of any one part of the page. The map of keys is made of the same list. */

export interface Shortcut {
  readonly keys: ReadonlyArray<string>
  readonly does: string
}

interface KeyGroup {
  readonly title: string
  readonly shortcuts: ReadonlyArray<Shortcut>
}

export const keyMap: ReadonlyArray<KeyGroup> = [
  {
    title: "Everywhere",
    shortcuts: [
      { keys: ["Ctrl K", "/"], does: "Search chats, commands and settings" },
      { keys: ["?"], does: "Show this map" },
      { keys: ["Esc"], does: "Close what is on top" },
    ],
  },
  {
    title: "Lists",
    shortcuts: [
      { keys: ["↑", "↓"], does: "Move" },
      { keys: ["Home", "End"], does: "First, last" },
      { keys: ["A to Z"], does: "Go to what begins so" },
      { keys: ["Enter"], does: "Open" },
      { keys: ["→", "←"], does: "To the actions of a row, and back" },
      { keys: ["F2"], does: "Rename a chat" },
      { keys: ["Alt ↑", "Alt ↓"], does: "Move a pinned chat" },
    ],
  },
  {
    title: "Board",
    shortcuts: [
      { keys: ["J", "K"], does: "Next card, the one before; arrows as well" },
      { keys: ["←", "→"], does: "To the column beside" },
      { keys: ["Enter"], does: "Open the chat" },
      { keys: ["A", "D"], does: "Approve, deny what the card asks" },
      { keys: ["Shift A"], does: "Approve, and allow the like for the rest of the chat" },
      { keys: ["1 to 9"], does: "Answer what the card asks" },
    ],
  },
  {
    title: "Conversation",
    shortcuts: [
      { keys: ["Ctrl F"], does: "Find in all messages" },
      { keys: ["Alt ↑", "Alt ↓"], does: "To what you asked before, and after" },
    ],
  },
  {
    title: "Message box",
    shortcuts: [
      { keys: ["Enter"], does: "Send, or queue while a turn runs" },
      { keys: ["Ctrl Enter"], does: "Steer the turn that runs" },
      { keys: ["Shift Enter"], does: "New line" },
      { keys: ["↑"], does: "In an empty box: what was asked before" },
      { keys: ["Esc"], does: "Stop the turn; asks once while tools run" },
    ],
  },
  {
    title: "Approval sheet",
    shortcuts: [
      { keys: ["A"], does: "Approve what is ticked" },
      { keys: ["Shift A"], does: "Approve all" },
      { keys: ["D"], does: "Deny what is ticked" },
      { keys: ["Shift Tab"], does: "To the sheet, from the message box" },
    ],
  },
  {
    title: "Rows of the queue",
    shortcuts: [
      { keys: ["Alt ↑", "Alt ↓"], does: "Move one up or down" },
      { keys: ["Enter", "Esc"], does: "While it is rewritten: keep it, leave it as it was" },
    ],
  },
  {
    title: "Trace",
    shortcuts: [
      { keys: ["←", "→"], does: "One version back, one on" },
      { keys: ["Page ↑", "Page ↓"], does: "On the axis: twenty of them" },
      { keys: ["Home", "End"], does: "On the axis: the first, and now" },
      { keys: ["Esc"], does: "Back to now" },
    ],
  },
  {
    title: "Edge of the chat list",
    shortcuts: [{ keys: ["←", "→", "Home", "End"], does: "Narrower, wider, narrowest, widest" }],
  },
]

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null

const onKeyDown = (event: KeyboardEvent): void => {
  if (event.defaultPrevented || event.isComposing) return
  const control = event.ctrlKey || event.metaKey
  const opensPalette =
    (control && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") ||
    (event.key === "/" && !control && !event.altKey && !isWriting(event.target))
  const opensKeys = event.key === "?" && !control && !isWriting(event.target)
  if (!opensPalette && !opensKeys) return
  event.preventDefault()
  showOverlay(opensPalette ? "palette" : "keys")
}

export const useShortcuts = (): void => {
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown)
    return () => document.removeEventListener("keydown", onKeyDown)
  }, [])
}

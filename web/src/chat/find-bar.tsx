import { useEffect, useEffectEvent, useRef, useState } from "react"
import { LazyPart } from "../ui/lazy-part.tsx"
import type { FindBarProps } from "./open-find-bar.tsx"

const load = async () => (await import("./open-find-bar.tsx")).OpenFindBar

/** Finds words in all of the chat, with Ctrl+F. Pressed again within, the key is the browser's own. */
export const FindBar = (props: FindBarProps) => {
  const [open, setOpen] = useState(false)
  const fieldRef = useRef<HTMLInputElement>(null)
  const before = useRef<Element>(null)
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isFind =
      (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "f"
    if (!isFind || event.defaultPrevented || (open && document.activeElement === fieldRef.current)) return
    event.preventDefault()
    if (!open) before.current = document.activeElement
    setOpen(true)
    fieldRef.current?.select()
  })
  useEffect(() => {
    document.addEventListener("keydown", onKey)
    return () => document.removeEventListener("keydown", onKey)
  }, [])
  const close = () => {
    setOpen(false)
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true })
  }
  return open ? <LazyPart load={load} props={{ ...props, fieldRef, onClose: close }} name="The search" /> : null
}

import { useEffect, useState } from "react"

/** A search is asked of the server when nothing was typed for this long. */
const PAUSE_MS = 150

/** The text once it has stood still for a moment. */
export const useSettled = (text: string): string => {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

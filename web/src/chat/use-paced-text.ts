import { useEffect, useRef, useState } from "react"
import { arrived, nextFrame, type Pace, paceFrom, wholeCharacters } from "./pace.ts"

const wantsNoMotion = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches

/**
 * What is shown of a text while it is written. One step a frame: the browser gives the next frame only when it has drawn the
 * last, so a page that cannot keep up takes larger steps and never falls behind. Whole when it is not written, at the first
 * look, and where the reader wants no motion.
 */
export const usePacedText = (text: string, writing: boolean): string => {
  const pace = useRef<Pace>(undefined)
  const [shown, setShown] = useState(text.length)

  useEffect(() => {
    if (!writing) {
      pace.current = undefined
      return
    }
    const now = performance.now()
    pace.current ??= paceFrom(text.length, now)
    pace.current = arrived(pace.current, text.length, now)
    if (pace.current.arrivals.length === 0) return
    const atOnce = wantsNoMotion()
    let frame = requestAnimationFrame(function step(at) {
      const next = atOnce ? paceFrom(text.length, at) : nextFrame(pace.current ?? paceFrom(text.length, at), at)
      pace.current = next
      setShown(next.shown)
      if (next.arrivals.length > 0) frame = requestAnimationFrame(step)
    })
    return () => cancelAnimationFrame(frame)
  }, [text.length, writing])

  return writing && shown < text.length ? text.slice(0, wholeCharacters(text, shown)) : text
}

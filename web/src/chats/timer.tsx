import { useEffect, useState } from "react"
import { clockTime } from "./time.ts"

const TICK_MS = 1000

/** Milliseconds since an instant, each second anew. Never negative: the server's clock may be ahead of this one. */
const useSince = (instant: number): number => {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, now - instant)
}

/** Hidden from screen readers, which would read each second of it. */
export const Timer = ({ since }: { readonly since: string | undefined }) => {
  const [seen] = useState(() => Date.now())
  const began = Date.parse(since ?? "")
  const ms = useSince(Number.isNaN(began) ? seen : began)
  return (
    <span aria-hidden className="tabular-nums">
      {clockTime(ms)}
    </span>
  )
}

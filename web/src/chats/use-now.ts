import { useEffect, useState } from "react"

const AGE_REFRESH_MS = 30_000

/** Milliseconds of the epoch, often enough for ages in minutes. */
export const useNow = (): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), AGE_REFRESH_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}

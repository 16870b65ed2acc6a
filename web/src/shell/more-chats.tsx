import { useEffect, useRef } from "react"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"

/** Rows that are read ahead of what is seen. */
const AHEAD = "400px"

interface MoreChatsProps {
  readonly loading: boolean
  /** Why the next page did not come. */
  readonly error: Error | null
  readonly onLoad: () => void
}

/** The end of what has been read of a list: seen, it reads on. */
export const MoreChats = ({ loading, error, onLoad }: MoreChatsProps) => {
  const ref = useRef<HTMLDivElement>(null)
  const waits = !loading && error === null
  useEffect(() => {
    const end = ref.current
    if (end === null || !waits) return
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) onLoad()
      },
      { root: end.closest("nav"), rootMargin: AHEAD },
    )
    seen.observe(end)
    return () => seen.disconnect()
  }, [waits, onLoad])
  return (
    <div ref={ref} className="min-h-px">
      {loading && <LoadingRows label="Loading more chats" rows={2} rowClass="h-12" />}
      {error !== null && !loading && (
        <LoadFailed title="More chats could not be loaded" error={error} onRetry={onLoad} />
      )}
    </div>
  )
}

import { useMutation } from "@tanstack/react-query"
import { useEffect, useEffectEvent, useRef, useState } from "react"
import { call, messageOf } from "../api/client.ts"
import { SNAPSHOT_MESSAGES } from "../stream/connection.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { Spinner } from "../ui/spinner.tsx"

/** How far above the view the next page is asked for. */
const PREFETCH_MARGIN = "400px 0px 0px 0px"

/** Reads older pages as the reader nears the top. */
export const OlderMessages = ({ chatId }: { readonly chatId: string }) => {
  const store = useStreamStore()
  const oldest = useStream(({ stream }) => stream.messages[0]?.id)
  const held = useStream(({ stream }) => stream.messages.length)
  const [reachedStart, setReachedStart] = useState(false)
  const sentinel = useRef<HTMLDivElement>(null)
  const page = useMutation({
    mutationFn: (before_id: number) =>
      call("listMessages", { path: { chat: chatId }, query: { before_id, limit: SNAPSHOT_MESSAGES } }),
    onSuccess: ({ messages, has_more }) => {
      setReachedStart(!has_more)
      store.trigger.messages({ messages })
    },
  })
  const mayHaveMore = !reachedStart && held >= SNAPSHOT_MESSAGES
  const readMore = useEffectEvent(() => {
    if (oldest !== undefined && !page.isPending && !page.isError) page.mutate(oldest)
  })

  useEffect(() => {
    const element = sentinel.current
    if (element === null || !mayHaveMore) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && readMore(), {
      root: element.closest("[data-timeline]"),
      rootMargin: PREFETCH_MARGIN,
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [mayHaveMore, oldest])

  if (!mayHaveMore) return null
  return (
    <div ref={sentinel} className="flex h-12 items-center justify-center gap-3 text-sm text-ink-faint">
      {page.isError ? (
        <>
          <span role="alert">{messageOf(page.error)}</span>
          <Button onClick={() => oldest !== undefined && page.mutate(oldest)}>Try again</Button>
        </>
      ) : (
        <>
          <Spinner />
          Older messages
        </>
      )}
    </div>
  )
}

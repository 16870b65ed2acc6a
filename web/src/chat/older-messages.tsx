import { useMutation } from "@tanstack/react-query"
import { useEffect, useEffectEvent, useRef, useState } from "react"
import { call, messageOf } from "../api/client.ts"
import { SNAPSHOT_MESSAGES } from "../stream/connection.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { Spinner } from "../ui/spinner.tsx"

/** How far above the view the next page is asked for. */
const PREFETCH_MARGIN = "400px 0px 0px 0px"

/** The server's largest page. */
const WHOLE_PAGE = 200

export interface History {
  readonly mayHaveMore: boolean
  readonly error: Error | null
  readonly readMore: () => void
  readonly retry: () => void
  /** Reads all that is not loaded, and says now and then how many messages there are so far. */
  readonly readAll: (onCount: (messages: number) => void, signal: AbortSignal) => Promise<void>
}

/** The messages before those that the stream brought. */
export const useHistory = (chatId: string): History => {
  const store = useStreamStore()
  const oldest = useStream(({ stream }) => stream.messages[0]?.id)
  const held = useStream(({ stream }) => stream.messages.length)
  const [reachedStart, setReachedStart] = useState(false)
  const page = useMutation({
    mutationFn: (before_id: number) =>
      call("listMessages", { path: { chat: chatId }, query: { before_id, limit: SNAPSHOT_MESSAGES } }),
    onSuccess: ({ messages, has_more }) => {
      setReachedStart(!has_more)
      store.trigger.messages({ messages })
    },
  })
  const mayHaveMore = !reachedStart && held >= SNAPSHOT_MESSAGES
  const read = () => oldest !== undefined && page.mutate(oldest)

  return {
    mayHaveMore,
    error: page.error,
    retry: read,
    readMore: () => {
      if (!page.isPending && !page.isError) read()
    },
    readAll: async (onCount, signal) => {
      const { messages: loaded } = store.getSnapshot().context.stream
      let before_id = loaded[0]?.id
      let more = mayHaveMore
      const pages = []
      let count = loaded.length
      while (more && before_id !== undefined) {
        const query = { before_id, limit: WHOLE_PAGE }
        const { has_more, messages } = await call("listMessages", { path: { chat: chatId }, query }, signal)
        pages.push(messages)
        count += messages.length
        onCount(count)
        before_id = messages.reduce<number | undefined>(
          (least, { id }) => (least === undefined ? id : Math.min(least, id)),
          undefined,
        )
        more = has_more
      }
      // At once: each time, the whole list is put in order.
      store.trigger.messages({ messages: pages.flat() })
      setReachedStart(true)
    },
  }
}

/** Reads older pages as the reader nears the top. */
export const OlderMessages = ({ history }: { readonly history: History }) => {
  const oldest = useStream(({ stream }) => stream.messages[0]?.id)
  const sentinel = useRef<HTMLDivElement>(null)
  const { error, mayHaveMore, retry } = history
  const readMore = useEffectEvent(history.readMore)

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
      {error !== null ? (
        <>
          <span role="alert">{messageOf(error)}</span>
          <Button onClick={retry}>Try again</Button>
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

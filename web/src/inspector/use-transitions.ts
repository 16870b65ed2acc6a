import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useEffect, useEffectEvent, useState } from "react"
import type { ChatTransition } from "../../../src/contract/inspection.ts"
import type { ChatStreamEvent } from "../../../src/contract/stream.ts"
import { call } from "../api/client.ts"
import { machineQuery } from "../api/queries.ts"
import { openSocket } from "../socket/reconnecting-socket.ts"
import { mergeTransitions, pageBefore, TRANSITIONS_PAGE } from "./transitions.ts"

const isEvents = (data: unknown): data is ReadonlyArray<ChatStreamEvent> => Array.isArray(data)

const transitionsIn = (data: unknown): ReadonlyArray<ChatTransition> =>
  isEvents(data) ? data.flatMap((event) => (event.type === "transition" ? [event.transition] : [])) : []

export interface Transitions {
  /** Newest first. */
  readonly transitions: ReadonlyArray<ChatTransition>
  readonly error: Error | null
  readonly hasOlder: boolean
  readonly isLoading: boolean
  readonly loadOlder: () => void
  readonly retry: () => void
}

/** The transitions of a chat, live. It has a connection of its own, so that a chat nobody inspects sends none. */
export const useTransitions = (chatId: string): Transitions => {
  const queryClient = useQueryClient()
  const [transitions, setTransitions] = useState<ReadonlyArray<ChatTransition>>([])
  const add = (more: ReadonlyArray<ChatTransition>) => setTransitions((held) => mergeTransitions(held, more))

  const read = async (after: number, limit: number) => {
    const page = await call("chatTransitions", { path: { chat: chatId }, query: { after, limit } })
    add(page.transitions)
    return page
  }
  const older = useMutation({
    mutationFn: async (page: { readonly after: number; readonly limit: number }) => {
      await read(page.after, page.limit)
    },
  })
  /** The newest page, or after a lost connection all that came since. */
  const newest = useMutation({
    mutationFn: async () => {
      const { version } = await queryClient.fetchQuery(machineQuery(chatId))
      let after = transitions[0]?.version ?? Math.max(0, version - TRANSITIONS_PAGE)
      for (;;) {
        const { transitions: page, has_more } = await read(after, TRANSITIONS_PAGE)
        const last = page.at(-1)
        if (!has_more || last === undefined) return
        after = last.version
      }
    },
  })

  const onOpen = useEffectEvent(() => newest.mutate())
  const onFrame = useEffectEvent((data: unknown) => {
    const live = transitionsIn(data)
    if (live.length === 0) return
    add(live)
    void queryClient.invalidateQueries({ queryKey: machineQuery(chatId).queryKey })
  })
  useEffect(() => {
    let state = ""
    const socket = openSocket({
      path: () => `/api/v2/chats/${chatId}/stream?inspect=1&tail=1`,
      onMessage: onFrame,
      onStatus: (status) => {
        if (status.state === "open" && state !== "open") onOpen()
        state = status.state
      },
    })
    return socket.close
  }, [chatId])

  const oldest = transitions.at(-1)?.version
  const before = oldest === undefined ? undefined : pageBefore(oldest)
  return {
    transitions,
    error: newest.error ?? older.error,
    hasOlder: before !== undefined,
    isLoading: newest.isPending || older.isPending,
    loadOlder: () => before !== undefined && older.mutate(before),
    retry: () => newest.mutate(),
  }
}

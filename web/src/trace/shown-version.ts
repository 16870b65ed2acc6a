import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useEffect, useMemo, useRef, useState } from "react"
import type { ChatSteps } from "../../../src/contract/steps.ts"
import { isResting } from "../chats/status.ts"
import { type ChatTimes, chatTimes } from "./scrubber/time-axis.ts"
import { atVersionQuery, stepsQuery } from "./trace-queries.ts"
import { useTraceView } from "./trace-source.ts"

const TICK_MS = 1000

/** Now, each second anew as long as something goes on. */
const useClock = (ticks: boolean): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!ticks) return undefined
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [ticks])
  return now
}

export interface ChatLife {
  readonly steps: ChatSteps
  readonly times: ChatTimes
}

/** The chat's life as far as it is known; it grows while the chat goes on. */
export const useChatLife = (): ChatLife | undefined => {
  const { source } = useTraceView()
  const { data: steps } = useQuery(stepsQuery(source))
  const goesOn = source.kind === "chat" && steps !== undefined && !isResting(steps.states.at(-1)?.status)
  const now = useClock(goesOn)
  const end = goesOn ? now : 0
  return useMemo(() => (steps === undefined ? undefined : { steps, times: chatTimes(steps, end) }), [steps, end])
}

/** The version that is looked at: the last one, where it is the chat as it is now. */
export const useShownVersion = (): number | undefined => {
  const { source, version } = useTraceView()
  const { data } = useQuery({ ...stepsQuery(source), select: ({ last_version }) => last_version })
  return version ?? data
}

/** How far ahead of who steps through the versions they are read; and after which rest, where he leaps. */
const AHEAD = 3
const AFTER_LEAP_MS = 150

/** Reads the versions beside the one that is looked at, so that the next step finds its version there. */
export const useVersionsAhead = (): void => {
  const queryClient = useQueryClient()
  const { source, version } = useTraceView()
  const { data: steps } = useQuery(stepsQuery(source))
  const first = steps?.first_version
  const last = steps?.last_version
  const before = useRef<number>(undefined)
  useEffect(() => {
    if (first === undefined || last === undefined) return undefined
    const from = version ?? last
    const by = before.current !== undefined && from > before.current ? 1 : -1
    const leap = before.current !== undefined && Math.abs(from - before.current) > AHEAD
    before.current = from
    const read = () => {
      for (let step = 1; step <= AHEAD; step += 1) {
        const next = from + by * step
        if (next >= first && next <= last) void queryClient.prefetchQuery(atVersionQuery(source, next))
      }
    }
    if (!leap) return read()
    const timer = setTimeout(read, AFTER_LEAP_MS)
    return () => clearTimeout(timer)
  }, [queryClient, source, version, first, last])
}

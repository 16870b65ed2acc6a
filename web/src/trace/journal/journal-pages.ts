import { queryOptions, useQueries } from "@tanstack/react-query"
import { useEffect, useEffectEvent, useRef } from "react"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import type { TraceSource } from "../trace-source.ts"

/** The journal in pages of so many versions, each read when it is first seen. */
export const PAGE = 200

/** Apart from what is read anew when the chat goes on: what stands in the journal never changes. */
const pageQuery = (source: TraceSource, page: number) =>
  queryOptions({
    queryKey: ["trace-journal", source.key, page],
    queryFn: async ({ signal }) => (await source.transitions(page * PAGE, PAGE, signal)).transitions,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })

const pagesOf = (from: number, to: number): ReadonlyArray<number> => {
  const first = Math.max(0, Math.floor((from - 1) / PAGE))
  const last = Math.max(first, Math.floor((to - 1) / PAGE))
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

export interface JournalPages {
  /** Undefined while it is read. Null for one that is not kept. */
  readonly at: (version: number) => ChatTransition | null | undefined
  readonly error: Error | null
  readonly retry: () => void
}

/** The transitions from one version to another, both included; `last` is the newest that there is. */
export const useJournalPages = (source: TraceSource, from: number, to: number, last: number): JournalPages => {
  const pages = pagesOf(from, to)
  const answers = useQueries({ queries: pages.map((page) => pageQuery(source, page)) })
  const rows = new Map(
    answers.flatMap(({ data }) => data ?? []).map((transition) => [transition.version, transition] as const),
  )
  // The last page grows. Each is asked once for what is newest: what it lacks then is not kept.
  const askedFor = useRef(new Map<number, number>())
  const askAgain = useEffectEvent(() => {
    pages.forEach((page, index) => {
      const answer = answers[index]
      const wanted = Math.min(last, (page + 1) * PAGE)
      if (answer?.data === undefined || answer.isFetching || (answer.data.at(-1)?.version ?? 0) >= wanted) return
      if ((askedFor.current.get(page) ?? 0) >= wanted) return
      askedFor.current.set(page, wanted)
      void answer.refetch()
    })
  })
  const fetched = answers.map(({ dataUpdatedAt }) => dataUpdatedAt).join()
  useEffect(() => askAgain(), [last, fetched])
  return {
    at: (version) => {
      const known = rows.get(version)
      if (known !== undefined) return known
      const answer = answers[pages.indexOf(Math.floor((version - 1) / PAGE))]
      return answer?.data === undefined || answer.isFetching ? undefined : null
    },
    error: answers.find(({ error }) => error !== null)?.error ?? null,
    retry: () => {
      for (const answer of answers) if (answer.error !== null) void answer.refetch()
    },
  }
}

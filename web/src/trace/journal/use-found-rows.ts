import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query"
import { useEffect, useEffectEvent, useMemo } from "react"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import type { TraceSource } from "../trace-source.ts"
import { filters, type JournalFilter, matches } from "./journal-filter.ts"

/** The most that a server gives at once. */
const AT_ONCE = 1000
/** Rows that are kept: more nobody reads. */
const MOST_FOUND = 5000

interface Looked {
  readonly rows: ReadonlyArray<ChatTransition>
  /** The last version that was looked at. */
  readonly searched: number
}

/** `last` is the newest version that there is: the search goes on when there is a newer one. */
const searchQuery = (source: TraceSource, filter: JournalFilter, last: number) =>
  infiniteQueryOptions({
    queryKey: ["trace-found", source.key, filter],
    queryFn: async ({ pageParam, signal }): Promise<Looked> => {
      const { transitions, has_more } = await source.transitions(pageParam, AT_ONCE, signal)
      const reached = transitions.at(-1)?.version ?? pageParam
      return {
        rows: transitions.filter((transition) => matches(filter, transition)),
        // A journal that says it goes on and gives nothing new has come to its end.
        searched: has_more && reached > pageParam ? reached : Math.max(last, reached),
      }
    },
    initialPageParam: 0,
    getNextPageParam: ({ searched }: Looked) => (searched < last ? searched : undefined),
    enabled: filters(filter),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })

export interface FoundRows {
  readonly rows: ReadonlyArray<ChatTransition>
  readonly searched: number
  /** There are more than are kept. */
  readonly isCut: boolean
  readonly isSearching: boolean
  readonly error: Error | null
  readonly retry: () => void
}

/** The rows of the whole journal that the filter lets through, as they are found; undefined without a filter. */
export const useFoundRows = (source: TraceSource, filter: JournalFilter, last: number): FoundRows | undefined => {
  const { data, error, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(searchQuery(source, filter, last))
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  const isCut = rows.length >= MOST_FOUND
  const goOn = useEffectEvent(() => void fetchNextPage())
  const goesOn = hasNextPage && !isFetching && error === null && !isCut
  useEffect(() => {
    if (goesOn) goOn()
  }, [goesOn, data])
  if (!filters(filter)) return undefined
  return {
    rows,
    searched: data?.pages.at(-1)?.searched ?? 0,
    isCut,
    isSearching: isFetching || goesOn,
    error,
    retry: () => void fetchNextPage(),
  }
}

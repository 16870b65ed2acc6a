import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query"
import { meQuery } from "../../api/queries.ts"
import { isOwner } from "../../auth/roles.ts"
import type { TraceSource } from "../trace-source.ts"

/** Transitions that are read at once: whoever goes from version to version finds most of them there. */
const STRETCH = 500

/** The journal around a version: what led to it, a few hundred transitions back at least, and some of what follows. */
const journalAroundQuery = (source: TraceSource, version: number) => {
  const after = Math.max(0, (Math.floor((version - 1) / STRETCH) - 1) * STRETCH)
  return queryOptions({
    queryKey: ["trace", source.key, "journal around", after],
    queryFn: async ({ signal }) => (await source.transitions(after, 2 * STRETCH, signal)).transitions,
  })
}

export const useJournalAround = (source: TraceSource, version: number | undefined) =>
  useQuery({ ...journalAroundQuery(source, version ?? 1), enabled: version !== undefined })

/** Who looks at it, as far as the page knows already: a file asks nobody. People of its server are none of ours. */
export const useReader = (source: TraceSource): { readonly id: string | undefined; readonly administers: boolean } => {
  const me = useQueryClient().getQueryData(meQuery.queryKey)
  return source.kind === "file" || me === undefined
    ? { id: undefined, administers: false }
    : { id: me.id, administers: isOwner(me) }
}

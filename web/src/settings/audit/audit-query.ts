import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query"
import type { AuditEntry } from "../../../../src/contract/audit.ts"
import { call } from "../../api/client.ts"

/** Entries of a page. */
const PAGE = 50

/** Entries that a search finds, newest first. A page begins after the last of the one before, so that what is new moves nothing. */
export const auditQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ["audit", q],
    queryFn: ({ pageParam, signal }) =>
      call(
        "listAuditLog",
        { query: { q, limit: PAGE, ...(pageParam !== undefined && { after_id: pageParam }) } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ audit_logs }: { readonly audit_logs: ReadonlyArray<AuditEntry> }) =>
      audit_logs.length < PAGE ? undefined : audit_logs.at(-1)?.id,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    // What is open stays as it is: who wants to see what is new asks for it.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

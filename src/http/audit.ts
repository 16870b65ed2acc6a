import { Effect } from "effect"
import type { AuditRoutes } from "../contract/routes/audit.ts"
import { type AuditQuery, AuditReads, COUNT_CAP, readAuditQuery } from "../identity/audit/audit-reads.ts"
import { Organizations } from "../identity/organizations.ts"
import type { Caller } from "../identity/policy.ts"
import { auditToWire } from "./audit-wire.ts"
import type { GroupHandlers } from "./mount.ts"
import { searched } from "./searched.ts"

const DEFAULT_PAGE = 50

/** The organization of a search is named by its id or its name. */
export const auditFilter = ({ organization, ...filter }: AuditQuery, caller: Caller) =>
  Effect.gen(function* () {
    if (organization === undefined) return filter
    const { id } = yield* (yield* Organizations).get(caller, organization)
    return { ...filter, organizationIds: [id] }
  })

export const auditHandlers = {
  listAuditLog: ({ caller, urlParams }) =>
    Effect.gen(function* () {
      const query = yield* searched(readAuditQuery(urlParams.q ?? ""))
      const filter = yield* auditFilter(query, caller)
      const at = {
        limit: urlParams.limit || DEFAULT_PAGE,
        offset: urlParams.offset ?? 0,
        ...(urlParams.after_id !== undefined && { after: { id: urlParams.after_id } }),
      }
      const { rows, count } = yield* (yield* AuditReads).page(caller, filter, at)
      return { audit_logs: rows.map(auditToWire), count, count_cap: COUNT_CAP }
    }),
} satisfies GroupHandlers<typeof AuditRoutes, AuditReads | Organizations>

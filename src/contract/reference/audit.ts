import type { AuditRoutes } from "../routes/audit.ts"
import type { Reference } from "./reference.ts"
import { NO_SUCH_ORGANIZATION } from "./words.ts"

export const auditReference: Reference<typeof AuditRoutes> = {
  title: "Audit log",
  about: "What was changed, when, from where and by whom. What failed leaves nothing here.",
  endpoints: {
    listAuditLog: {
      summary: "List and search the audit log",
      description:
        "One entry for each change, newest first, with what was and what is; of a secret only that it has changed. Search by `resource_type:`, `resource_id:`, `resource_target:`, `action:`, `username:`, `email:`, `organization:`, `request_id:`, `id:` (of an entry), `date_from:` and `date_to:`. `GET /api/v2/audit/export?format=csv` (or `jsonl`) gives all that a search finds.",
      permission: "audit_log:read",
      refusals: { 403: "Only auditors and administrators may read the audit log.", 404: NO_SUCH_ORGANIZATION },
      query: {
        q: "What is searched for: `resource_type:user action:create`. A key that is not served is refused with 400.",
        limit: "How many at most: up to 1000. Left out, 50.",
        after_id: "Those after this entry: the pages of a list that grows at its head stay as they are.",
        offset: "How many to pass over.",
      },
      example: { urlParams: { q: "resource_type:user", limit: 20 } },
    },
  },
}

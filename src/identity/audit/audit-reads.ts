import { Chunk, Context, Effect, Layer, Option, Stream } from "effect"
import { type AuditFilter, AuditLogRepository, type AuditPlace } from "../../db/audit/audit-log.ts"
import { NotAllowed } from "../errors.ts"
import { type Caller, can } from "../policy.ts"
import { isUuid } from "../references.ts"
import { type Fault, readQuery } from "../search-query.ts"

/** Rows are counted up to here: a log that is kept forever is not counted whole for the number on a page. */
export const COUNT_CAP = 2000
const EXPORT_PAGE = 500

const KEYS = {
  resource_type: "resourceType",
  resource_id: "resourceId",
  resource_target: "resourceTarget",
  action: "action",
  username: "username",
  email: "email",
  request_id: "requestId",
} as const

const isKey = (key: string): key is keyof typeof KEYS => Object.hasOwn(KEYS, key)

export interface AuditQuery extends AuditFilter {
  /** An id or a name. */
  readonly organization?: string
}

/** `resource_type:chat action:write username:ann date_from:2026-01-01 date_to:2026-02-01 organization:default`. */
export const readAuditQuery = (q: string): AuditQuery | ReadonlyArray<Fault> =>
  readQuery<AuditQuery>(q, {}, (filter, key, value) => {
    if (key === undefined) return { ...filter, resourceTarget: value }
    if (isKey(key)) return { ...filter, [KEYS[key]]: value }
    if (key === "id") return isUuid(value) ? { ...filter, id: value } : "must be the id of an entry"
    if (key === "organization") return { ...filter, organization: value }
    if (key !== "date_from" && key !== "date_to") return "is no key of this search"
    const time = new Date(value)
    if (Number.isNaN(time.getTime())) return "must be a time, such as 2026-01-31 or 2026-01-31T08:00:00Z"
    return key === "date_from" ? { ...filter, from: time } : { ...filter, to: time }
  })

const make = Effect.gen(function* () {
  const log = yield* AuditLogRepository

  /** Narrowed to what the caller may read, in the statement itself: counts and pages stay true. */
  const narrowed = (caller: Caller, filter: AuditFilter): Effect.Effect<AuditFilter, NotAllowed> => {
    if (can(caller, "read", { type: "audit_log" })) return Effect.succeed(filter)
    const own = caller.organizations
      .map(({ id }) => id)
      .filter((organizationId) => can(caller, "read", { type: "audit_log", organizationId }))
    if (own.length === 0) {
      return new NotAllowed({
        operation: "AuditReads",
        message: "Only auditors and administrators may read the audit log.",
      })
    }
    const asked = filter.organizationIds
    return Effect.succeed({ ...filter, organizationIds: asked?.filter((id) => own.includes(id)) ?? own })
  }

  const page = Effect.fn("AuditReads.page")(function* (
    caller: Caller,
    filter: AuditFilter,
    at: { readonly limit: number; readonly offset: number; readonly after?: AuditPlace },
  ) {
    const allowed = yield* narrowed(caller, filter)
    return yield* Effect.all({ rows: log.list(allowed, at), count: log.count(allowed, COUNT_CAP) })
  })

  /** All of it, newest first, a page of rows in memory at a time. */
  const all = Effect.fn("AuditReads.all")(function* (caller: Caller, filter: AuditFilter) {
    const allowed = yield* narrowed(caller, filter)
    return Stream.paginateChunkEffect(undefined as AuditPlace | undefined, (after) =>
      log.list(allowed, { limit: EXPORT_PAGE, offset: 0, ...(after !== undefined && { after }) }).pipe(
        Effect.map((rows) => {
          const last = rows.length < EXPORT_PAGE ? undefined : rows.at(-1)
          return [Chunk.fromIterable(rows), Option.fromNullable(last)] as const
        }),
      ),
    )
  })

  return { page, all }
})

/** The log, for those who may read it. */
export class AuditReads extends Context.Tag("troupe/AuditReads")<AuditReads, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(AuditReads, make)
}

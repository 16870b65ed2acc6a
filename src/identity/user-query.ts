import type { UserFilter } from "../db/identity/user-search.ts"
import type { UserStatus } from "../db/identity/users.ts"
import { type Fault, isFlag, readQuery } from "./search-query.ts"

/**
 * The search language of the list of accounts: `status:`, `role:`, `login_type:`, `service_account:`, `last_seen_before:`,
 * `last_seen_after:`, `created_before:`, `created_after:` (RFC 3339, or a day); other words are pieces of username, e-mail address or
 * name.
 */

const STATUSES: ReadonlyArray<UserStatus> = ["active", "suspended", "dormant"]
const isStatus = (text: string): text is UserStatus => STATUSES.some((status) => status === text)

export const readUserQuery = (q: string): UserFilter | ReadonlyArray<Fault> =>
  readQuery<UserFilter>(q, { words: [] }, (filter, key, value) => {
    switch (key) {
      case undefined:
        return { ...filter, words: [...filter.words, value] }
      case "status": {
        const statuses = value.split(",")
        return statuses.every(isStatus)
          ? { ...filter, statuses: [...(filter.statuses ?? []), ...statuses] }
          : `must be one of ${STATUSES.join(", ")}`
      }
      case "role":
        return { ...filter, role: value }
      case "login_type":
        return { ...filter, loginType: value }
      case "service_account":
        return isFlag(value) ? { ...filter, serviceAccount: value === "true" } : "must be true or false"
      case "last_seen_before":
      case "last_seen_after":
      case "created_before":
      case "created_after": {
        const time = new Date(value)
        if (Number.isNaN(time.getTime())) return "must be a time, such as 2026-01-31 or 2026-01-31T08:00:00Z"
        const names = {
          last_seen_before: "lastSeenBefore",
          last_seen_after: "lastSeenAfter",
          created_before: "createdBefore",
          created_after: "createdAfter",
        } as const
        return { ...filter, [names[key]]: time }
      }
      default:
        return "is no key of this search"
    }
  })

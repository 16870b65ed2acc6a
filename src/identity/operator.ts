import { type Acting, NOBODY } from "./origin.ts"
import type { Caller } from "./policy.ts"
import { SITE_OWNER } from "./roles.ts"

/**
 * Who works at the command line of the server's own machine. No account: whoever has the database and its keys is refused
 * nothing, and the rules that protect a deployment from its owners (the last owner stays, passwords are no common ones) hold.
 */
export const OPERATOR: Caller = {
  userId: "00000000-0000-0000-0000-000000000000",
  username: "the command line",
  siteRoles: [SITE_OWNER],
  organizations: [],
}

/** @param program what was called, and by which account of the machine: `troupe 0.1.0 (root)` */
export const actingOperator = (program: string): Acting => ({
  ...NOBODY,
  username: OPERATOR.username,
  userAgent: program,
})

import type { User } from "../../../src/contract/identity.ts"

/** Owners administer the deployment. The server decides; this only chooses what to show. */
export const isOwner = (user: User): boolean => user.roles.some((role) => role.name === "owner")

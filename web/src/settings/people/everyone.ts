import type { Group } from "../../../../src/contract/organizations.ts"

/** The group of everyone is the organization itself, and has its id. */
export const isEveryone = ({ id, organization_id }: Pick<Group, "id" | "organization_id">): boolean =>
  String(id) === String(organization_id)

import type { CreateUserRequest, User } from "../../../../src/contract/identity.ts"
import { call, messageOf } from "../../api/client.ts"

export interface NewAccount {
  readonly request: CreateUserRequest
  /** Roles that the account has in each of its organizations, where they are others than it comes with. */
  readonly memberRoles: ReadonlyArray<string> | undefined
  readonly siteRoles: ReadonlyArray<string>
}

export interface CreatedAccount {
  readonly user: User
  /** What could not be given to it after it was made, each as a sentence. */
  readonly missing: ReadonlyArray<string>
}

/** Makes an account and then gives it its roles. Once it is there, what is refused of the roles is told and not undone. */
export const createAccount = async ({ request, memberRoles, siteRoles }: NewAccount): Promise<CreatedAccount> => {
  const user = await call("createUser", { body: request })
  const missing: Array<string> = []
  const orTell = (what: string, given: Promise<unknown>) =>
    given.catch((error: unknown) => void missing.push(`${what} ${messageOf(error)}`))
  if (memberRoles !== undefined) {
    for (const organization of user.organization_ids) {
      const path = { organization, user: user.id }
      await orTell(
        "Its role in the organization was not set.",
        call("setMemberRoles", { path, body: { roles: memberRoles } }),
      )
    }
  }
  if (siteRoles.length > 0) {
    const path = { user: user.id }
    await orTell(
      "Its roles of the deployment were not set.",
      call("setUserRoles", { path, body: { roles: siteRoles } }),
    )
  }
  return { user, missing }
}

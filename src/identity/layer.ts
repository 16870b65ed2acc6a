import { Layer } from "effect"
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { SessionRepository } from "../db/identity/sessions.ts"
import { UserRepository } from "../db/identity/users.ts"
import { FirstUser } from "./first-user.ts"
import { Sessions } from "./sessions.ts"
import { Users } from "./users.ts"

/** Accounts and sessions, on the database. */
export const identityLayer = Layer.mergeAll(Users.layer, Sessions.layer, FirstUser.layer).pipe(
  Layer.provide(Layer.mergeAll(UserRepository.layer, SessionRepository.layer, OrganizationRepository.layer)),
)

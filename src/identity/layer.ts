import { Layer } from "effect"
import { Transactions } from "../db/engine/transactions.ts"
import { AuditLogRepository } from "../db/audit/audit-log.ts"
import { CustomRoleRepository } from "../db/identity/custom-roles.ts"
import { GroupRepository } from "../db/identity/groups.ts"
import { MemberRepository } from "../db/identity/members.ts"
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { SessionRepository } from "../db/identity/sessions.ts"
import { UserSearch } from "../db/identity/user-search.ts"
import { UserRepository } from "../db/identity/users.ts"
import { Accounts } from "./accounts.ts"
import { Audit } from "./audit/audit.ts"
import { AuditReads } from "./audit/audit-reads.ts"
import { FirstUser } from "./first-user.ts"
import { Groups } from "./groups.ts"
import { Members } from "./members.ts"
import { Organizations } from "./organizations.ts"
import { RoleAdmin } from "./role-admin.ts"
import { Sessions } from "./sessions.ts"
import { SignIns } from "./sign-ins.ts"
import { Standing } from "./standing.ts"
import { Tokens } from "./tokens.ts"
import { Users } from "./users.ts"

const repositories = Layer.mergeAll(
  UserRepository.layer,
  UserSearch.layer,
  SessionRepository.layer,
  OrganizationRepository.layer,
  MemberRepository.layer,
  GroupRepository.layer,
  CustomRoleRepository.layer,
  AuditLogRepository.layer,
  Transactions.layer,
)

const foundations = Layer.mergeAll(Users.layer, Sessions.layer, Standing.layer, Audit.layer, AuditReads.layer)

/** Accounts, organizations and sessions, and the record of what is changed, on the database. */
export const identityLayer = Layer.mergeAll(
  FirstUser.layer,
  Accounts.layer,
  SignIns.layer,
  Tokens.layer,
  Members.layer,
  Groups.layer,
  RoleAdmin.layer,
).pipe(Layer.provideMerge(Organizations.layer), Layer.provideMerge(foundations), Layer.provide(repositories))

/** What the built-in roles let somebody do, in a few words. A role that an organization has made speaks by its name. */
const words: Readonly<Record<string, string>> = {
  owner: "Administers the whole deployment",
  "user-admin": "Administers accounts, groups and memberships",
  "template-admin": "Administers templates",
  auditor: "Reads the audit log and the settings of the deployment",
  "organization-admin": "Administers the organization",
  "organization-auditor": "Reads the organization’s audit log",
  "organization-user-admin": "Administers its members and groups",
  "organization-template-admin": "Administers its templates",
  "organization-workspace-creation-ban": "Neither creates nor deletes workspaces",
  "agents-access": "Starts chats, drives and shares them",
}

export const roleWords = (role: string): string | undefined => (Object.hasOwn(words, role) ? words[role] : undefined)

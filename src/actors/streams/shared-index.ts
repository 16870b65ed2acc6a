import type { ChatId, GroupId, OrganizationId, UserId } from "../../contract/ids.ts"
import type { ReaderRow, SharedChatRow } from "../../db/chats/shared-chats.ts"

/** Who reads a chat, as one version of its row has it. */
interface SharedChat {
  readonly version: string
  readonly readers: ReadonlySet<UserId>
}

/** What is shared with those who are asked about, as the rows said it last. */
export interface SharedIndex {
  /** The memberships as text: while it is the same, only rows of chats can have changed who reads what. */
  readonly members: string
  readonly chats: ReadonlyMap<ChatId, SharedChat>
}

export const EMPTY_INDEX: SharedIndex = { members: "", chats: new Map() }

const READ = "read"

const letIn = (acl: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(acl).flatMap(([id, role]) => (role === READ ? [id] : []))

/**
 * The index as these rows have it: the same rule as the policy's. Who has left the organization of a chat is let in no more, whatever
 * the list still says, and nobody is told of his own chats here.
 */
export const indexOf = (
  readers: ReadonlyArray<ReaderRow>,
  chats: ReadonlyArray<SharedChatRow>,
  before: SharedIndex = EMPTY_INDEX,
): SharedIndex => {
  const members = JSON.stringify(readers)
  const same = members === before.members
  const inGroup = new Map<GroupId, Set<UserId>>()
  const join = (groupId: GroupId, userId: UserId) => {
    const held = inGroup.get(groupId)
    if (held === undefined) inGroup.set(groupId, new Set([userId]))
    else held.add(userId)
  }
  const everyone = (organizationId: OrganizationId) => inGroup.get(String(organizationId))
  for (const { user_id, organization_id, groups } of readers) {
    join(String(organization_id), user_id)
    for (const group of groups) join(group, user_id)
  }
  const readersOf = (chat: SharedChatRow): ReadonlySet<UserId> => {
    const there = everyone(chat.organization_id)
    const named = letIn(chat.user_acl).filter((id) => there?.has(id))
    const byGroup = letIn(chat.group_acl).flatMap((id) => [...(inGroup.get(id) ?? [])])
    return new Set([...named, ...byGroup.filter((id) => there?.has(id))].filter((id) => id !== chat.owner_id))
  }
  return {
    members,
    chats: new Map(
      chats.map((chat) => {
        const known = before.chats.get(chat.id)
        const kept = same && known?.version === chat.version ? known : undefined
        return [chat.id, kept ?? { version: chat.version, readers: readersOf(chat) }]
      }),
    ),
  }
}

/** What became of a chat for those who read it, or have read it. */
export interface SharedNews {
  readonly chatId: ChatId
  readonly gained: ReadonlyArray<UserId>
  readonly lost: ReadonlyArray<UserId>
  /** Readers before and after. */
  readonly kept: ReadonlyArray<UserId>
  /** Its row has changed. */
  readonly changed: boolean
}

/** From one index to the next. Chats of which there is nothing new are left out. */
export const newsBetween = (before: SharedIndex, after: SharedIndex): ReadonlyArray<SharedNews> => {
  const news: Array<SharedNews> = []
  for (const chatId of new Set([...before.chats.keys(), ...after.chats.keys()])) {
    const was = before.chats.get(chatId)
    const is = after.chats.get(chatId)
    if (was !== undefined && was === is) continue
    const gained = [...(is?.readers ?? [])].filter((id) => was?.readers.has(id) !== true)
    const lost = [...(was?.readers ?? [])].filter((id) => is?.readers.has(id) !== true)
    const kept = [...(is?.readers ?? [])].filter((id) => was?.readers.has(id) === true)
    const changed = was?.version !== is?.version
    if (changed || gained.length > 0 || lost.length > 0) news.push({ chatId, gained, lost, kept, changed })
  }
  return news
}

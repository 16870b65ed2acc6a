import type { Chat } from "../../../src/contract/chats.ts"
import type { ChatWatchEvent } from "../../../src/contract/stream.ts"
import { isResting } from "./status.ts"
import { isBefore } from "./time.ts"

/** Watch events may overtake one another: each kind may change its own fields only, and an older one nothing else. */
const changesOf = ({ kind, chat }: ChatWatchEvent, held: Chat): Partial<Chat> => {
  const stale = isBefore(chat.updated_at, held.updated_at)
  const fresh = stale ? {} : { updated_at: chat.updated_at, last_model_config_id: chat.last_model_config_id }
  switch (kind) {
    case "title_change":
      return { ...fresh, title: chat.title, shared: chat.shared }
    case "summary_change":
      return { ...fresh, last_turn_summary: chat.last_turn_summary }
    case "status_change":
    case "action_required":
      return stale
        ? {}
        : { ...fresh, status: chat.status, activity: chat.activity, last_turn_summary: chat.last_turn_summary }
    case "deleted":
      return { archived: true, pin_order: 0 }
    case "created":
      return stale ? { archived: false } : chat
    case "diff_status_change":
    case "chat_summary_change":
    case "context_dirty":
      return fresh
    default:
      return kind satisfies never
  }
}

/** `last_error` is absent when there is none, so that it is set and removed along with the status. */
const withError = (merged: Chat, { kind, chat }: ChatWatchEvent, held: Chat): Chat => {
  if (kind !== "status_change" || isBefore(chat.updated_at, held.updated_at)) return merged
  const { last_error: _, ...rest } = merged
  return chat.last_error === undefined ? rest : { ...rest, last_error: chat.last_error }
}

const isSame = (a: Chat, b: Chat): boolean => {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Chat>
  return [...keys].every((key) => Object.is(a[key], b[key]))
}

/** One chat after an event about it. The same object when nothing changed. */
export const mergeChat = (held: Chat, event: ChatWatchEvent, openChatId: string | undefined): Chat => {
  const merged = withError({ ...held, ...changesOf(event, held) }, event, held)
  const ended = merged.status !== held.status && isResting(merged.status)
  const unread = ended && held.id !== openChatId ? { ...merged, has_unread: true } : merged
  return isSame(unread, held) ? held : unread
}

/** A chat after an event about one of those below it, which it has with it. The same object when nothing changed. */
export const mergeChild = (parent: Chat, event: ChatWatchEvent, openChatId: string | undefined): Chat => {
  const index = parent.children.findIndex(({ id }) => id === event.chat.id)
  const held = parent.children[index]
  if (held === undefined) return parent
  const merged = mergeChat(held, event, openChatId)
  return merged === held ? parent : { ...parent, children: parent.children.with(index, merged) }
}

/** The list after an event: new root chats come first. The same list when nothing changed. */
export const mergeChats = (
  chats: ReadonlyArray<Chat>,
  event: ChatWatchEvent,
  openChatId: string | undefined,
): ReadonlyArray<Chat> => {
  const { parent_chat_id: parentId } = event.chat
  if (parentId !== undefined) {
    const at = chats.findIndex(({ id }) => id === parentId)
    const parent = chats[at]
    const merged = parent && mergeChild(parent, event, openChatId)
    return merged === undefined || merged === parent ? chats : chats.with(at, merged)
  }
  const index = chats.findIndex((chat) => chat.id === event.chat.id)
  const held = chats[index]
  if (held === undefined) {
    const isNew = event.kind !== "deleted" && !event.chat.archived
    return isNew ? [event.chat, ...chats] : chats
  }
  const merged = mergeChat(held, event, openChatId)
  return merged === held ? chats : chats.with(index, merged)
}

/** The list of chats that others share with one. Who is out again sees them no more, nor those that are archived. */
export const mergeShared = (chats: ReadonlyArray<Chat>, event: ChatWatchEvent): ReadonlyArray<Chat> => {
  if (event.kind !== "deleted") return mergeChats(chats, event, event.chat.id)
  const left = chats.filter(({ id }) => id !== event.chat.id)
  return left.length === chats.length ? chats : left
}

/** The list of archived chats after an event. The same list when nothing changed. */
export const mergeArchived = (chats: ReadonlyArray<Chat>, event: ChatWatchEvent): ReadonlyArray<Chat> => {
  if (event.chat.parent_chat_id !== undefined) return chats
  const index = chats.findIndex(({ id }) => id === event.chat.id)
  const held = chats[index]
  if (held === undefined)
    return event.kind === "deleted" ? [{ ...event.chat, archived: true, pin_order: 0 }, ...chats] : chats
  const merged = mergeChat(held, event, undefined)
  return merged === held ? chats : chats.with(index, merged)
}

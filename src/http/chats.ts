import { Effect } from "effect"
import { boardToWire } from "../actors/streams/board-wire.ts"
import { chatToWire, messageToWire, queuedToWire } from "../actors/streams/chat-wire.ts"
import { ChatAccess, viewOf } from "../chats/access.ts"
import { attemptToWire } from "../chats/attempts.ts"
import { Chats } from "../chats/chats.ts"
import { type ChatBoard, STRIP_MINUTES } from "../contract/board.ts"
import type { SendMessageResponse } from "../contract/chats.ts"
import type { ChatsRoutes } from "../contract/routes/chats.ts"
import type { ChatId } from "../contract/ids.ts"
import { ChatBoardReads } from "../db/chats/board.ts"
import { ChatReads } from "../db/chats/reads.ts"
import { asSeenBy, type ChatListRow, type Roots, type SharedWith } from "../db/chats/shown-chats.ts"
import { type Caller, everyoneIn } from "../identity/policy.ts"
import { Settings } from "../settings.ts"
import { type ChatSearch, chatSearch } from "./chat-search.ts"
import { BadRequestError } from "./errors.ts"
import type { GroupHandlers } from "./mount.ts"

/** Chats and their messages over REST. */

const DEFAULT_PAGE = 50

/** What cards say of these chats, all read at once. */
const boardsOf = Effect.fnUntraced(function* (chatIds: ReadonlyArray<ChatId>) {
  const rows = yield* (yield* ChatBoardReads).rows(chatIds, "strip")
  const from = Date.now() - STRIP_MINUTES * 60_000
  return new Map<ChatId, ChatBoard>(rows.map((row) => [row.id, boardToWire(row, from)]))
})

const sharedWith = ({ userId, organizations }: Caller): SharedWith => ({
  userId,
  groupIds: organizations.flatMap(({ id, groups = [] }) => [everyoneIn(id), ...groups]),
  organizationIds: organizations.map(({ id }) => id),
})

/** A deployment that shares nothing has no list of what is shared: undefined. */
const rootsOf = (caller: Caller, source: ChatSearch["source"], sharing: boolean): Roots | undefined => {
  const own = source === "shared_with_me" ? {} : { own: caller.userId }
  const shared = source === "created_by_me" || !sharing ? {} : { shared: sharedWith(caller) }
  const roots = { ...own, ...shared }
  return Object.keys(roots).length === 0 ? undefined : roots
}

export const chatsHandlers = {
  createChat: ({ caller, payload, idempotency }) =>
    Effect.gen(function* () {
      const chats = yield* Chats
      const row = yield* chats.create(caller, payload, idempotency)
      return chatToWire(row)
    }),

  listChats: ({ caller, urlParams }) =>
    Effect.gen(function* () {
      const { source, ...search } = yield* chatSearch(urlParams)
      const reads = yield* ChatReads
      const whose = rootsOf(caller, source, (yield* Settings).access.chatSharing)
      if (whose === undefined) return []
      const roots = yield* reads.listRoots(whose, {
        ...search,
        limit: urlParams.limit ?? DEFAULT_PAGE,
        offset: urlParams.offset ?? 0,
        ...(urlParams.after_id !== undefined && { afterId: urlParams.after_id }),
      })
      const children = yield* reads.listChildren(
        roots.map((row) => row.id),
        search.archived,
      )
      const below = new Map<string | null, Array<ChatListRow>>()
      for (const child of children) {
        const siblings = below.get(child.root_chat_id)
        if (siblings === undefined) below.set(child.root_chat_id, [child])
        else siblings.push(child)
      }
      // What a card says of a chat (its calls, and what a tool shows just now) is more than one who reads along is shown.
      const own = roots.filter(({ owner_id }) => owner_id === caller.userId)
      const boards = urlParams.include === "board" ? yield* boardsOf(own.map(({ id }) => id)) : undefined
      const seen = (row: ChatListRow) => asSeenBy(caller.userId, row)
      return roots.map((root) => {
        const board = boards?.get(root.id)
        return { ...chatToWire(seen(root), below.get(root.id)?.map(seen)), ...(board !== undefined && { board }) }
      })
    }).pipe(Effect.catchTag("SqlError", Effect.die)),

  getChat: ({ caller, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).load(caller, path.chat, "read")
      const children = yield* (yield* ChatReads).listChildren([row.id], row.archived)
      return chatToWire(
        asSeenBy(caller.userId, row),
        children.map((child) => asSeenBy(caller.userId, child)),
      )
    }).pipe(Effect.catchTag("SqlError", Effect.die)),

  listMessages: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const { before_id: beforeId, after_id: afterId } = urlParams
      if (beforeId !== undefined && afterId !== undefined && afterId >= beforeId) {
        return yield* new BadRequestError({
          message: "after_id must be less than before_id.",
          validations: [{ field: "after_id", detail: "must be less than before_id" }],
        })
      }
      const row = yield* (yield* ChatAccess).look(caller, path.chat, "read")
      const reads = yield* ChatReads
      // Before the messages: one that leaves it meanwhile is then seen twice instead of never.
      const firstPage = beforeId === undefined && afterId === undefined
      // Who reads along is shown what was said, and not what the owner may still take back.
      const queue = firstPage && viewOf(caller, row) !== "read" ? yield* reads.queueNow(row.id) : []
      const page = yield* reads.messages(row.id, {
        limit: urlParams.limit ?? DEFAULT_PAGE,
        ...(beforeId !== undefined && { beforeId }),
        ...(afterId !== undefined && { afterId }),
      })
      return {
        messages: page.rows.map(messageToWire),
        queued_messages: queue.map(queuedToWire),
        has_more: page.hasMore,
      }
    }).pipe(Effect.catchTag("SqlError", Effect.die)),

  sendMessage: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      const chats = yield* Chats
      const { message, queued } = yield* chats.send(caller, path.chat, payload, idempotency)
      const response: SendMessageResponse = {
        queued: queued !== undefined,
        ...(message !== undefined && { message: messageToWire(message) }),
        ...(queued !== undefined && { queued_message: queuedToWire(queued) }),
      }
      return response
    }),

  interruptChat: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      return chatToWire(yield* (yield* Chats).interrupt(caller, path.chat, payload, idempotency))
    }),

  retryTurn: ({ caller, path, payload, idempotency }) =>
    Effect.gen(function* () {
      return chatToWire(yield* (yield* Chats).retry(caller, path.chat, payload, idempotency))
    }),

  listAttempts: ({ caller, path }) =>
    Effect.gen(function* () {
      const row = yield* (yield* ChatAccess).look(caller, path.chat, "inspect")
      const attempts = yield* (yield* ChatReads).attempts(row.id)
      return {
        attempts: attempts.map(attemptToWire),
      }
    }).pipe(Effect.catchTag("SqlError", Effect.die)),
} satisfies GroupHandlers<typeof ChatsRoutes, ChatAccess | ChatBoardReads | Chats | ChatReads | Settings>

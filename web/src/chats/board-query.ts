import { queryOptions } from "@tanstack/react-query"
import type { Chat } from "../../../src/contract/chats.ts"
import { call } from "../api/client.ts"
import { ON_BOARD } from "./status.ts"

/** The server's largest page, and how many of them a board has at most. */
const PAGE = 200
const PAGES = 5
/** Of those that rest, the newest: a plan may be among them. */
const RESTING = 60

const liveChats = async (signal: AbortSignal): Promise<ReadonlyArray<Chat>> => {
  const all: Array<Chat> = []
  for (let page = 0; page < PAGES; page += 1) {
    const query = {
      include: "board",
      limit: PAGE,
      q: `archived:false status:${ON_BOARD}`,
      after_id: all.at(-1)?.id,
    } as const
    const chats = await call("listChats", { query }, signal)
    all.push(...chats)
    if (chats.length < PAGE) break
  }
  return all
}

/** The chats that stand on the board, each with what its card says. */
export const boardQuery = queryOptions({
  queryKey: ["board"],
  queryFn: async ({ signal }): Promise<ReadonlyArray<Chat>> => {
    const newest = call("listChats", { query: { include: "board", limit: RESTING, q: "archived:false" } }, signal)
    const [live, others] = await Promise.all([liveChats(signal), newest])
    return [...new Map([...others, ...live].map((chat) => [chat.id, chat])).values()]
  },
  staleTime: 10_000,
})

import type { Chat } from "../../../src/contract/chats.ts"

/** Whose a chat is, in the name that he goes by. */
export const ownerName = ({ owner_name, owner_username }: Pick<Chat, "owner_name" | "owner_username">): string =>
  owner_name || owner_username || "Somebody"

import { useInfiniteQuery } from "@tanstack/react-query"
import { sharedChatsQuery } from "../api/queries.ts"
import { allChats } from "../chats/chat-pages.ts"
import { Empty, LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { CardList } from "./chat-cards.tsx"

/** The chats that others share with the person, to read along. */
export const SharedCards = () => {
  const { data, isError, error, isFetching, refetch } = useInfiniteQuery({ ...sharedChatsQuery, select: allChats })
  if (isError && data === undefined) {
    return (
      <LoadFailed
        title="The chats that others share could not be loaded"
        error={error}
        retrying={isFetching}
        onRetry={() => void refetch()}
      />
    )
  }
  if (data === undefined) return <LoadingRows label="Loading chats" rows={3} rowClass="h-14" />
  if (data.length === 0) return <Empty>Chats that others share with you are listed here. There are none yet.</Empty>
  return <CardList title="Shared with you" note={data.length} chats={data} />
}

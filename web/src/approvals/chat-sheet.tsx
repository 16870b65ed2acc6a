import { useQuery } from "@tanstack/react-query"
import type { Chat } from "../../../src/contract/chats.ts"
import { meQuery } from "../api/queries.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { ApprovalSheet } from "./approval-sheet.tsx"
import { useDecide } from "./decide.ts"

export interface ChatSheetProps {
  readonly chatId: string
  readonly chat: Chat | undefined
}

/** The sheet of the chat that is open. What is decided on it is known to the timeline at once. */
export const ChatSheet = ({ chat, chatId }: ChatSheetProps) => {
  const approvals = useStream(({ stream }) => stream.approvals)
  const store = useStreamStore()
  const { data: me } = useQuery(meQuery)
  const decide = useDecide({
    chatId,
    onDecided: ({ calls, verdict }) => store.trigger.decided({ calls, verdict }),
    onLeft: (left) => store.trigger.approvals({ approvals: left }),
  })
  const isOthers = chat !== undefined && me !== undefined && chat.owner_id !== me.id
  return (
    <ApprovalSheet
      approvals={approvals}
      deciding={decide.isPending ? decide.variables.verdict : undefined}
      onDecide={decide.mutate}
      refusal={isOthers ? "Only the owner of this chat can answer." : undefined}
    />
  )
}

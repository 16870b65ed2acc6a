import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { meQuery } from "../api/queries.ts"
import { useStream, useStreamStore } from "../stream/store.ts"
import { ApprovalSheet } from "./approval-sheet.tsx"
import { useDecide } from "./decide.ts"

interface ChatApprovalsProps {
  readonly chatId: string
  readonly chat: Chat | undefined
  /** What people write in: on a phone the sheet takes its place. */
  readonly children: ReactNode
}

/** The sheet of the chat that is open, docked over the message box while calls of it wait for a person. */
export const ChatApprovals = ({ chat, chatId, children }: ChatApprovalsProps) => {
  const approvals = useStream(({ stream }) => stream.approvals)
  const store = useStreamStore()
  const { data: me } = useQuery(meQuery)
  const decide = useDecide({
    chatId,
    onDecided: ({ calls, verdict }) => store.trigger.decided({ calls, verdict }),
    onLeft: (left) => store.trigger.approvals({ approvals: left }),
  })
  const asks = approvals.length > 0
  const isOthers = chat !== undefined && me !== undefined && chat.owner_id !== me.id
  return (
    <>
      {asks && (
        <div className="reading-column shrink-0 pb-2 max-md:px-0 max-md:pb-0">
          <ApprovalSheet
            approvals={approvals}
            deciding={decide.isPending ? decide.variables.verdict : undefined}
            onDecide={decide.mutate}
            refusal={isOthers ? "Only the owner of this chat can answer." : undefined}
          />
        </div>
      )}
      <div className={asks ? "contents max-md:hidden" : "contents"}>{children}</div>
    </>
  )
}

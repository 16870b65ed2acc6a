import { useQuery } from "@tanstack/react-query"
import { useEffect } from "react"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import { call } from "../api/client.ts"
import { ApprovalSheet } from "../approvals/approval-sheet.tsx"
import type { Decision } from "../approvals/decide.ts"
import type { Verdict } from "../stream/store.ts"
import { Dialog } from "../ui/dialog.tsx"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { proseText } from "../ui/prose-text.ts"

export interface CardSheetProps {
  readonly chatId: string
  readonly title: string
  readonly deciding: Verdict | undefined
  readonly onDecide: (decision: Decision) => void
  readonly onClose: () => void
}

const NONE: ReadonlyArray<Approval> = []

/** All calls of a chat that wait for a person, over the board: more than a card has room for. */
export const CardSheet = ({ chatId, title, deciding, onDecide, onClose }: CardSheetProps) => {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["approvals", chatId],
    queryFn: ({ signal }) => call("listApprovals", { path: { chat: chatId } }, signal),
    staleTime: 0,
    gcTime: 0,
  })
  const approvals = data?.approvals ?? NONE
  const answered = data !== undefined && approvals.length === 0
  useEffect(() => {
    if (answered) onClose()
  }, [answered, onClose])
  return (
    <Dialog
      open
      onClose={onClose}
      title={`What “${proseText(title)}” asks`}
      quietTitle
      className="top-[12vh] w-[46rem] max-md:top-auto max-md:bottom-0 max-md:w-full max-md:max-w-full"
    >
      {data === undefined && error !== null && (
        <LoadFailed
          title="What this chat asks could not be loaded"
          error={error}
          onRetry={() => void refetch()}
          retrying={isFetching}
        />
      )}
      {data === undefined && error === null && <LoadingRows label="Loading what this chat asks" rows={3} />}
      {approvals.length > 0 && <ApprovalSheet approvals={approvals} deciding={deciding} onDecide={onDecide} />}
    </Dialog>
  )
}

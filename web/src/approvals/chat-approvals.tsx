import type { ReactNode } from "react"
import { useStream } from "../stream/store.ts"
import { LazyPart } from "../ui/lazy-part.tsx"
import type { ChatSheetProps } from "./chat-sheet.tsx"

const loadSheet = async () => (await import("./chat-sheet.tsx")).ChatSheet

interface ChatApprovalsProps extends ChatSheetProps {
  /** What people write in: on a phone the sheet takes its place. */
  readonly children: ReactNode
}

/** Docked over the message box while calls of the chat wait for a person. Loaded with the first of them. */
export const ChatApprovals = ({ children, ...props }: ChatApprovalsProps) => {
  const asks = useStream(({ stream }) => stream.approvals.length > 0)
  return (
    <>
      {asks && (
        <div className="reading-column shrink-0 pb-2 max-md:px-0 max-md:pb-0">
          <LazyPart name="The approvals" load={loadSheet} props={props} />
        </div>
      )}
      <div className={asks ? "contents max-md:hidden" : "contents"}>{children}</div>
    </>
  )
}

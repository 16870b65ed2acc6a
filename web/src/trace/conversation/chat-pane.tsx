import { ConversationAt } from "./conversation-at.tsx"

/** The conversation as a view among the others, where there is one column only. */
export const ChatPane = () => (
  <div className="flex min-h-0 flex-1 flex-col">
    <ConversationAt />
  </div>
)

import { ConversationAt } from "./conversation/conversation-at.tsx"
import { sharedChatSource } from "./chat-source.ts"
import type { TraceBesideProps } from "./trace-panel.tsx"
import { TraceViewProvider } from "./trace-source.ts"
import { VersionBanner } from "./version-banner.tsx"
import "./trace.css"

/** In place of the conversation and the message box: the chat at the version that is looked at beside it. */
export const PastChat = ({ chatId, version, goTo }: TraceBesideProps) => (
  <TraceViewProvider value={{ source: sharedChatSource(chatId), version, goTo }}>
    <VersionBanner />
    <ConversationAt />
  </TraceViewProvider>
)

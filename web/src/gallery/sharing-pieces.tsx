import { type ReactNode, useState } from "react"
import { HostContext } from "../chat/reading-along.ts"
import { LiveStatusLine } from "../chat/live-status-line.tsx"
import type { PickedPerson } from "../people/people-queries.ts"
import { ChatGone } from "../sharing/chat-gone.tsx"
import { ReadingNotice } from "../sharing/reading-notice.tsx"
import { SharePanel, type SharePanelProps } from "../sharing/share-panel.tsx"
import { emptyStream } from "../stream/state.ts"
import { createStreamStore, StreamStoreContext } from "../stream/store.ts"
import { chats, me } from "./fixtures.ts"

const nothing = () => undefined
const CHAT = chats[0]?.id ?? ""
const HOST = "Ada Lovelace"

const person = (id: string, name: string, note: string): PickedPerson => ({
  kind: "user",
  id,
  name,
  note,
  serviceAccount: false,
})
const readers: ReadonlyArray<PickedPerson> = [
  { kind: "group", id: "g", name: "Reviewers of the billing export", note: "12 members", serviceAccount: false },
  person("a", "Ada Lovelace", "ada"),
  person("b", "a-username-of-somebody-who-gave-no-name-and-has-a-long-one", ""),
]

const panel: SharePanelProps = {
  organizationId: me.organization_ids[0] ?? "",
  ownerId: me.id,
  readers,
  error: null,
  retrying: false,
  onRetry: nothing,
  changing: undefined,
  failure: undefined,
  onShare: nothing,
  onRemove: nothing,
  link: `https://troupe.example.com/agents/${CHAT}`,
}

const Box = ({ children }: { readonly children: ReactNode }) => (
  <div className="max-w-lg rounded-composer border border-line-strong bg-overlay px-5 pb-5">{children}</div>
)

const Piece = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <section aria-label={name} className="flex min-w-0 flex-col gap-3">
    <h2 className="border-b border-line pb-1 text-xs text-ink-faint">{name}</h2>
    {children}
  </section>
)

/** Takes a reader out, as it is taken back in the dialog. */
const Removing = () => {
  const [left, setLeft] = useState(readers)
  return (
    <SharePanel
      {...panel}
      readers={left}
      onRemove={({ id }) => setLeft((held) => held.filter((one) => one.id !== id))}
      onShare={(one) => setLeft((held) => [...held, one])}
    />
  )
}

const Waiting = () => {
  const status = { status: "requires_action", activity: "requires_action.approval" } as const
  const [store] = useState(() => createStreamStore({ ...emptyStream, status }))
  return (
    <StreamStoreContext value={store}>
      <LiveStatusLine chatId={CHAT} lastError={undefined} />
    </StreamStoreContext>
  )
}

export const SharingPieces = () => (
  <>
    <Piece name="Sharing a chat">
      <Box>
        <Removing />
      </Box>
      <Box>
        <SharePanel {...panel} changing="a" failure={{ name: "Bob Martin", error: new Error("no") }} />
      </Box>
    </Piece>
    <Piece name="Sharing, read and not read">
      <Box>
        <SharePanel {...panel} readers={[]} />
      </Box>
      <Box>
        <SharePanel {...panel} readers={undefined} />
      </Box>
      <Box>
        <SharePanel {...panel} readers={undefined} error={new Error("no")} />
      </Box>
    </Piece>
    <Piece name="Reading along">
      <HostContext value={HOST}>
        <Waiting />
      </HostContext>
      <ReadingNotice host={HOST} archived={false} administers={false} />
      <ReadingNotice host={HOST} archived administers={false} />
      <ReadingNotice host={HOST} archived={false} administers />
    </Piece>
    <Piece name="A chat that is gone">
      <ChatGone chatId="00000000-0000-4000-8000-000000000000" host={HOST} />
      <ChatGone chatId="00000000-0000-4000-8000-000000000001" host={undefined} />
    </Piece>
  </>
)

import { useQuery } from "@tanstack/react-query"
import type { Chat } from "../../../src/contract/chats.ts"
import { chatQuery } from "../api/queries.ts"
import { Dialog } from "../ui/dialog.tsx"
import { proseText } from "../ui/prose-text.ts"
import { SharePanel } from "./share-panel.tsx"
import { aclQuery, readersOf, useChangeAcl } from "./sharing-queries.ts"

interface ShareDialogProps {
  readonly chatId: string
  readonly onClose: () => void
}

const Sharing = ({ chat }: { readonly chat: Chat }) => {
  const acl = useQuery(aclQuery(chat.id))
  const change = useChangeAcl(chat.id)
  const readers = acl.data && readersOf(acl.data)
  return (
    <SharePanel
      organizationId={chat.organization_id}
      ownerId={chat.owner_id}
      readers={readers}
      error={acl.error}
      retrying={acl.isFetching}
      onRetry={() => void acl.refetch()}
      changing={change.isPending ? change.variables.person.id : undefined}
      failure={change.isError ? { name: change.variables.person.name, error: change.error } : undefined}
      onShare={(person) => change.mutate({ person, role: "read" })}
      onRemove={(person) => change.mutate({ person, role: "" })}
      link={new URL(`/agents/${chat.id}`, location.href).href}
    />
  )
}

/** Lets others read a chat of one's own. */
export const ShareDialog = ({ chatId, onClose }: ShareDialogProps) => {
  const { data: chat } = useQuery(chatQuery(chatId))
  if (chat === undefined) return null
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Share “${proseText(chat.title) || "New chat"}”`}
      className="top-[10vh] max-h-[84dvh] w-lg overflow-y-auto p-5"
    >
      <Sharing chat={chat} />
    </Dialog>
  )
}

import { ArchiveRestore } from "lucide-react"
import { usePatchChat } from "../chats/use-patch-chat.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"

/** An archived chat can be read; to go on with it, it has to be brought back. */
export const ArchivedNotice = ({ chatId }: { readonly chatId: string }) => {
  const patch = usePatchChat(chatId)
  return (
    <Callout
      tone="info"
      role="status"
      title="This chat is archived"
      actions={
        <Button busy={patch.isPending} onClick={() => patch.mutate({ archived: false })}>
          <ArchiveRestore aria-hidden className="size-4" />
          Unarchive
        </Button>
      }
    >
      It can be read, but not continued.
    </Callout>
  )
}

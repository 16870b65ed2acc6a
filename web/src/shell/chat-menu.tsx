import { Archive, EllipsisVertical, PencilLine, Pin, PinOff } from "lucide-react"
import { useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { isResting } from "../chats/status.ts"
import { usePatchChat } from "../chats/use-patch-chat.ts"
import { IconButton } from "../ui/button.tsx"
import { Menu, MenuItem, MenuSeparator, useMenu } from "../ui/menu.tsx"
import { notifyDone } from "../ui/notify.ts"
import { RenameDialog } from "./rename-dialog.tsx"

interface ChatMenuProps {
  readonly chat: Chat
  /** Place of the next pin. */
  readonly nextPin: number
}

/** What can be done with a chat from its row: rename, pin, archive. */
export const ChatMenu = ({ chat, nextPin }: ChatMenuProps) => {
  const patch = usePatchChat(chat.id)
  const menu = useMenu()
  const [renaming, setRenaming] = useState(false)
  const pinned = chat.pin_order > 0
  const idle = isResting(chat.status)
  // The row goes away, and with it whatever waits for the answer here.
  const archive = async () => {
    await patch.mutateAsync({ archived: true })
    await notifyDone(`“${chat.title || "New chat"}” is archived`, {
      label: "Undo",
      run: () => patch.mutate({ archived: false, ...(pinned && { pin_order: nextPin }) }),
    })
  }
  return (
    <>
      <IconButton
        {...menu.button}
        size="small"
        data-item-action
        tabIndex={-1}
        label={`Menu of ${chat.title || "New chat"}`}
        title="More"
        className="absolute top-1.5 right-1 pointer-coarse:top-1 opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 data-[state=open]:opacity-100 [@media(hover:none)]:opacity-100"
      >
        <EllipsisVertical aria-hidden />
      </IconButton>
      <Menu of={menu} align="end" className="w-56">
        <MenuItem onSelect={() => patch.mutate({ pin_order: pinned ? 0 : nextPin })}>
          {pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
          {pinned ? "Unpin" : "Pin"}
        </MenuItem>
        <MenuItem onSelect={() => setRenaming(true)}>
          <PencilLine aria-hidden />
          Rename…
        </MenuItem>
        <MenuSeparator />
        <MenuItem disabled={!idle} onSelect={() => void archive().catch(() => undefined)}>
          <Archive aria-hidden />
          <span className="min-w-0">
            Archive
            {!idle && <span className="block text-xs text-ink-faint">Not while a turn goes on</span>}
          </span>
        </MenuItem>
      </Menu>
      <RenameDialog chat={chat} open={renaming} onClose={() => setRenaming(false)} />
    </>
  )
}

import { Archive, ArchiveRestore, ArrowDown, ArrowUp, EllipsisVertical, PencilLine, Pin, PinOff } from "lucide-react"
import type { Chat } from "../../../src/contract/chats.ts"
import { isResting } from "../chats/status.ts"
import { usePatchChat } from "../chats/use-patch-chat.ts"
import { IconButton } from "../ui/button.tsx"
import { Menu, MenuItem, MenuSeparator, useMenu } from "../ui/menu.tsx"
import { notifyDone } from "../ui/notify.ts"
import { proseText } from "../ui/prose-text.ts"

interface ChatMenuProps {
  readonly chat: Chat
  /** How many chats have a pin. */
  readonly pins: number
  readonly onRename: () => void
}

/** What can be done with a chat from its row: rename, pin, archive, and take that back. */
export const ChatMenu = ({ chat, pins, onRename }: ChatMenuProps) => {
  const patch = usePatchChat(chat.id)
  const menu = useMenu()
  const place = chat.pin_order
  const idle = isResting(chat.status)
  const name = proseText(chat.title) || "New chat"
  // A pin that is new comes last, and only then can go where it was.
  const restore = async () => {
    await patch.mutateAsync({ archived: false, ...(place > 0 && { pin_order: pins }) })
    if (place > 0 && place < pins) await patch.mutateAsync({ pin_order: place })
  }
  // The row goes away, and with it whatever waits for the answer here.
  const archive = async () => {
    await patch.mutateAsync({ archived: true })
    await notifyDone(`“${name}” is archived`, {
      label: "Undo",
      run: () => void restore().catch(() => undefined),
    })
  }
  return (
    <>
      <IconButton
        {...menu.button}
        size="small"
        data-item-action
        tabIndex={-1}
        label={`Menu of ${name}`}
        title="More"
        className="absolute top-1.5 right-1 opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 data-[state=open]:opacity-100 pointer-coarse:top-1 [@media(hover:none)]:opacity-100"
      >
        <EllipsisVertical aria-hidden />
      </IconButton>
      <Menu of={menu} align="end" className="w-56">
        {!chat.archived && (
          <MenuItem onSelect={() => patch.mutate({ pin_order: place > 0 ? 0 : pins + 1 })}>
            {place > 0 ? <PinOff aria-hidden /> : <Pin aria-hidden />}
            {place > 0 ? "Unpin" : "Pin"}
          </MenuItem>
        )}
        {place > 1 && (
          <MenuItem onSelect={() => patch.mutate({ pin_order: place - 1 })}>
            <ArrowUp aria-hidden />
            <span className="flex-1">Move up</span>
            <kbd className="text-xs text-ink-faint">Alt ↑</kbd>
          </MenuItem>
        )}
        {place > 0 && place < pins && (
          <MenuItem onSelect={() => patch.mutate({ pin_order: place + 1 })}>
            <ArrowDown aria-hidden />
            <span className="flex-1">Move down</span>
            <kbd className="text-xs text-ink-faint">Alt ↓</kbd>
          </MenuItem>
        )}
        <MenuItem onSelect={onRename}>
          <PencilLine aria-hidden />
          <span className="flex-1">Rename</span>
          <kbd className="text-xs text-ink-faint">F2</kbd>
        </MenuItem>
        <MenuSeparator />
        {chat.archived ? (
          <MenuItem onSelect={() => patch.mutate({ archived: false })}>
            <ArchiveRestore aria-hidden />
            Take out of the archive
          </MenuItem>
        ) : (
          <MenuItem disabled={!idle} onSelect={() => void archive().catch(() => undefined)}>
            <Archive aria-hidden />
            <span className="min-w-0">
              Archive
              {!idle && <span className="block text-xs text-ink-faint">Not while a turn goes on</span>}
            </span>
          </MenuItem>
        )}
      </Menu>
    </>
  )
}

import { Dialog } from "radix-ui"
import { useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { usePatchChat } from "../chats/use-patch-chat.ts"
import { Button } from "../ui/button.tsx"
import { TextField } from "../ui/field.tsx"

/** Longer names are cut wherever they are shown. */
const MAX_TITLE = 200

const Form = ({ chat, onClose }: { readonly chat: Chat; readonly onClose: () => void }) => {
  const [title, setTitle] = useState(chat.title)
  const patch = usePatchChat(chat.id)
  const name = title.trim()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (name === "") return
        if (name !== chat.title) patch.mutate({ title: name })
        onClose()
      }}
      className="mt-4 flex flex-col gap-5"
    >
      <TextField
        label="Title"
        value={title}
        maxLength={MAX_TITLE}
        autoComplete="off"
        onFocus={({ target }) => target.select()}
        onChange={({ target }) => setTitle(target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" look="primary" disabled={name === ""}>
          Rename
        </Button>
      </div>
    </form>
  )
}

interface RenameDialogProps {
  readonly chat: Chat
  readonly open: boolean
  readonly onClose: () => void
}

export const RenameDialog = ({ chat, open, onClose }: RenameDialogProps) => (
  <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
    <Dialog.Portal>
      <Dialog.Overlay className="appear fixed inset-0 z-50 bg-[oklch(0_0_0/0.4)]" />
      <Dialog.Content
        aria-describedby={undefined}
        className="appear fixed top-[20vh] left-1/2 z-50 w-md max-w-[calc(100vw-2rem)] -translate-x-1/2 rounded-card border border-line bg-raised p-5 shadow-overlay outline-none"
      >
        <Dialog.Title className="text-lg font-semibold">Rename the chat</Dialog.Title>
        <Form chat={chat} onClose={onClose} />
      </Dialog.Content>
    </Dialog.Portal>
  </Dialog.Root>
)

import { useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { usePatchChat } from "../chats/use-patch-chat.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
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
  <Dialog open={open} onClose={onClose} title="Rename the chat">
    <Form chat={chat} onClose={onClose} />
  </Dialog>
)

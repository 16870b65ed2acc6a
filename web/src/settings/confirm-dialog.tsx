import type { ReactNode } from "react"
import { messageOf } from "../api/client.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { Dialog } from "../ui/dialog.tsx"

interface ConfirmDialogProps {
  readonly open: boolean
  readonly title: string
  /** What happens then. */
  readonly about: ReactNode
  /** The words of the button that does it. */
  readonly confirm: string
  readonly busy: boolean
  readonly error: Error | null
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks before something that cannot be taken back. */
export const ConfirmDialog = ({ open, title, about, confirm, busy, error, onConfirm, onClose }: ConfirmDialogProps) => (
  <Dialog open={open} onClose={onClose} title={title} about={about}>
    {error !== null && (
      <div className="mt-4">
        <Callout tone="danger" role="alert" title={messageOf(error)} />
      </div>
    )}
    <div className="mt-5 flex justify-end gap-2">
      <Button look="quiet" data-first-focus onClick={onClose}>
        Cancel
      </Button>
      <Button look="danger" busy={busy} onClick={onConfirm}>
        {confirm}
      </Button>
    </div>
  </Dialog>
)

import { useMutation } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { messageOf } from "../api/client.ts"
import { formErrors } from "./form-errors.ts"
import { Button } from "./button.tsx"
import { Callout } from "./callout.tsx"
import { Dialog } from "./dialog.tsx"

interface ConfirmDialogProps {
  /** "Suspend ada?" */
  readonly title: string
  /** What happens, and what stays. */
  readonly about: ReactNode
  /** The verb on the button. */
  readonly confirm: string
  /** Something is lost by it. */
  readonly danger?: boolean
  readonly run: () => Promise<unknown>
  readonly onClose: () => void
}

/** A sentence about what was refused, with the field's name where the server gave one. */
const refusal = (error: unknown): string => formErrors(error, []).summary ?? messageOf(error)

/** Asks before something is done, does it, and says in its place why it was refused. */
export const ConfirmDialog = ({ title, about, confirm, danger = false, run, onClose }: ConfirmDialogProps) => {
  const act = useMutation({ mutationFn: run, onSuccess: onClose })
  return (
    <Dialog open onClose={onClose} title={title} about={about}>
      {act.isError && (
        <div className="mt-4">
          <Callout tone="danger" role="alert" title={refusal(act.error)} />
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button look="quiet" data-first-focus={danger || undefined} onClick={onClose}>
          Cancel
        </Button>
        <Button
          look={danger ? "danger" : "primary"}
          data-first-focus={!danger || undefined}
          busy={act.isPending}
          onClick={() => act.mutate()}
        >
          {confirm}
        </Button>
      </div>
    </Dialog>
  )
}

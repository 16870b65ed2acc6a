import type { FormEvent, ReactNode } from "react"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"

interface SettingsFormProps {
  readonly label: string
  readonly submit: string
  readonly busy: boolean
  readonly failure: string | undefined
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

/** The frame of a form within a settings page. */
export const SettingsForm = ({ label, submit, busy, failure, onSubmit, onClose, children }: SettingsFormProps) => (
  <form
    aria-label={label}
    onSubmit={(event: FormEvent) => {
      event.preventDefault()
      onSubmit()
    }}
    className="appear flex flex-col gap-4 rounded-card border border-line bg-raised p-5 shadow-low"
  >
    {failure !== undefined && <Callout tone="danger" role="alert" title={failure} />}
    <div className="grid gap-4 sm:grid-cols-2">{children}</div>
    <div className="flex justify-end gap-2">
      <Button look="quiet" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" look="primary" busy={busy}>
        {submit}
      </Button>
    </div>
  </form>
)

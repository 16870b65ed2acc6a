import type { FormEvent, ReactNode } from "react"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { Tag } from "../ui/tag.tsx"
import { UnsavedGuard } from "../ui/unsaved-guard.tsx"

interface SettingsFormProps {
  readonly label: string
  /** `h2` where it is a part of the page itself, and not of a section of it. */
  readonly heading?: "h2" | "h3"
  readonly submit: string
  readonly busy: boolean
  /** Something is written that is not saved: leaving asks first. */
  readonly dirty: boolean
  readonly failure: string | undefined
  readonly onSubmit: () => void
  readonly onClose: () => void
  /** It is always there: closing it throws away what was changed, and there is nothing to save before. */
  readonly stays?: boolean
  readonly children: ReactNode
}

/** The frame of a form within a settings page. */
export const SettingsForm = (props: SettingsFormProps) => {
  const Heading = props.heading ?? "h3"
  return (
    <form
      aria-label={props.label}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        props.onSubmit()
      }}
      className="appear flex w-full max-w-192 flex-col gap-4 rounded-card border border-line bg-raised p-5 shadow-low"
    >
      <UnsavedGuard dirty={props.dirty && !props.busy} />
      <div className="flex items-center gap-2">
        <Heading className="font-semibold">{props.label}</Heading>
        {props.dirty && <Tag tone="bad">not saved</Tag>}
      </div>
      {props.failure !== undefined && <Callout tone="danger" role="alert" title={props.failure} />}
      <div className="grid gap-4 sm:grid-cols-2">{props.children}</div>
      <div className="flex justify-end gap-2">
        <Button look="quiet" disabled={props.stays === true && !props.dirty} onClick={props.onClose}>
          {props.stays === true ? "Discard" : "Cancel"}
        </Button>
        <Button type="submit" look="primary" busy={props.busy} disabled={props.stays === true && !props.dirty}>
          {props.submit}
        </Button>
      </div>
    </form>
  )
}

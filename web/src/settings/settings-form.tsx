import { Check } from "lucide-react"
import type { FormEvent, ReactNode } from "react"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { Tag } from "../ui/tag.tsx"
import { UnsavedGuard } from "../ui/unsaved-guard.tsx"

interface SettingsFormProps {
  readonly label: string
  /** `h2` where it is a part of the page itself, and not of a section of it; one that stays is that, unless it is said otherwise. */
  readonly heading?: "h2" | "h3"
  readonly submit: string
  readonly busy: boolean
  /** Something is written that is not saved: leaving asks first. */
  readonly dirty: boolean
  readonly failure: string | undefined
  readonly onSubmit: () => void
  /** Puts the form away, or of one that stays what is written in it. */
  readonly onClose: () => void
  /** It is always there: it is saved when something in it has changed. */
  readonly stays?: boolean
  /** What was done last, as a sentence. */
  readonly done?: string | undefined
  /** Under the title. */
  readonly about?: ReactNode
  readonly children: ReactNode
}

/** The frame of a form within a settings page. */
export const SettingsForm = (props: SettingsFormProps) => {
  const { dirty, busy, stays = false, done } = props
  // One that comes and goes belongs to a section with a title of its own.
  const Title = props.heading ?? (stays ? "h2" : "h3")
  return (
    <form
      aria-label={props.label}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        props.onSubmit()
      }}
      className="appear flex w-full max-w-192 flex-col gap-4 rounded-card border border-line bg-raised p-5 shadow-low"
    >
      <UnsavedGuard dirty={dirty && !busy} />
      <div className="flex flex-col gap-0.5">
        <div className="flex items-center gap-2">
          <Title className="font-semibold">{props.label}</Title>
          {dirty && <Tag tone="bad">not saved</Tag>}
        </div>
        {props.about !== undefined && <p className="text-sm text-ink-soft">{props.about}</p>}
      </div>
      {props.failure !== undefined && <Callout tone="danger" role="alert" title={props.failure} />}
      <div className="grid gap-4 sm:grid-cols-2">{props.children}</div>
      <div className="flex min-h-7 flex-wrap items-center justify-end gap-2">
        <p role="status" className="mr-auto flex items-center gap-1.5 text-sm text-success empty:hidden">
          {done !== undefined && (
            <>
              <Check aria-hidden className="size-4" />
              {done}
            </>
          )}
        </p>
        {(dirty || !stays) && (
          <Button look="quiet" onClick={props.onClose}>
            {stays ? "Discard" : "Cancel"}
          </Button>
        )}
        <Button type="submit" look="primary" busy={busy} disabled={stays && !dirty}>
          {props.submit}
        </Button>
      </div>
    </form>
  )
}

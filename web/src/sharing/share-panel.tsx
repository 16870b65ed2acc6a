import { Eye, UserMinus } from "lucide-react"
import { useState } from "react"
import { messageOf } from "../api/client.ts"
import { Avatar } from "../people/avatar.tsx"
import type { PickedPerson } from "../people/people-queries.ts"
import { PeoplePicker } from "../people/people-picker.tsx"
import { Button, IconButton } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { CopyButton } from "../ui/copy-button.tsx"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { proseText } from "../ui/prose-text.ts"
import { Spinner } from "../ui/spinner.tsx"
import { Tag } from "../ui/tag.tsx"

interface ReaderRowProps {
  readonly reader: Pick<PickedPerson, "kind" | "name" | "note">
  readonly may: string
  readonly onRemove?: (() => void) | undefined
  readonly busy?: boolean
}

const ReaderRow = ({ reader: { kind, name, note }, may, onRemove, busy = false }: ReaderRowProps) => (
  <li className="flex min-h-10 items-center gap-2.5 text-sm pointer-coarse:min-h-12">
    <Avatar name={name} kind={kind} />
    <span className="min-w-0 flex-1">
      <span className="flex items-center gap-1.5">
        <span className="truncate">{proseText(name)}</span>
        {kind === "group" && <Tag>group</Tag>}
      </span>
      {note !== "" && <span className="block truncate text-xs text-ink-faint">{proseText(note)}</span>}
    </span>
    <span className="shrink-0 text-xs text-ink-soft">{may}</span>
    <span className="flex size-7 shrink-0 items-center justify-center pointer-coarse:size-11">
      {onRemove !== undefined && (
        <IconButton label={`Stop sharing with ${name}`} size="small" disabled={busy} onClick={onRemove}>
          {busy ? <Spinner /> : <UserMinus aria-hidden />}
        </IconButton>
      )}
    </span>
  </li>
)

export interface SharePanelProps {
  readonly organizationId: string
  readonly ownerId: string
  /** Undefined while it is read. */
  readonly readers: ReadonlyArray<PickedPerson> | undefined
  readonly error: unknown
  readonly retrying: boolean
  readonly onRetry: () => void
  /** Whose change is under way. */
  readonly changing: string | undefined
  /** Why the last change was not made. */
  readonly failure: { readonly name: string; readonly error: unknown } | undefined
  readonly onShare: (person: PickedPerson) => void
  readonly onRemove: (person: PickedPerson) => void
  readonly link: string
}

/** Who reads a chat, whom else to let in, and what they will see. */
export const SharePanel = ({ readers, error, failure, changing, ...props }: SharePanelProps) => {
  /** Who was let out just now: a notice of the page would lie behind the dialog, so it is taken back here. */
  const [removed, setRemoved] = useState<PickedPerson>()
  const share = (person: PickedPerson) => {
    if (removed?.id === person.id) setRemoved(undefined)
    props.onShare(person)
  }
  const remove = (person: PickedPerson) => {
    setRemoved(person)
    props.onRemove(person)
  }
  const takenOut = removed !== undefined && readers?.every(({ id }) => id !== removed.id) === true
  return (
    <div className="mt-4 flex min-h-0 flex-col gap-4">
      <PeoplePicker
        label="Add readers"
        kinds={["user", "group"]}
        organizationId={props.organizationId}
        excluded={[props.ownerId, ...(readers ?? []).map(({ id }) => id)]}
        onPick={share}
        firstFocus
      />
      {failure !== undefined && (
        <Callout tone="danger" role="alert" title={`The sharing with ${failure.name} was not changed`}>
          {messageOf(failure.error)}
        </Callout>
      )}
      <div className="flex min-h-0 flex-col gap-1">
        <h3 className="text-xs text-ink-faint">Who can read it</h3>
        {readers === undefined && error === null && (
          <LoadingRows label="Loading who can read it" rows={2} rowClass="h-10" />
        )}
        {readers === undefined && error !== null && (
          <LoadFailed
            title="Who can read it could not be loaded"
            error={error}
            onRetry={props.onRetry}
            retrying={props.retrying}
          />
        )}
        {readers !== undefined && (
          <ul aria-label="Who can read it" className="max-h-[34dvh] overflow-y-auto">
            <ReaderRow reader={{ kind: "user", name: "You", note: "" }} may="Owner" />
            {readers.map((reader) => (
              <ReaderRow
                key={reader.id}
                reader={reader}
                may="Reader"
                busy={changing === reader.id}
                onRemove={() => remove(reader)}
              />
            ))}
          </ul>
        )}
        <p role="status" className="flex min-h-7 items-center gap-2 text-sm text-ink-soft pointer-coarse:min-h-11">
          {takenOut && (
            <>
              <span className="min-w-0 truncate">{proseText(removed.name)} no longer reads this chat.</span>
              <Button size="small" look="quiet" onClick={() => share(removed)}>
                Undo
              </Button>
            </>
          )}
          {!takenOut && readers?.length === 0 && "Nobody else. Add people or groups of your organization."}
        </p>
      </div>
      <div className="flex items-start gap-2.5 border-t border-line pt-3.5 text-sm text-ink-soft">
        <Eye aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
        <p className="min-w-0 flex-1">
          Readers see the conversation, with what tools were asked and answered, and follow it live. They cannot write,
          decide what tools may do, or see its queue and Trace.
        </p>
        <CopyButton label="Copy link" text={props.link} worded />
      </div>
    </div>
  )
}

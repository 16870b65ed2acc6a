import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query"
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useId, useRef, useState } from "react"
import { messageOf } from "../api/client.ts"
import { useOverlay } from "../ui/overlay.ts"
import { proseText } from "../ui/prose-text.ts"
import { Spinner } from "../ui/spinner.tsx"
import { Tag } from "../ui/tag.tsx"
import { useSettled } from "../ui/use-settled.ts"
import { Avatar } from "./avatar.tsx"
import { findPeople, foundPeopleQuery, groupsNamed, groupsQuery, type PickedPerson } from "./people-queries.ts"

export interface PeoplePickerProps {
  /** What the field is for: "Add members". */
  readonly label: string
  readonly kinds: ReadonlyArray<PickedPerson["kind"]>
  /** Whose members and groups are offered; without one, all accounts of the deployment and no groups. */
  readonly organizationId?: string
  /** Ids that are not offered, such as of who is there already. */
  readonly excluded?: ReadonlyArray<string>
  readonly onPick: (picked: PickedPerson) => void
  /** The field has the focus of the dialog that it stands in. */
  readonly firstFocus?: boolean
}

interface Found {
  readonly people: ReadonlyArray<PickedPerson>
  readonly busy: boolean
  readonly error: unknown
}

const useFound = (
  { kinds, organizationId, excluded = [] }: PeoplePickerProps,
  text: string,
  isOpen: boolean,
): Found => {
  const wanted = useSettled(text.trim())
  const users = useQuery({
    ...foundPeopleQuery(organizationId, wanted),
    enabled: isOpen && kinds.includes("user"),
    placeholderData: keepPreviousData,
  })
  const groups = useQuery({
    ...groupsQuery(organizationId ?? ""),
    enabled: isOpen && kinds.includes("group") && organizationId !== undefined,
  })
  const all = [...groupsNamed(groups.data ?? [], wanted), ...(users.data ?? [])]
  return {
    people: all.filter(({ id }) => !excluded.includes(id)),
    busy: wanted !== text.trim() || users.isFetching || groups.isLoading,
    error: users.error ?? groups.error,
  }
}

const Option = ({ found: { kind, name, note, serviceAccount } }: { readonly found: PickedPerson }) => (
  <>
    <Avatar name={name} kind={kind} />
    <span className="min-w-0 shrink truncate">{proseText(name)}</span>
    {kind === "group" && <Tag>group</Tag>}
    {serviceAccount && <Tag>service account</Tag>}
    <span className="ml-auto min-w-0 truncate text-xs text-ink-faint">{proseText(note)}</span>
  </>
)

interface ListProps extends Found {
  readonly id: string
  readonly field: RefObject<HTMLInputElement | null>
  readonly active: number
  readonly setActive: (index: number) => void
  readonly onPick: (picked: PickedPerson) => void
  readonly close: () => void
}

const keepFocus = (): void => undefined

/** What was found, beneath the field and as wide as it, above all else. */
const List = ({ id, field, people, busy, error, active, setActive, onPick, close }: ListProps) => {
  const box = useRef<HTMLDivElement>(null)
  useOverlay({ box, button: field, side: "bottom", align: "start", begin: keepFocus, close })
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" })
  }, [active])
  return (
    <div
      ref={box}
      popover="manual"
      style={{ width: field.current?.offsetWidth }}
      className="flex-col overflow-hidden rounded-card border border-line-strong bg-overlay p-1 text-sm text-ink shadow-overlay open:flex"
    >
      <div id={id} role="listbox" aria-label="Found" className="max-h-72 min-h-0 overflow-y-auto">
        {people.map((found, index) => (
          <button
            key={found.id}
            type="button"
            tabIndex={-1}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => setActive(index)}
            onClick={() => onPick(found)}
            className="flex min-h-8 w-full items-center gap-2 rounded-small px-2 text-left pointer-coarse:min-h-11 aria-selected:bg-hover"
          >
            <Option found={found} />
          </button>
        ))}
      </div>
      <p role="status" className="px-2 py-1.5 text-ink-faint empty:hidden">
        {error !== null ? messageOf(error) : people.length > 0 ? "" : busy ? "Searching…" : "Nobody else is called so."}
      </p>
    </div>
  )
}

/**
 * A field that finds people and groups by a piece of what they are called: letters find, arrows go through what is found, Enter picks it,
 * and the field is empty for the next. What becomes of who was picked is for the page to say.
 */
export const PeoplePicker = (props: PeoplePickerProps) => {
  const { label, kinds, organizationId, excluded = [], onPick, firstFocus = false } = props
  const queryClient = useQueryClient()
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState("")
  const [isOpen, setOpen] = useState(false)
  const [index, setIndex] = useState(0)
  const found = useFound(props, text, isOpen)
  const active = Math.min(index, found.people.length - 1)
  const close = useCallback(() => setOpen(false), [])

  const pick = (picked: PickedPerson) => {
    setText("")
    setIndex(0)
    close()
    onPick(picked)
  }
  /** Enter was pressed before what belongs to the text is there. Who has written on meanwhile wants something else. */
  const pickFirst = async () => {
    const wanted = text.trim()
    const people = await findPeople(queryClient, kinds, organizationId, wanted)
    const first = people.find(({ id: found }) => !excluded.includes(found))
    if (first !== undefined && field.current?.value.trim() === wanted) pick(first)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const chosen = found.people[active]
    if (step !== undefined) {
      if (isOpen) setIndex(Math.max(0, Math.min(active + step, found.people.length - 1)))
      else setOpen(true)
    } else if (event.key === "Enter" && isOpen) {
      // What was refused is said by the list, which asks the same.
      if (found.busy) void pickFirst().catch(() => undefined)
      else if (chosen !== undefined) pick(chosen)
    } else if (event.key === "Escape" && isOpen) close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {label}
      </label>
      <div className="relative">
        <input
          ref={field}
          id={id}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={isOpen ? `${id}-list` : undefined}
          aria-activedescendant={isOpen && active >= 0 ? `${id}-list-${active}` : undefined}
          data-first-focus={firstFocus || undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={kinds.includes("group") ? "Name, username, email or group" : "Name, username or email"}
          value={text}
          onChange={({ target }) => {
            setText(target.value)
            setIndex(0)
            setOpen(true)
          }}
          onClick={() => setOpen(true)}
          onBlur={close}
          onKeyDown={onKeyDown}
          className="h-8 w-full rounded-control border border-control-line bg-raised px-2.5 pr-8 text-md text-ink pointer-coarse:h-11"
        />
        {isOpen && found.busy && (
          <Spinner className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-ink-faint" />
        )}
      </div>
      {isOpen && <List {...found} id={`${id}-list`} {...{ field, active, setActive: setIndex, onPick: pick, close }} />}
    </div>
  )
}

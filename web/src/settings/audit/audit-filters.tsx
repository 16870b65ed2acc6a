import { useQuery } from "@tanstack/react-query"
import { CalendarDays, ChevronDown, X } from "lucide-react"
import { type RefObject, useCallback, useRef, useState } from "react"
import { PeoplePicker } from "../../people/people-picker.tsx"
import { Button, buttonClass } from "../../ui/button.tsx"
import { TextField } from "../../ui/field.tsx"
import { Popover } from "../../ui/popover.tsx"
import { FilterMenu } from "../people/filter-menu.tsx"
import { organizationsQuery } from "../people/people-data.ts"
import { pairOf, withPair } from "../people/query-pairs.ts"
import { SearchBox } from "../people/search-box.tsx"
import { ACTIONS, TYPES, typeTitle } from "./audit-words.ts"

interface FilterProps {
  readonly text: string
  readonly onChange: (text: string) => void
}

/** A button that opens a box of its own, which is there as long as it is open. */
const useBox = () => {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const close = useCallback(() => setOpen(false), [])
  return { button, open, close, toggle: () => setOpen(!open) }
}

interface BoxButtonProps {
  readonly button: RefObject<HTMLButtonElement | null>
  readonly open: boolean
  readonly label: string
  readonly chosen: string | undefined
  readonly onClick: () => void
}

const BoxButton = ({ button, open, label, chosen, onClick }: BoxButtonProps) => (
  <button
    ref={button}
    type="button"
    aria-haspopup="dialog"
    aria-expanded={open}
    onClick={onClick}
    className={`${buttonClass(chosen === undefined ? "quiet" : "plain")} aria-expanded:bg-hover`}
  >
    {label}
    {chosen !== undefined && <span className="text-accent">{chosen}</span>}
    <ChevronDown aria-hidden className="size-3.5 text-ink-faint" />
  </button>
)

const Who = ({ text, onChange }: FilterProps) => {
  const { button, open, close, toggle } = useBox()
  const chosen = pairOf(text, "username")
  const choose = (username: string | undefined) => {
    onChange(withPair(text, "username", username))
    button.current?.focus()
    close()
  }
  return (
    <>
      <BoxButton {...{ button, open, label: "Who", chosen }} onClick={toggle} />
      {open && (
        <Popover {...{ button, close }} label="Who" side="bottom" align="start" className="w-80 gap-3 p-3">
          <PeoplePicker
            label="Changes by"
            kinds={["user"]}
            firstFocus
            // The note begins with the username where it is not the name itself.
            onPick={({ name, note }) => choose(note.includes(" · ") ? note.split(" · ")[0] : name)}
          />
          {chosen !== undefined && <Button onClick={() => choose(undefined)}>Everybody</Button>}
        </Popover>
      )}
    </>
  )
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Days as a date field has them. The last day of a span is within it: the search takes the one after. */
const nextDay = (day: string, by: 1 | -1): string => {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + by)
  return date.toISOString().slice(0, 10)
}

const When = ({ text, onChange }: FilterProps) => {
  const { button, open, close, toggle } = useBox()
  const from = pairOf(text, "date_from") ?? ""
  const until = pairOf(text, "date_to") ?? ""
  const last = DAY.test(until) ? nextDay(until, -1) : ""
  const chosen = from === "" && until === "" ? undefined : `${from || "the beginning"} to ${last || "now"}`
  const set = (key: "date_from" | "date_to", day: string) =>
    onChange(withPair(text, key, day === "" ? undefined : key === "date_to" ? nextDay(day, 1) : day))
  return (
    <>
      <BoxButton {...{ button, open, label: "When", chosen }} onClick={toggle} />
      {open && (
        <Popover {...{ button, close }} label="When" side="bottom" align="start" className="w-64 gap-3 p-3">
          <TextField
            label="First day"
            type="date"
            value={DAY.test(from) ? from : ""}
            {...(last !== "" && { max: last })}
            onChange={({ target }) => set("date_from", target.value)}
          />
          <TextField
            label="Last day"
            type="date"
            value={last}
            {...(DAY.test(from) && { min: from })}
            onChange={({ target }) => set("date_to", target.value)}
          />
          <p className="flex items-center gap-1.5 text-xs text-ink-faint">
            <CalendarDays aria-hidden className="size-3.5" /> Days of UTC
          </p>
          {chosen !== undefined && (
            <Button onClick={() => onChange(withPair(withPair(text, "date_from", undefined), "date_to", undefined))}>
              Any time
            </Button>
          )}
        </Popover>
      )}
    </>
  )
}

/** Pairs that no filter shows: which thing, which request, which entry. */
const SINGLE: Readonly<Record<string, string>> = {
  id: "Entry",
  resource_id: "Thing",
  request_id: "Request",
  email: "Email",
}

/** What a search is narrowed to beside the filters, each with the way to take it away. */
const Chips = ({ text, onChange }: FilterProps) => {
  const chips = Object.entries(SINGLE).flatMap(([key, title]) => {
    const value = pairOf(text, key)
    return value === undefined ? [] : [{ key, title, value }]
  })
  return chips.map(({ key, title, value }) => (
    <Button
      key={key}
      size="small"
      aria-label={`${title} ${value}: show all`}
      onClick={() => onChange(withPair(text, key, undefined))}
    >
      {title} <span className="max-w-32 truncate font-mono text-accent">{value}</span>
      <X aria-hidden className="size-3.5 text-ink-faint" />
    </Button>
  ))
}

/** The search of the log, and filters that write into it. */
export const AuditFilters = ({ text, onChange }: FilterProps) => {
  const organizations = useQuery(organizationsQuery).data ?? []
  const filter = (key: string) => ({
    value: pairOf(text, key),
    onChange: (value: string | undefined) => onChange(withPair(text, key, value)),
  })
  return (
    <search aria-label="Search the audit log" className="flex flex-wrap items-center gap-1.5">
      <SearchBox
        label="Search the audit log"
        placeholder="Name of what was changed, or key:value"
        value={text}
        onChange={onChange}
      />
      <FilterMenu
        label="Thing"
        choices={Object.keys(TYPES).map((type) => {
          const title = typeTitle(type)
          return [type, title.charAt(0).toUpperCase() + title.slice(1)]
        })}
        {...filter("resource_type")}
      />
      <FilterMenu label="Action" choices={Object.entries(ACTIONS)} {...filter("action")} />
      <Who {...{ text, onChange }} />
      {organizations.length > 1 && (
        <FilterMenu
          label="Organization"
          choices={organizations.map(({ name, display_name }) => [name, display_name || name])}
          {...filter("organization")}
        />
      )}
      <When {...{ text, onChange }} />
      <Chips {...{ text, onChange }} />
    </search>
  )
}

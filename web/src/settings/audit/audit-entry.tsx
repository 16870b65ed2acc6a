import { Link } from "@tanstack/react-router"
import { ChevronRight } from "lucide-react"
import { type ReactNode, useId, useState } from "react"
import type { AuditEntry } from "../../../../src/contract/audit.ts"
import { CopyButton } from "../../ui/copy-button.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { AuditActor, actorName, actorTitle } from "./audit-actor.tsx"
import { AuditChange } from "./audit-change.tsx"
import { AuditTarget } from "./audit-target.tsx"
import { deedOf, fieldTitle, shownValue } from "./audit-words.ts"

/** Columns of the table. Phones have room for two: who it was stands with what he did. */
export const columnsOf = (roomy: boolean): ReadonlyArray<readonly [title: string, className: string]> =>
  roomy
    ? [
        ["Time", "w-46"],
        ["Who", "w-48"],
        ["What", ""],
        ["Address", "w-36"],
      ]
    : [
        ["Time", "w-28"],
        ["What", ""],
      ]

const dayOf = (time: Date): string =>
  time.toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    ...(time.getFullYear() !== new Date().getFullYear() && { year: "numeric" }),
  })
const clockOf = (time: Date): string => time.toLocaleTimeString(undefined, { hour12: false })

const Fact = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <div className="flex min-w-0 gap-2">
    <dt className="w-24 shrink-0 text-ink-faint">{title}</dt>
    <dd className="flex min-w-0 items-center gap-1.5 text-ink-soft [overflow-wrap:anywhere]">{children}</dd>
  </div>
)

const entryLink = (id: string): string => `${location.origin}/settings/audit?q=id:${id}`

const link = "text-accent underline underline-offset-3"

/** All that is known of one entry. */
export const AuditDetails = ({ entry }: { readonly entry: AuditEntry }) => {
  const { actor, additional_fields: more, organization, request_id: requestId } = entry
  return (
    <div className="flex flex-col gap-3 text-xs">
      <AuditChange diff={entry.diff} />
      <dl className="grid gap-x-6 gap-y-1 lg:grid-cols-2">
        <Fact title="Who">
          <span>
            {actorName(actor)} ({actorTitle(actor).toLowerCase()}){" "}
            {actor.kind !== "system" && actor.username !== "" && (
              <Link to="/settings/audit" search={{ q: `username:${actor.username}` }} className={link}>
                All by {actorName(actor)}
              </Link>
            )}
          </span>
        </Fact>
        {organization !== undefined && <Fact title="Organization">{proseText(organization.name)}</Fact>}
        {entry.ip !== undefined && <Fact title="Address">{entry.ip}</Fact>}
        {entry.user_agent !== undefined && <Fact title="Program">{proseText(entry.user_agent)}</Fact>}
        {actor.token_id !== undefined && (
          <Fact title="API token">
            <span className="font-mono">{actor.token_id}</span>
          </Fact>
        )}
        {requestId !== undefined && (
          <Fact title="Request">
            <Link to="/settings/audit" search={{ q: `request_id:${requestId}` }} className={`font-mono ${link}`}>
              {requestId}
            </Link>
            <CopyButton label="Copy the request id" text={requestId} />
          </Fact>
        )}
        <Fact title="About">
          <Link
            to="/settings/audit"
            search={{ q: `resource_type:${entry.resource_type} resource_id:${entry.resource_id}` }}
            className={link}
          >
            All about {proseText(entry.resource_target)}
          </Link>
        </Fact>
        {Object.entries(more).map(([name, value]) => (
          <Fact key={name} title={fieldTitle(name)}>
            {proseText(shownValue(value))}
          </Fact>
        ))}
        <Fact title="Entry">
          <span className="font-mono">{entry.id}</span>
          <CopyButton label="Copy the link to this entry" text={entryLink(entry.id)} />
        </Fact>
      </dl>
    </div>
  )
}

interface AuditEntryRowProps {
  readonly entry: AuditEntry
  /** It is what one came for. */
  readonly opened: boolean
  /** There is room for all columns. */
  readonly roomy: boolean
}

/** Things of an organization, of which others may have some of the same name. */
const WITHIN: ReadonlySet<string> = new Set(["organization_member", "group", "custom_role"])

/** One entry as a line of the table, which opens to show what was and what is. */
export const AuditEntryRow = ({ entry, opened, roomy }: AuditEntryRowProps) => {
  const [open, setOpen] = useState(opened)
  const id = useId()
  const time = new Date(entry.time)
  const { verb, named } = deedOf(entry)
  const { organization } = entry
  return (
    <>
      <tr data-row className={`align-top hover:bg-hover ${open ? "bg-hover" : ""}`}>
        <th scope="row" className="p-0 text-left font-normal">
          <button
            type="button"
            data-item
            tabIndex={-1}
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            onClick={() => setOpen(!open)}
            className="flex min-h-9 w-full items-start gap-1.5 py-2 pr-2 pl-2 text-left text-ink-soft tabular-nums -outline-offset-2 pointer-coarse:min-h-11 md:pl-3"
          >
            <ChevronRight
              aria-hidden
              className={`mt-0.5 size-3.5 shrink-0 text-ink-faint transition-transform ${open ? "rotate-90" : ""}`}
            />
            <time dateTime={entry.time} title={time.toLocaleString()} className="flex min-w-0 flex-wrap gap-x-2">
              <span className="whitespace-nowrap">{dayOf(time)}</span>
              <span className="whitespace-nowrap text-ink-faint">{clockOf(time)}</span>
            </time>
          </button>
        </th>
        {roomy && (
          <td className="px-3 py-2">
            <AuditActor actor={entry.actor} />
          </td>
        )}
        <td className="px-2 py-2 text-ink-soft [overflow-wrap:anywhere] md:px-3">
          {!roomy && <AuditActor actor={entry.actor} />}
          {verb} {named && <AuditTarget entry={entry} />}
          {organization !== undefined && WITHIN.has(entry.resource_type) && ` in ${proseText(organization.name)}`}
        </td>
        {roomy && <td className="px-3 py-2 text-ink-faint tabular-nums [overflow-wrap:anywhere]">{entry.ip ?? ""}</td>}
      </tr>
      {open && (
        <tr id={id} className="bg-sunken">
          <td colSpan={columnsOf(roomy).length} className="px-3 py-3 md:pl-8">
            <AuditDetails entry={entry} />
          </td>
        </tr>
      )}
    </>
  )
}

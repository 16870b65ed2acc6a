import { Bot, Cog, KeyRound, type LucideIcon, Terminal, Timer, UserRound } from "lucide-react"
import type { AuditEntry } from "../../../../src/contract/audit.ts"
import { proseText } from "../../ui/prose-text.ts"

type Actor = AuditEntry["actor"]

const kinds: Readonly<Record<Actor["kind"], { readonly Icon: LucideIcon; readonly title: string }>> = {
  person: { Icon: UserRound, title: "Person" },
  token: { Icon: KeyRound, title: "Person, by API token" },
  service_account: { Icon: Terminal, title: "Service account" },
  agent: { Icon: Bot, title: "Agent" },
  automation: { Icon: Timer, title: "Automation" },
  system: { Icon: Cog, title: "The server by itself" },
}

/** Kinds that only the sign tells from a person. */
const WORDED: ReadonlySet<Actor["kind"]> = new Set(["service_account", "agent", "automation"])

export const actorTitle = ({ kind }: Actor): string => kinds[kind].title

/** What whoever did something is called; somebody without a name is nobody, and the server has none. */
export const actorName = ({ kind, username }: Actor): string =>
  kind === "system" ? "The server" : username === "" ? "Somebody who is not signed in" : proseText(username)

/** Who did it, with the sign of what he is: a person, a program, the server. */
export const AuditActor = ({ actor }: { readonly actor: Actor }) => {
  const { Icon, title } = kinds[actor.kind]
  return (
    <span className="flex min-w-0 items-center gap-2" title={title}>
      <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <span className="min-w-0 truncate font-medium text-ink">{actorName(actor)}</span>
      {actor.kind === "token" && <span className="shrink-0 text-xs text-ink-faint">by token</span>}
      {WORDED.has(actor.kind) && <span className="sr-only">{title}</span>}
    </span>
  )
}

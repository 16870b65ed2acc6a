import { Unplug } from "lucide-react"
import type { Attempt } from "../../../src/contract/chats.ts"
import { Parts } from "./parts.tsx"
import { RowDisclosure } from "./row-disclosure.tsx"

/** How it ended, by the reason that the server gives. */
const ends: ReadonlyMap<string | null, string> = new Map([
  ["retry", "Cut off"],
  ["crash", "Cut off by a restart"],
  ["yield", "Cut off between two slots"],
  ["steer", "Cut off by a message that steers"],
  ["edit", "Dropped by an edit"],
  ["error", "Failed"],
])

/** `Cut off, try 1`: tries at one reply are counted from 1. */
const labelOf = ({ reason, attempt }: Attempt): string =>
  `${ends.get(reason) ?? "Ended without a message"}, try ${attempt}`

interface LostAttemptProps {
  readonly attempt: Attempt
  readonly id: string
  /** It is the last one, cut off just now: it stands where it was, marked, and who reads it may go on reading. */
  readonly open: boolean
}

/** Text that was shown but did not become a message. The model does not see it. */
export const LostAttempt = ({ attempt, id, open }: LostAttemptProps) => (
  <div className="@container">
    <RowDisclosure
      id={id}
      icon={<Unplug aria-hidden />}
      label={<span className={open ? "font-medium text-danger" : ""}>{labelOf(attempt)}</span>}
      open={open}
      // What became of it is said first where there is no room for both.
      aside={<span className="hidden @md:inline">not part of the conversation</span>}
    >
      <div className="ml-2 border-l-2 border-danger/50 pl-4.5 text-ink-soft">
        <Parts parts={attempt.content} id={id} />
      </div>
    </RowDisclosure>
  </div>
)

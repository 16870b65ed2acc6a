import { Unplug } from "lucide-react"
import type { Attempt } from "../../../src/contract/chats.ts"
import { Parts } from "./parts.tsx"
import { RowDisclosure } from "./row-disclosure.tsx"

const reasons: Readonly<Record<string, string>> = {
  retry: "An attempt was cut off and tried again",
  crash: "An attempt was cut off by a restart",
  edit: "An answer was dropped by an edit",
  error: "An attempt ended with an error",
}

interface LostAttemptProps {
  readonly attempt: Attempt
  readonly id: string
  /** It was cut off just now: who reads it may go on reading. */
  readonly open: boolean
}

/** Text that was shown but did not become a message. The model does not see it. */
export const LostAttempt = ({ attempt, id, open }: LostAttemptProps) => (
  <RowDisclosure
    id={id}
    icon={<Unplug aria-hidden />}
    label={reasons[attempt.reason ?? ""] ?? "An attempt ended without a message"}
    open={open}
    // What became of it is said first where there is no room for both.
    aside={<span className="hidden sm:inline">not part of the conversation</span>}
  >
    <div className="ml-2 border-l-2 border-dashed border-line-strong pl-4.5 opacity-80">
      <Parts parts={attempt.content} id={id} />
    </div>
  </RowDisclosure>
)
